import type { PlannedStep } from '../../plan/types.ts'
import type { StepCondition, StepPosition } from './host.ts'
import type { Done } from './progress.ts'
import type { StepStatus } from './step-status.ts'
import type { Instant } from './time-taken.ts'

/** How a step ended, and why in a few words; `done` is what the undo of a change needs. */
export type StepEnd = { status: StepStatus | 'aborted' | 'undo-last'; note: string; done?: Omit<Done, 'run'> }

/**
 * A step being run: how it stands, how often it was tried, its position, and when work on it began (a person's time
 * doesn't count).
 */
export type StepRun = StepPosition & {
  planned: PlannedStep
  condition: StepCondition
  tried: number
  startedAt: Instant
}
