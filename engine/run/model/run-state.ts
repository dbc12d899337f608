import type { Plan } from '../../plan/types.ts'
import type { RunEvent } from './events.ts'
import type { StepState } from './step-state.ts'

export type BodyOf<T extends RunEvent['type']> = Extract<RunEvent, { type: T }>['body']

/** What the log says about one check. */
export type CheckState = {
  key: string
  title: string
  runbook: string
  group?: string
  time: string
  entry: number
} & Omit<BodyOf<'check.observed'>, 'check'>

/** A solo override, and who has countersigned it. */
export type Overridden = BodyOf<'policy.overridden'> & { time: string; entry: number } & {
  countersigned?: BodyOf<'override.countersigned'> & { time: string; entry: number }
}

/** What the log says about one run. `closed` is absent if it is running or was cut off. */
export type RunState = {
  run: string
  openedAt: string
  opened: BodyOf<'run.opened'>
  /** The number of the entry that opened it. */
  entry: number
  /** Locks that this run took over from runs that were cut off. */
  takenOver: (BodyOf<'lock.taken-over'> & { entry: number })[]
  plan?: Plan
  planDigest?: string
  /** The operators who started or resumed it and signed. */
  operators: (BodyOf<'operator.identified'> & { time: string; entry: number })[]
  approvals: (BodyOf<'plan.approved'> & { time: string; entry: number })[]
  /** Its solo overrides, with countersignatures. */
  overrides: Overridden[]
  steps: Map<string, StepState>
  checks: CheckState[]
  backfill: (BodyOf<'backfill.observed'> & { entry: number })[]
  closed?: BodyOf<'run.closed'> & { time: string; entry: number }
  /** Its resumes, with how it had ended before; `after` is left out if it was cut off. */
  resumed: (BodyOf<'run.resumed'> & { time: string; entry: number; after?: BodyOf<'run.closed'> })[]
}
