import type { PlannedStep } from '../../plan/types.ts'
import type { Done } from './course.ts'
import type { Place, Seen } from './host.ts'
import type { StepStatus } from './step-status.ts'
import type { Instant } from './time-taken.ts'

/** How a step ended, and why in a few words; `done` is what the undo of a change needs. */
export type StepEnd = { status: StepStatus | 'aborted' | 'undo-last'; note: string; done?: Omit<Done, 'run'> }

/**
 * A step being run: how it stands, how often it was tried, its position, and when work on it began (a person's time
 * doesn't count).
 */
export type Turn = Place & { planned: PlannedStep; seen: Seen; tried: number; startedAt: Instant }
