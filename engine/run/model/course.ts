import type { BackfillPoint } from '../../plan/backfill.ts'
import type { Plan, PlannedStep } from '../../plan/types.ts'
import type { BoundStep, Observation } from '../../steps/types.ts'
import type { Evidence } from '../../steps/world.ts'
import type { Ending } from './events.ts'
import type { Seen } from './host.ts'
import type { Baseline } from './step-state.ts'
import type { StepStatus } from './step-status.ts'

/** A step that is still to be asked about, how it stands, and how often it was tried before. */
export type OpenStep = {
  planned: PlannedStep
  seen: Seen
  tried: number
  /** The step as it was where a change of ours began that was left half done. */
  baseline?: PlannedStep
}

/** How far a run has come: what became of steps, which are still open, and which changes of it are there, the one that ended last first. */
export type RunProgress = { plan: Plan; statuses: Map<string, StepStatus>; open: OpenStep[]; done: Done[] }

/** What a plan is carried out with: its bound steps, the checks at the end, and what the repository must say. */
export type BoundWork = { steps: BoundStep[]; checks: BoundStep[]; backfill: BackfillPoint[] }

/** Where the change of a step began that an earlier run has left half done; undefined where none has. */
export type BaselineOf = (step: PlannedStep) => Baseline | undefined

/** A change that is there: its step as it was right before, with its undo, and what was read after it. */
export type Done = {
  run: string
  planned: PlannedStep
  readBack: Observation
  evidence?: Evidence
  /** It was neither as before nor as it must be afterwards, or nobody has read it. */
  halfDone?: boolean
  /** Whether a call of ours made it is not known. */
  maybeNotOurs?: boolean
  /** Cloud Audit Logs show the call of ours that made it. */
  isOurs?: boolean
}

/** How the run ended and why, in one sentence. */
export type RunEnd = { ending: Ending; reason: string }
