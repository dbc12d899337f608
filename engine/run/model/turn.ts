import type { PlannedStep } from '../../plan/types.ts'
import type { Done } from './course.ts'
import type { Place, Seen } from './host.ts'
import type { StepStatus } from './step-status.ts'
import type { Instant } from './time-taken.ts'

/** What became of a step, and why in a few words; for a change that is there, what its undo needs to know. */
export type StepEnd = { status: StepStatus | 'aborted' | 'undo-last'; note: string; done?: Omit<Done, 'run'> }

/** A step's turn: how it stands, how often it was tried, its place among those that are asked about, and when work on it began (a person's time doesn't count). */
export type Turn = Place & { planned: PlannedStep; seen: Seen; tried: number; startedAt: Instant }
