import type { BackfillPoint } from '../../plan/backfill.ts'
import type { Plan, PlannedStep } from '../../plan/types.ts'
import type { BoundStep, Observation } from '../../steps/types.ts'
import type { Evidence } from '../../steps/world.ts'
import type { Ending } from './events.ts'
import type { StepCondition } from './host.ts'
import type { Baseline } from './step-state.ts'
import type { StepStatus } from './step-status.ts'

/** A pending step, how it stands, and how often it was tried. */
export type PendingStep = {
  planned: PlannedStep
  condition: StepCondition
  tried: number
  /** The step where our change began, if an earlier run left it partial. */
  baseline?: PlannedStep
}

/** A run's progress: how steps ended, which are pending, and which changes took effect, newest first. */
export type RunProgress = { plan: Plan; statuses: Map<string, StepStatus>; pending: PendingStep[]; done: Done[] }

/** What a run executes besides its plan: bound steps, checks, and what the repository must contain. */
export type BoundWork = { steps: BoundStep[]; checks: BoundStep[]; backfill: BackfillPoint[] }

/** Returns where the change of a step began that an earlier run left partial; undefined if none did. */
export type BaselineOf = (step: PlannedStep) => Baseline | undefined

/** A change that took effect: the step right before it, with its undo, and what was read after it. */
export type Done = {
  run: string
  planned: PlannedStep
  readBack: Observation
  evidence?: Evidence
  /** The change is partial, or nobody has read it. */
  partial?: boolean
  /** It is unknown whether our call made it. */
  maybeNotOurs?: boolean
  /** Cloud Audit Logs show that our call made it. */
  isOurs?: boolean
}

/** How a run ended, and why in one sentence. */
export type RunEnd = { ending: Ending; reason: string }
