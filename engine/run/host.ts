import type { Plan, PlannedStep } from '../plan/types.ts'
import type { Status } from '../steps/types.ts'
import type { World } from '../steps/world.ts'
import type { BackfillNote, BackfillStatus, Repository } from './backfill.ts'
import type { Decision, RunEvent, Verdict } from './events.ts'

/** Who consents: a person at the terminal, or `--yes` in their place. */
export type Operator = {
  name: string
  /** `moved`: the value is no longer the one that the plan showed. */
  decide(step: PlannedStep, moved: boolean, place: { number: number; of: number }): Promise<Decision>
  /** Whether the operator typed a protected environment's project id; asked once, before the first change. */
  enter(environment: Plan['environment']): Promise<'typed' | 'not-asked' | 'refused'>
  /** Whether the run may go on without a step that could not be told, and why; else it stops before any change. */
  passOver(step: PlannedStep): Promise<{ reason: string } | 'stop'>
  /** Waits while the operator does a step by hand. */
  byHand(step: PlannedStep): Promise<void>
}

/** What the person may follow while it happens; nothing depends on it. */
export type Moment =
  | { moment: 'step-applying'; key: string; title: string; attempt: number }
  | { moment: 'step-reading-back'; key: string; reads: number }
  | { moment: 'step-ended'; key: string; title: string; fate: StepFate; note: string; durationMs: number }
  | { moment: 'checks-started'; checks: { key: string; title: string }[] }
  | { moment: 'backfill-observed'; file: string; says: string; status: BackfillStatus; note?: BackfillNote }
  | { moment: 'check-ended'; key: string; title: string; status: Status; note: string; durationMs: number }

/** What became of a step in a run. */
export type StepFate = 'conformant' | 'skipped' | 'left' | 'unreadable' | Verdict

/** Everything that the loop needs from outside. `append` returns once the event is on disk, or throws. */
export type RunHost = {
  world: World
  width: number
  operator: Operator
  /** The checkout that the backfill is held against, where one was named. */
  repository?: Repository
  append(event: RunEvent): Promise<void>
  /** Answers once it is shown. */
  tell(moment: Moment): Promise<void>
  stopRequested(): boolean
}

/** The person asked to stop (Ctrl-C, or a signal) at a point where nothing is running. */
export class Interrupted extends Error {}
