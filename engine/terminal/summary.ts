import { formatDuration } from '../base/duration.ts'
import { printable } from '../base/printable.ts'
import type { Ending } from '../run/model/events.ts'
import { foldRuns } from '../run/model/fold-runs.ts'
import { MADE_RIGHT } from '../run/model/maker.ts'
import type { RunEnd } from '../run/model/progress.ts'
import type { Recorded } from '../run/model/recorded.ts'
import type { RunState } from '../run/model/run-state.ts'
import { foundIn, type StepState } from '../run/model/step-state.ts'
import { painter, type Style, type Terminal, wrap } from './screen.ts'
import { showSite } from './site.ts'

const ENDINGS: Record<Ending, { style: Style; text: string; next: string }> = {
  done: { style: 'good', text: 'Done.', next: '' },
  failed: {
    style: 'bad',
    text: 'Failed.',
    next: 'Fix the cause above, then continue with `breakglass resume INCIDENT`. It does not change what is correct by then.',
  },
  drift: {
    style: 'warn',
    text: 'Done, with drift left.',
    next: 'This run did not change what was skipped or only shown.',
  },
  declined: {
    style: 'warn',
    text: 'Stopped: no consent.',
    next: 'Continue with `breakglass resume INCIDENT`, which shows what is left, or undo what was done with `breakglass undo INCIDENT`.',
  },
  'in-doubt': {
    style: 'bad',
    text: 'In doubt.',
    next: 'It is not known what a change did. `breakglass resume INCIDENT` observes it again, never repeats it blindly, and asks what only a person can decide.',
  },
  interrupted: {
    style: 'warn',
    text: 'Stopped.',
    next: 'Continue with `breakglass resume INCIDENT`. It does not change what is correct by then.',
  },
}

/** Returns the next step after a rehearsal whose sandbox ended with it, so that nothing can be resumed. */
const rehearseAnew = (ending: Ending): string =>
  `The sandbox ended with this rehearsal: ${ending === 'failed' || ending === 'in-doubt' ? 'fix the cause above, then ' : ''}rehearse again.`

/** Describes what a summary adds to a run's entries: its files, what proves them, and warnings. */
export type Places = {
  log: string
  record: string
  checkpoint: string
  signed: string
  cloudEnds: boolean
  warnings: string[]
}

/** Summarizes a run from its entries: what changed, was skipped or failed, its files, and what to do next. How it ended comes last. */
export function summarize(entries: Recorded[], end: RunEnd, places: Places, terminal: Terminal): string {
  const paint = painter(terminal.colour)
  const text = (value: string, indent = '') => wrap(printable(value), terminal.columns, indent)
  const [run] = foldRuns(entries)
  const ending = ENDINGS[end.ending]
  const duration = Date.parse(entries.at(-1)?.time ?? '') - Date.parse(entries[0]?.time ?? '')
  const took = Number.isNaN(duration) ? '' : ` (${formatDuration(duration)})`
  const lines: string[] = []
  for (const { word, titles } of run ? groups(run) : [])
    lines.push(`${word}: ${titles.length}`, ...titles.map((title) => text(`  ${title}`, '    ')))
  lines.push(
    `log         ${places.log}`,
    `record      ${places.record}`,
    `checkpoint  ${places.checkpoint}`,
    paint('quiet', text('Post this checkpoint in the incident channel. Later it shows whether the log has changed.')),
    printable(`signed      ${places.signed}`),
  )
  for (const warning of places.warnings) lines.push(paint('warn', text(warning, '  ')))
  const next = places.cloudEnds && ending.next.includes('INCIDENT') ? rehearseAnew(end.ending) : ending.next
  if (next !== '') lines.push(text(next.replaceAll('INCIDENT', run?.opened.incident ?? 'INCIDENT')))
  lines.push('')
  if (run?.opened.cloud.kind === 'sandbox') lines.push(paint('sandbox', 'SANDBOX: nothing real was changed.'))
  const project = run?.plan?.environment.project
  const site = run ? `${showSite({ cloud: run.opened.cloud, ...(project ? { project } : {}) }, terminal.colour)}  ` : ''
  lines.push(`${site}${paint(ending.style, ending.text)}`)
  lines.push(text(`  ${end.reason.replace(/\.$/, '')}.${took}`, '  '))
  return lines.join('\n')
}

/** Returns the status of a step for the summary, which also knows undone steps and steps changed by a person. */
const shownStatus = ({ status, undone, person, planned }: StepState) =>
  status === 'skipped' && planned.status === 'unknown'
    ? 'unreadable'
    : undone
      ? 'undone'
      : status === 'applied' && person !== undefined
        ? 'by hand'
        : status

/** The groups that show titles alone: what was found there before is no longer so. */
const MADE: ReadonlySet<string> = new Set(['changed', 'changed by hand', 'undone'])

function groups(run: RunState): { word: string; titles: string[] }[] {
  const named = [
    { word: 'changed', statuses: ['applied'] },
    { word: 'changed by hand', statuses: ['by hand'] },
    { word: 'done by hand (stated, not verified)', statuses: ['stated'] },
    { word: MADE_RIGHT['made-by-another'], statuses: ['made-by-another'] },
    { word: MADE_RIGHT['made-by-unknown'], statuses: ['made-by-unknown'] },
    { word: 'undone', statuses: ['undone'] },
    { word: 'skipped', statuses: ['skipped'] },
    { word: 'left as found', statuses: ['left'] },
    { word: 'failed', statuses: ['not-applied', 'ambiguous'] },
    { word: 'timed out', statuses: ['overdue'] },
    { word: 'not approved', statuses: ['refused'] },
    { word: 'could not be read', statuses: ['unreadable'] },
    { word: 'in doubt', statuses: ['in-doubt', 'intent-open'] },
    { word: 'not done', statuses: ['not-done'] },
    { word: 'not reached', statuses: [undefined] },
  ]
  const steps = [...run.steps.values()]
  return named
    .map(({ word, statuses }) => ({
      word,
      titles: steps
        .filter((step) => (statuses as unknown[]).includes(shownStatus(step)))
        .map((step) => [step.planned.title, ...(MADE.has(word) ? [] : foundIn(step))].join(': ')),
    }))
    .filter(({ titles }) => titles.length > 0)
}
