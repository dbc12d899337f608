import { describeBackfill } from '../run/backfill.ts'
import type { Moment, StepFate } from '../run/host.ts'
import { formatDuration } from '../runbook/duration.ts'
import { printable } from '../runbook/printable.ts'
import type { Mark, Progress } from '../terminal/progress.ts'
import type { Say } from './say.ts'

/** Turns the moments of a run into what progress shows. */
export function followMoments(progress: Progress, say: Say): (moment: Moment) => Promise<void> {
  const drawn = new Set<string>()
  return async (moment) => {
    switch (moment.moment) {
      case 'step-resolving':
        drawn.add(moment.key)
        await progress.start([{ key: moment.key, title: moment.title }])
        return progress.update(moment.key, 'reading what became of it')
      case 'steps-started':
        for (const { key } of moment.steps) drawn.add(key)
        return progress.start(moment.steps)
      case 'step-moved':
        progress.end(moment.key, moment.title, 'drift', 'somebody else changed it meanwhile', moment.durationMs)
        drawn.delete(moment.key)
        return
      case 'step-applying':
        if (!drawn.has(moment.key)) await progress.start([{ key: moment.key, title: moment.title }])
        drawn.add(moment.key)
        return progress.update(moment.key, moment.attempt === 1 ? 'applying' : `applying, attempt ${moment.attempt}`)
      case 'step-reading-back':
        return progress.update(moment.key, patience('reading back', moment))
      case 'step-waiting':
        if (!drawn.has(moment.key)) await progress.start([{ key: moment.key, title: moment.title }])
        drawn.add(moment.key)
        return progress.update(moment.key, patience('waiting', moment))
      case 'step-ended':
        if (!drawn.has(moment.key)) await progress.start([{ key: moment.key, title: moment.title }])
        progress.end(
          moment.key,
          moment.title,
          markOf(moment.fate),
          moment.note === '' ? fateWord(moment.fate) : `${fateWord(moment.fate)}; ${moment.note}`,
          moment.durationMs,
        )
        drawn.delete(moment.key)
        return drawn.size === 0 ? progress.settled() : undefined
      case 'checks-started':
        say('')
        say(moment.checks.length === 0 ? 'These runbooks have no checks at the end.' : 'Checks at the end:')
        return progress.start(moment.checks)
      case 'backfill-observed':
        await progress.settled()
        return moment.status === 'unchecked' && moment.note === undefined
          ? undefined
          : say(`${moment.status.padEnd(12)} ${printable(`${moment.file}: ${describeBackfill(moment)}`)}`)
      case 'check-ended':
        return progress.end(
          moment.key,
          moment.title,
          { conformant: 'ok', drift: 'failed', unknown: 'unknown', unseen: 'unseen' }[moment.status] as Mark,
          moment.note,
          moment.durationMs,
        )
    }
  }
}

/** What is gone on with, and for how long at most: nobody must guess whether it hangs. */
const patience = (what: string, { reads, leftMs }: { reads: number; leftMs: number }): string =>
  `${what}${reads > 1 ? `, read ${reads}` : ''}; ${formatDuration(Math.max(0, leftMs))} at most`

function markOf(fate: StepFate): Mark {
  switch (fate) {
    case 'applied':
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

const fateWord = (fate: StepFate): string => (fate === 'stated' ? 'done by hand, as stated' : fate.replace('-', ' '))
