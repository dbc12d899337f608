import type { RanCommand } from '../steps/world.ts'
import { type Head, nextLine } from './chain.ts'
import type { LogEvent, Told } from './entry.ts'
import { misfitOf } from './entry-shape.ts'
import type { Redactor } from './redact.ts'
import { findSecret } from './revealed.ts'

/** The append-only store of one incident's log: `append` answers once the line is on disk (fsynced), or throws. */
export type LogStore = { append(line: string): Promise<void> }

/** The log could not be written: the run stops, and nothing more is done. */
export class LogNotWritten extends Error {}

/** Writes one run's events. */
export type Writer = {
  /** Appends an event of the run, or of one within it. */
  append(event: LogEvent, of?: string): Promise<void>
  head(): Head
  /** The lines that it has written. */
  lines(): readonly string[]
  /** Whether an append has failed, so that nothing more is written. */
  failed(): boolean
}

/**
 * Writes a run's events, and those of the runs within it (`of`), to a log, one after the other and chained, each as it
 * is: one that holds a secret is refused, and so is one that no reader would take. `takeRan` gives the commands that ran since it was last asked, but those of
 * other steps than the event's; `onLine` is told of each line that is on disk. After a failed append the writer refuses
 * all others: a gap can't be hidden behind a later success.
 */
export function makeWriter(
  store: LogStore,
  head: Head,
  run: string,
  now: () => Date,
  redactor: Pick<Redactor, 'reveals'>,
  takeRan: (step?: string) => RanCommand[],
  onLine: (line: string, event: LogEvent) => Promise<void> = async () => {},
): Writer {
  let current = head
  const lines: string[] = []
  let failed = false
  let turn: Promise<void> = Promise.resolve()
  const append = async (event: LogEvent, of: string): Promise<void> => {
    // A decision runs nothing: a look that came before it belongs to the entry that says what was seen.
    const commands = event.type === 'step.decided' ? [] : takeRan('step' in event.body ? event.body.step : undefined)
    const told = (commands.length === 0 ? event : { ...event, body: { ...event.body, commands } }) as Told
    const found = findSecret(told.body, redactor)
    if (found !== undefined)
      throw new LogNotWritten(
        `the value of a secret (${found.secret}) stands in what the log was to keep: ${event.type} › ${found.place}`,
      )
    const misfit = misfitOf(told.type, told.body)
    if (misfit !== undefined)
      throw new LogNotWritten(`what the log was to keep is not as an entry must be (logs/README.md): ${misfit}`)
    const next = nextLine(current, now(), of, told)
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
            : new LogNotWritten(`the audit log could not be written: ${(error as Error).message}`)
        })
      return turn
    },
    head: () => current,
    lines: () => lines,
    failed: () => failed,
  }
}
