import { type Head, nextLine } from './chain.ts'
import type { LogEvent } from './entry.ts'
import { maskDeep } from './redact.ts'

/** The append-only store of one incident's log: `append` answers once the line is on disk (fsynced), or throws. */
export type LogStore = { append(line: string): Promise<void> }

/** The log could not be written: the run stops, and nothing more is done. */
export class LogNotWritten extends Error {}

/**
 * Writes one run's events to a log, one after the other, masked and chained, and tells `onLine` of each line that is
 * on disk. After a failed append the writer refuses all others: a gap can't be hidden behind a later success.
 */
export function makeWriter(
  store: LogStore,
  head: Head,
  run: string,
  now: () => Date,
  mask: (text: string) => string,
  onLine: (line: string, event: LogEvent) => Promise<void> = async () => {},
): { append(event: LogEvent): Promise<void>; head(): Head } {
  let current = head
  let turn: Promise<void> = Promise.resolve()
  const append = async (event: LogEvent): Promise<void> => {
    const next = nextLine(current, now(), run, maskDeep(event, mask))
    await store.append(next.line)
    current = next.head
    await onLine(next.line, event)
  }
  return {
    append(event) {
      turn = turn
        .then(() => append(event))
        .catch((error: unknown) => {
          throw error instanceof LogNotWritten
            ? error
            : new LogNotWritten(`the audit log could not be written: ${(error as Error).message}`)
        })
      return turn
    },
    head: () => current,
  }
}
