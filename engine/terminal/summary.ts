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
    next: 'Look at the cause above, mend it, then go on with `breakglass resume INCIDENT`: what is right by then is left alone.',
  },
  drift: {
    style: 'warn',
    text: 'Done, with drift left.',
    next: 'This run changed nothing of what was skipped or only shown.',
  },
  declined: {
    style: 'warn',
    text: 'Stopped: not consented.',
    next: 'Go on with `breakglass resume INCIDENT`, which shows what is left anew; take back what was done with `breakglass undo INCIDENT`.',
  },
  'in-doubt': {
    style: 'bad',
    text: 'In doubt.',
    next: 'What became of a change is not known. `breakglass resume INCIDENT` looks again, never repeats it blindly, and asks what only a person can decide.',
  },
  interrupted: {
    style: 'warn',
    text: 'Stopped.',
    next: 'Go on with `breakglass resume INCIDENT`: what is right by then is left alone.',
  },
}

/** What follows where nothing can be gone on with: the sandbox of a rehearsal ends with it. */
const rehearseAnew = (ending: Ending): string =>
  `Its sandbox has ended with it: ${ending === 'failed' || ending === 'in-doubt' ? 'look at the cause above, mend it, and ' : ''}rehearse anew.`

/** What a summary says beside a run's own entries: where its files are, what proves them, and what went wrong beside the run. */
export type Places = {
  log: string
  record: string
  checkpoint: string
  signed: string
  cloudEnds: boolean
  warnings: string[]
}

/** Summarizes a run for the person, from its own entries: what changed, was skipped or failed, where to read on and what is next; how it ended stands last. */
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
    paint('quiet', text("Put it into the incident's channel: it shows later whether the log is still the same.")),
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

/** Returns what became of a step as it is summarized: undone since, or changed by a person. */
const shownFate = ({ status, undone, person, planned }: StepState) =>
  status === 'skipped' && planned.status === 'unknown'
    ? 'unreadable'
    : undone
      ? 'undone'
      : status === 'applied' && person !== undefined
        ? 'by hand'
        : status

/** Groups of what is right by now, or was: nothing was found there that a title could be taken for. */
const MADE: ReadonlySet<string> = new Set(['changed', 'changed by hand', 'taken back'])

function groups(run: RunState): { word: string; titles: string[] }[] {
  const named = [
    { word: 'changed', statuses: ['applied'] },
    { word: 'changed by hand', statuses: ['by hand'] },
    { word: 'done by hand, as stated and read by nobody', statuses: ['stated'] },
    { word: MADE_RIGHT['made-by-another'], statuses: ['made-by-another'] },
    { word: MADE_RIGHT['made-by-unknown'], statuses: ['made-by-unknown'] },
    { word: 'taken back', statuses: ['undone'] },
    { word: 'skipped', statuses: ['skipped'] },
    { word: 'left as found', statuses: ['left'] },
    { word: 'failed', statuses: ['not-applied', 'ambiguous'] },
    { word: 'waited for in vain', statuses: ['overdue'] },
    { word: 'not approved', statuses: ['refused'] },
    { word: 'could not be told', statuses: ['unreadable'] },
    { word: 'in doubt', statuses: ['in-doubt', 'intent-open'] },
    { word: 'not done', statuses: ['not-done'] },
    { word: 'not reached', statuses: [undefined] },
  ]
  const steps = [...run.steps.values()]
  return named
    .map(({ word, statuses }) => ({
      word,
      titles: steps
        .filter((step) => (statuses as unknown[]).includes(shownFate(step)))
        .map((step) => [step.planned.title, ...(MADE.has(word) ? [] : foundIn(step))].join(': ')),
    }))
    .filter(({ titles }) => titles.length > 0)
}
