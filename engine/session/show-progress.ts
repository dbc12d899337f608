import { formatDuration } from '../base/duration.ts'
import { printable } from '../base/printable.ts'
import { describeBackfill } from '../run/backfill.ts'
import type { ProgressEvent } from '../run/model/host.ts'
import { isMadeRight } from '../run/model/maker.ts'
import type { StepStatus } from '../run/model/step-status.ts'
import type { Mark, Progress } from '../terminal/progress.ts'
import { type Site, showSite } from '../terminal/site.ts'
import type { Print } from './host/output.ts'

/** Returns a listener that shows the events of a run as progress. */
export function followMoments(
  progress: Progress,
  print: Print,
  site: Site,
  colour: boolean,
): (moment: ProgressEvent) => Promise<void> {
  const simulated = site.cloud.kind === 'sandbox' ? ' (simulated)' : ''
  const places = new Map<string, string>()
  const show = (step: { key: string; title: string }, text: string): void => {
    progress.start([step], places.get(step.key))
    progress.update(step.key, text)
  }
  return async (moment) => {
    switch (moment.type) {
      case 'step-resolving':
        return show(moment, 'reading its current state')
      case 'steps-due':
        return progress.expect(moment.steps)
      case 'step-started':
        return void places.set(moment.key, `step ${moment.number}/${moment.of}`)
      case 'step-moved':
        return progress.end(moment.key, moment.title, 'drift', 'changed by somebody else meanwhile', moment.elapsed)
      case 'step-applying':
        if (moment.byHand) return show(moment, 'reading what was done by hand')
        return show(moment, moment.attempt === 1 ? 'applying' : `applying, attempt ${moment.attempt}`)
      case 'step-not-yet':
        return progress.end(moment.key, moment.title, 'drift', 'not done yet', moment.elapsed)
      case 'step-refused':
        return progress.end(moment.key, moment.title, 'unknown', `could not be read: ${moment.why}`, moment.elapsed)
      case 'step-pausing':
        return progress.update(moment.key, `failed, retrying in ${formatDuration(moment.pauseMs)}${simulated}`)
      case 'step-reading-back':
        return progress.update(moment.key, patience('reading back', moment) + simulated)
      case 'step-waiting':
        return show(moment, patience('waiting', moment) + simulated)
      case 'step-ended':
        return progress.end(
          moment.key,
          moment.title,
          markOf(moment.status),
          [statusWord(moment.status), moment.note].filter((text) => text !== '').join('; '),
          moment.elapsed,
        )
      case 'checks-started':
        print('')
        print(
          `${showSite(site, colour)}  ${moment.checks.length === 0 ? 'No checks at the end' : 'Checks at the end:'}`,
        )
        return progress.start(moment.checks)
      case 'backfill-observed':
        return moment.status === 'unchecked' && moment.note === undefined
          ? undefined
          : print(`${moment.status.padEnd(12)} ${printable(`${moment.file}: ${describeBackfill(moment)}`)}`)
      case 'check-ended':
        return progress.end(
          moment.key,
          moment.title,
          { conformant: 'ok', drift: 'failed', unknown: 'unknown', unseen: 'unseen' }[moment.status] as Mark,
          moment.note,
          moment.elapsed,
        )
    }
  }
}

/** Describes what is repeated and for how long at most, so that nobody must guess whether it hangs. */
const patience = (what: string, { reads, leftMs }: { reads: number; leftMs: number }): string =>
  `${what}${reads > 1 ? `, read ${reads}` : ''}, up to ${formatDuration(Math.max(0, leftMs))} more`

function markOf(status: StepStatus): Mark {
  switch (status) {
    case 'applied':
    case 'made-by-another':
    case 'made-by-unknown':
    case 'conformant':
    case 'stated':
    case 'approved':
    case 'waited':
      return 'ok'
    case 'skipped':
    case 'not-needed':
    case 'undone':
      return 'skipped'
    case 'left':
      return 'drift'
    case 'unreadable':
    case 'in-doubt':
      return 'unknown'
    case 'not-applied':
    case 'ambiguous':
    case 'overdue':
      return 'failed'
  }
}

/** Returns the status in words, or nothing where the note already names who made the change. */
const statusWord = (status: StepStatus): string =>
  isMadeRight(status) ? '' : (STATUS_WORDS[status] ?? status.replace('-', ' '))

const STATUS_WORDS: Partial<Record<StepStatus, string>> = {
  stated: 'done by hand (stated, not verified)',
  left: 'left as found',
  unreadable: 'could not be read',
  overdue: 'timed out',
}
