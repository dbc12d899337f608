import type { RunEvent } from '../run/model/events.ts'
import type { RanCommand } from '../steps/world.ts'

/** What the log itself has to say, beside what happens in runs. */
export type LogEvent = RunEvent

/** What happened, and the gcloud commands that ended since the entry before. */
export type Told = LogEvent & { body: { commands?: RanCommand[] } }

/**
 * One line of the audit log, as RFC 8785 canonical JSON. `seq` counts from 1 without a gap; `prev` is the SHA-256
 * (hex) of the previous line's stored bytes without its line feed, 64 zeros before the first; `time` is UTC.
 */
export type Entry = { seq: number; prev: string; time: string; run: string } & Told

/** The `prev` of the first entry. */
export const NO_PREV = '0'.repeat(64)
