import type { RanCommand } from '../steps/world.ts'
import { type Head, nextLine } from './chain.ts'
import type { LogEvent, LoggedEvent } from './entry.ts'
import { misfitOf } from './entry-shape.ts'
import { findSecret } from './find-secret.ts'
import type { Redactor } from './redact.ts'

/** The append-only store of an incident's log. `append` resolves once the line is on disk (fsynced), or throws. */
export type LogStore = { append(line: string): Promise<void> }

/** Thrown if the log could not be written: the run stops, and nothing more is done. */
export class LogNotWritten extends Error {}

/** The writer of a run's events. */
export type Writer = {
  /** Appends an event of the run, or of one within it. */
  append(event: LogEvent, of?: string): Promise<void>
  head(): Head
  /** Returns the lines written so far. */
  lines(): readonly string[]
  /** Returns whether an append has failed; nothing more is written after that. */
  failed(): boolean
}

/**
 * Makes a writer that appends a run's events, and those of the runs within it (`of`), to a log: one at a time, chained and
 * unmasked. It refuses an event that contains a secret and one that no reader accepts. `takeRan` returns the commands that ran
 * since its last call, except those of steps other than the event's; `onLine` handles each line that is on disk. After a failed
 * append the writer refuses all others: a later success must not hide a gap.
 */
export function makeWriter(
  store: LogStore,
  head: Head,
  run: string,
  now: () => Date,
  redactor: Pick<Redactor, 'secretIn'>,
  takeRan: (step?: string) => RanCommand[],
  onLine: (line: string, event: LogEvent) => Promise<void> = async () => {},
): Writer {
  let current = head
  const lines: string[] = []
  let failed = false
  let turn: Promise<void> = Promise.resolve()
  const append = async (event: LogEvent, of: string): Promise<void> => {
    // A decision runs nothing: an observation before it belongs to the entry that reports what was observed.
    const commands = event.type === 'step.decided' ? [] : takeRan('step' in event.body ? event.body.step : undefined)
    const logged = (commands.length === 0 ? event : { ...event, body: { ...event.body, commands } }) as LoggedEvent
    const found = findSecret(logged.body, redactor)
    if (found !== undefined)
      throw new LogNotWritten(`plaintext secret (${found.secret}) found in a log entry: ${event.type} › ${found.place}`)
    const misfit = misfitOf(logged.type, logged.body)
    if (misfit !== undefined) throw new LogNotWritten(`invalid log entry (see logs/README.md): ${misfit}`)
    const next = nextLine(current, now(), of, logged)
    await store.append(next.line)
    current = next.head
    lines.push(next.line)
    await onLine(next.line, event)
  }
  return {
    append(event, of = run) {
      turn = turn
        .then(() => append(event, of))
        .catch((error: unknown) => {
          failed = true
          throw error instanceof LogNotWritten
            ? error
            : new LogNotWritten(`cannot write the audit log: ${(error as Error).message}`)
        })
      return turn
    },
    head: () => current,
    lines: () => lines,
    failed: () => failed,
  }
}
