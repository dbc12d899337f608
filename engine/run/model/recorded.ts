import type { RunEvent } from './events.ts'

/** An event in the log: when, and in which run. */
export type Recorded = { seq: number; time: string; run: string } & RunEvent
