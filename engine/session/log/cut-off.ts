import { LogNotWritten } from '../../audit/writer.ts'
import { printable } from '../../base/printable.ts'
import { describeAction } from '../../plan/describe.ts'
import type { RunEnd } from '../../run/model/course.ts'
import { foldRuns } from '../../run/model/fold-runs.ts'
import { isInDoubt } from '../../run/model/partial-change.ts'
import type { Recorded } from '../../run/model/recorded.ts'
import { painter } from '../../terminal/screen.ts'
import type { Session } from './session.ts'

/**
 * Returns how a run that was interrupted ends: in doubt if a step has an intent without an outcome, or an outcome that could
 * not be read. Throws unexpected errors.
 */
export function cutOff(error: Error, entries: Recorded[]): RunEnd {
  const open = foldRuns(entries).flatMap(({ steps }) => [...steps.values()].filter(isInDoubt))
  if (open.length > 0) {
    const started = open.map(({ planned: { title, key } }) => `${title} (${key})`).join(', ')
    const reason = `the outcome of ${started} is unknown: ${error.message}`
    return { ending: 'in-doubt', reason }
  }
  if (!(error instanceof LogNotWritten)) throw error
  return { ending: 'failed', reason: `the run stopped before its next change: ${error.message}` }
}

/** The options of a run by which `resume` finds the same incident and cloud. */
const CARRIED = ['--workspace', '--logs', '--sandbox', '--inventory']

/** Returns what to print if the process ends in the middle of a run: what is in doubt, and the command that resumes it. */
export function lastWords(
  entries: Recorded[],
  { locked, prepared, runtime }: Pick<Session, 'locked' | 'prepared' | 'runtime'>,
): string {
  const paint = painter(runtime.terminal.colour)
  const open = foldRuns(entries).flatMap(({ steps }) => [...steps.values()].filter(isInDoubt))
  const doubts = open.flatMap(({ planned: { title, key, apply } }) => [
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
