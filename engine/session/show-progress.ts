import { formatDuration } from '../base/duration.ts'
import { printable } from '../base/printable.ts'
import { describeBackfill } from '../run/backfill.ts'
import type { ProgressEvent } from '../run/model/host.ts'
import { isMadeRight } from '../run/model/maker.ts'
import type { StepStatus } from '../run/model/step-status.ts'
import type { Mark, Progress } from '../terminal/progress.ts'
import { type Site, showSite } from '../terminal/site.ts'
import type { Print } from './host/output.ts'

/** What is said of each running command once the person wants to stop; what is drawn hides every other text. */
const STOPS = 'then the run stops; Ctrl-C again stops now, in doubt'

/** Turns the moments of a run into what progress shows. */
export function followMoments(
  progress: Progress,
  print: Print,
  stopping: AbortSignal,
  site: Site,
  colour: boolean,
): (moment: ProgressEvent) => Promise<void> {
  const simulated = site.cloud.kind === 'sandbox' ? ' of simulated time' : ''
  const drawn = new Map<string, string>()
  const due = new Set<string>()
  const show = (key: string, text: string): void => {
    if (due.has(key)) progress.due(key, stopping.aborted ? 'is not begun: the run stops' : text)
    else progress.update(key, stopping.aborted ? `${text}; ${STOPS}` : text)
  }
  const update = (key: string, text: string): void => {
    due.delete(key)
    if (drawn.has(key)) drawn.set(key, text)
    show(key, text)
  }
  stopping.addEventListener('abort', () => {
    for (const [key, text] of drawn) show(key, text)
  })
  /** Draws a step, unless it is drawn or others are: those must end first. */
  const begin = async (step: { key: string; title: string }): Promise<void> => {
    if (drawn.size > 0) return
    drawn.set(step.key, '')
    await progress.start([step])
  }
  return async (moment) => {
    switch (moment.type) {
      case 'step-resolving':
        await begin(moment)
        return update(moment.key, 'reading what became of it')
      case 'steps-due':
        await progress.start(moment.steps)
        for (const { key } of moment.steps) {
          drawn.set(key, 'due')
          due.add(key)
          show(key, 'due')
        }
        return
      case 'step-moved':
        progress.end(moment.key, moment.title, 'drift', 'somebody else changed it meanwhile', moment.elapsed)
        drawn.delete(moment.key)
        return
      case 'step-applying':
        await begin(moment)
        if (moment.byHand) return update(moment.key, 'reading what was done by hand')
        return update(moment.key, moment.attempt === 1 ? 'applying' : `applying, attempt ${moment.attempt}`)
      case 'step-not-yet':
        progress.end(moment.key, moment.title, 'drift', 'not done yet, as observed', moment.elapsed)
        drawn.delete(moment.key)
        return progress.settled()
      case 'step-refused':
        progress.end(moment.key, moment.title, 'unknown', `it could not be read: ${moment.why}`, moment.elapsed)
        drawn.delete(moment.key)
        return progress.settled()
      case 'step-pausing':
        return update(moment.key, `tried in vain; tries again in ${formatDuration(moment.pauseMs)}${simulated}`)
      case 'step-reading-back':
        return update(moment.key, patience('reading back', moment) + simulated)
      case 'step-waiting':
        await begin(moment)
        return update(moment.key, patience('waiting', moment) + simulated)
      case 'step-ended':
        await begin(moment)
        progress.end(
          moment.key,
          moment.title,
          markOf(moment.status),
          [statusWord(moment.status), moment.note].filter((text) => text !== '').join('; '),
          moment.elapsed,
        )
        drawn.delete(moment.key)
        due.delete(moment.key)
        return drawn.size === 0 ? progress.settled() : undefined
      case 'checks-started':
        print('')
        print(
          `${showSite(site, colour)}  ${moment.checks.length === 0 ? 'These runbooks have no checks at the end.' : 'Checks at the end:'}`,
        )
        return progress.start(moment.checks)
      case 'backfill-observed':
        await progress.settled()
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

/** What is gone on with, and when it is given up: nobody must guess whether it hangs. */
const patience = (what: string, { reads, leftMs }: { reads: number; leftMs: number }): string =>
  `${what}${reads > 1 ? `, read ${reads}` : ''}; for about ${formatDuration(Math.max(0, leftMs))} more`

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

/** The status in words; the note of what somebody else made right says it all. */
const statusWord = (status: StepStatus): string =>
  status === 'stated' ? 'done by hand, as stated' : isMadeRight(status) ? '' : status.replace('-', ' ')
