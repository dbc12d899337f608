import type { Plan } from '../../plan/types.ts'
import type { RunEvent } from './events.ts'
import type { StepState } from './step-state.ts'

export type BodyOf<T extends RunEvent['type']> = Extract<RunEvent, { type: T }>['body']

/** What the log says of one check at the end. */
export type CheckState = {
  key: string
  title: string
  runbook: string
  group?: string
  time: string
  entry: number
} & Omit<BodyOf<'check.observed'>, 'check'>

/** That an operator went on alone, and who has countersigned it. */
export type Overridden = BodyOf<'policy.overridden'> & { time: string; entry: number } & {
  countersigned?: BodyOf<'override.countersigned'> & { time: string; entry: number }
}

/** What the log says of one run. `closed` is absent for a run that is still going on, or was cut off. */
export type RunState = {
  run: string
  openedAt: string
  opened: BodyOf<'run.opened'>
  /** The number of the entry that opened it. */
  entry: number
  /** Locks of runs that were cut off, taken over by this one. */
  takenOver: (BodyOf<'lock.taken-over'> & { entry: number })[]
  plan?: Plan
  planDigest?: string
  /** Who began it and who went on with it, where they have signed. */
  operators: (BodyOf<'operator.identified'> & { time: string; entry: number })[]
  approvals: (BodyOf<'plan.approved'> & { time: string; entry: number })[]
  /** Each time that an operator went on alone, and who has countersigned that since. */
  overrides: Overridden[]
  steps: Map<string, StepState>
  checks: CheckState[]
  backfill: (BodyOf<'backfill.observed'> & { entry: number })[]
  closed?: BodyOf<'run.closed'> & { time: string; entry: number }
  /** Each time that somebody went on with it, and how it had ended before; left out where it was cut off. */
  resumed: (BodyOf<'run.resumed'> & { time: string; entry: number; after?: BodyOf<'run.closed'> })[]
}
