import type { RunEvent } from '../run/model/events.ts'
import type { RanCommand } from '../steps/world.ts'

/** An event that the log stores. */
export type LogEvent = RunEvent

/** An event, with the gcloud commands that have ended since the previous entry. */
export type LoggedEvent = LogEvent & { body: { commands?: RanCommand[] } }

/**
 * A line of the audit log, as RFC 8785 canonical JSON. `seq` counts from 1 without gaps; `prev` is the SHA-256 (hex) of the
 * previous line's stored bytes without its line feed, or 64 zeros for the first line; `time` is UTC.
 */
export type Entry = { seq: number; prev: string; time: string; run: string } & LoggedEvent

/** The `prev` of the first entry. */
export const NO_PREV = '0'.repeat(64)
