import { createHash } from 'node:crypto'
import canonicalize from 'canonicalize'
import { type Entry, type LoggedEvent, NO_PREV } from './entry.ts'
import { unsafeIn } from './entry-shape.ts'

/** The end of a log: its number of entries and the SHA-256 of the last line's bytes. */
export type Head = { size: number; hash: string }

/** The head of a log with no entries. */
export const EMPTY: Head = { size: 0, hash: NO_PREV }

/** Returns the next line of a log (canonical JSON, without the line feed) and the head after it. Throws on values that no reader accepts: lone surrogates, numbers beyond 2^53, too many levels. */
export function nextLine(head: Head, time: Date, run: string, event: LoggedEvent): { line: string; head: Head } {
  const entry = { seq: head.size + 1, prev: head.hash, time: time.toISOString(), run, ...event } as Entry
  const unsafe = unsafeIn(entry)
  if (unsafe !== undefined) throw new Error(unsafe)
  const line = canonicalize(entry)
  if (line === undefined) throw new Error('an entry has no JSON form')
  return { line, head: { size: entry.seq, hash: hashLine(line) } }
}

/** Returns the SHA-256 (hex) of a line's bytes. */
export const hashLine = (line: string | Uint8Array): string => createHash('sha256').update(line).digest('hex')
