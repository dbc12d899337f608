import { LogNotWritten, type Writer } from '../../audit/writer.ts'
import { printable } from '../../base/printable.ts'
import { describeTrouble } from '../../disk/fs-errors.ts'
import { shownPath } from '../../disk/workspace.ts'
import { describeAction } from '../../plan/describe.ts'
import { foldRuns } from '../../run/model/fold-runs.ts'
import { isInDoubt } from '../../run/model/partial-change.ts'
import type { RunEnd } from '../../run/model/progress.ts'
import type { Recorded } from '../../run/model/recorded.ts'
import type { StepState } from '../../run/model/step-state.ts'
import { painter } from '../../terminal/screen.ts'
import { summarize } from '../../terminal/summary.ts'
import { exitCodeOf } from '../exit-codes.ts'
import { emit } from '../host/output.ts'
import { deriveRecord, readOwnLog } from './derive-record.ts'
import type { KeptCheckpoints } from './keep-checkpoints.ts'
import type { Session } from './session.ts'

/** Returns the entries that a run wrote. */
export const entriesOf = (writer: Writer): Recorded[] => writer.lines().map((line) => JSON.parse(line) as Recorded)

/**
 * Writes the record, then reports how a run ended, from its entries in memory. A failure to write the record is reported but
 * doesn't change how the run ended. Returns the exit code.
 */
export async function endRun(
  end: RunEnd,
  run: string,
  entries: Recorded[],
  { writer, checkpoints }: { writer: Writer; checkpoints: KeptCheckpoints },
  session: Session,
): Promise<number> {
  const { locked, print, runtime, json } = session
  const { incident, paths } = locked
  const proof = { checkpoint: checkpoints.last().text.trimEnd().replaceAll('\n', ' '), signed: checkpoints.signedBy() }
  const missing = writer.failed()
    ? [
        `The log is incomplete, so no record was written. Once the log is repaired, run \`breakglass record ${incident}\`.`,
      ]
    : await readOwnLog(paths)
        .then((log) => deriveRecord(paths, log))
        .then(
          () => [],
          (error: unknown) => [
            `The record could not be written: ${describeTrouble(error)}. The log is complete: fix this, then run \`breakglass record ${incident}\`.`,
          ],
        )
  const places = {
    log: shownPath(paths.log, runtime.cwd),
    record: shownPath(paths.record, runtime.cwd),
    ...proof,
    cloudEnds: session.prepared.cloud.lockedAs === undefined,
    warnings: [...(session.prepared.cloud.caveats?.() ?? []), ...missing],
  }
  print('')
  print(summarize(entries, end, places, runtime.terminal))
  const { log, record } = paths
  // The checkpoint still covers what is in an incomplete log.
  const kept = { log, ...(missing.length > 0 ? {} : { record }), head: writer.head(), ...proof, missing }
  const exitCode = exitCodeOf(end.ending)
  if (json) emit({ incident, run, ...end, exitCode, ...kept }, runtime)
  return exitCode
}

/**
 * Returns how a run that was interrupted ends: in doubt if a step has an intent without an outcome, or an outcome that could
 * not be read. Throws unexpected errors.
 */
export function endInterrupted(error: Error, entries: Recorded[]): RunEnd {
  const open = doubtsIn(entries)
  if (open.length > 0) {
    const started = open.map(({ planned: { title, key } }) => `${title} (${key})`).join(', ')
    const reason = `the outcome of ${started} is unknown: ${error.message}`
    return { ending: 'in-doubt', reason }
  }
  if (!(error instanceof LogNotWritten)) throw error
  return { ending: 'failed', reason: `the run stopped before its next change: ${error.message}` }
}

const doubtsIn = (entries: Recorded[]): StepState[] =>
  foldRuns(entries).flatMap(({ steps }) => [...steps.values()].filter(isInDoubt))

/** The options of a run by which `resume` finds the same incident and cloud. */
const CARRIED = ['--workspace', '--logs', '--sandbox', '--inventory']

/** Returns what to print if the process ends in the middle of a run: what is in doubt, and the command that resumes it. */
export function interruptionNotice(
  entries: Recorded[],
  { locked, prepared, runtime }: Pick<Session, 'locked' | 'prepared' | 'runtime'>,
): string {
  const paint = painter(runtime.terminal.colour)
  const doubts = doubtsIn(entries).flatMap(({ planned: { title, key, apply } }) => [
    paint('bad', printable(`In doubt: ${title} (${key}): the change was started, but its result was not read back.`)),
    ...(apply ? [printable(`  ${describeAction(apply)}`)] : []),
  ])
  return [
    ...(doubts.length > 0 ? doubts : ['Stopped. No change is in doubt.']),
    prepared.cloud.lockedAs === undefined
      ? 'The sandbox ended with the run: rehearse again.'
      : `Resume with: ${printable(`breakglass resume ${locked.incident}${carried(runtime.argv)}`)}`,
  ].join('\n')
}

function carried(argv: string[]): string {
  const words = argv.flatMap((word, index) => {
    const [name = ''] = word.split('=')
    if (!CARRIED.includes(name)) return []
    return word === name ? [word, argv[index + 1] ?? ''] : [word]
  })
  return words.map((word) => ` ${/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`}`).join('')
}
