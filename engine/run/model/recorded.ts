import type { RunEvent } from './events.ts'

/** An event as the log keeps it: when, and in which run. */
export type Recorded = { seq: number; time: string; run: string } & RunEvent
