import { LogNotWritten } from '../../audit/writer.ts'
import { printable } from '../../base/printable.ts'
import { describeAction } from '../../plan/describe.ts'
import { foldRuns } from '../../run/model/fold-runs.ts'
import { isInDoubt } from '../../run/model/partial-change.ts'
import type { RunEnd } from '../../run/model/progress.ts'
import type { Recorded } from '../../run/model/recorded.ts'
import { painter } from '../../terminal/screen.ts'
import type { Session } from './session.ts'

/**
 * How a run ends that could not go on: in doubt where its entries have a step's intent and no outcome, or one that
 * nobody could read. Throws what nobody expected.
 */
export function cutOff(error: Error, entries: Recorded[]): RunEnd {
  const open = foldRuns(entries).flatMap(({ steps }) => [...steps.values()].filter(isInDoubt))
  if (open.length > 0) {
    const started = open.map(({ planned: { title, key } }) => `${title} (${key})`).join(', ')
    const [were, it] = open.length > 1 ? ['were', 'them'] : ['was', 'it']
    const reason = `${started} ${were} started, and nobody knows what became of ${it}: ${error.message}`
    return { ending: 'in-doubt', reason }
  }
  if (!(error instanceof LogNotWritten)) throw error
  return { ending: 'failed', reason: `the run stopped before its next change: ${error.message}` }
}

/** Options of a run with which a resume finds the same incident and cloud. */
const CARRIED = ['--workspace', '--logs', '--sandbox', '--inventory']

/** What is said where the process ends in the middle of a run: what is in doubt, and the command that goes on. */
export function lastWords(
  entries: Recorded[],
  { locked, prepared, runtime }: Pick<Session, 'locked' | 'prepared' | 'runtime'>,
): string {
  const paint = painter(runtime.terminal.colour)
  const open = foldRuns(entries).flatMap(({ steps }) => [...steps.values()].filter(isInDoubt))
  const doubts = open.flatMap(({ planned: { title, key, apply } }) => [
    paint('bad', printable(`In doubt: ${title} (${key}): it was started, and nobody has read what it did.`)),
    ...(apply ? [printable(`  ${describeAction(apply)}`)] : []),
  ])
  return [
    ...(doubts.length > 0 ? doubts : ['Ended at once. No change is in doubt.']),
    prepared.cloud.lockedAs === undefined
      ? 'Its sandbox has ended with it: rehearse again.'
      : `Go on with: ${printable(`breakglass resume ${locked.incident}${carried(runtime.argv)}`)}`,
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
