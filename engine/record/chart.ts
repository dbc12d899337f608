import { formatDuration } from '../base/duration.ts'
import { printable } from '../base/printable.ts'
import type { RunState } from '../run/model/run-state.ts'
import type { StepState } from '../run/model/step-state.ts'
import { escapeHtml } from './html.ts'
import { toSecondSpan } from './times.ts'

/** A bar of the chart, with times in milliseconds since the epoch. */
type Bar = { kind: 'waited' | 'worked' | 'failed' | 'checked'; from: number; to: number; text: string }

/** A row of the chart: a step or the checks, and its bars. */
type Row = { title: string; bars: Bar[] }

/** Draws each run as a chart: a row for each step, with a bar for the wait for an answer and one for the work. */
export const drawTimeline = (runs: RunState[]): string => runs.map(drawRun).join('')

function drawRun(run: RunState): string {
  const rows = rowsOf(run)
  const all = rows.flatMap(({ bars }) => bars)
  const from = ms(run.openedAt)
  const to = Math.max(from + 1, ...all.map((bar) => bar.to), ...(run.closed ? [ms(run.closed.time)] : []))
  const place = (at: number) => (((at - from) / (to - from)) * 100).toFixed(2)
  const drawn = rows.map(({ title, bars }) => {
    const shown = bars.map(
      ({ kind, text, ...bar }) =>
        `<i class="${kind}" style="left:${place(bar.from)}%;width:max(${(Number(place(bar.to)) - Number(place(bar.from))).toFixed(2)}%,3px)" title="${asHtml(text)}"></i>`,
    )
    const legend = bars.map(({ text }) => asHtml(text)).join(' · ')
    return `<div class="row"><div class="name">${asHtml(title)}</div><div class="track">${shown.join('')}</div><div class="text">${legend}</div></div>\n`
  })
  const caption = `${run.opened.operator}, ${run.run}: ${toSecondSpan(run.openedAt, new Date(to).toISOString())} UTC (${formatDuration(to - from)})`
  return `<figure>
<figcaption>${asHtml(caption)}</figcaption>
<div class="key">${keyTo(all)}</div>
${drawn.join('')}<div class="axis"><span>0</span><span>${formatDuration((to - from) / 2)}</span><span>${formatDuration(to - from)}</span></div>
</figure>
`
}

const KEY: Record<Bar['kind'], string> = {
  waited: 'waited for an answer',
  worked: 'changed and read back',
  failed: 'not completed',
  checked: 'checks at the end',
}

/** Returns the key to the colours of a run's bars. */
const keyTo = (bars: Bar[]): string =>
  Object.entries(KEY)
    .filter(([kind]) => bars.some((bar) => bar.kind === kind))
    .map(([kind, meaning]) => `<span><i class="${kind}"></i> ${meaning}</span>`)
    .join(' ')

/** The statuses of a step that was completed; a bar of any other status is red. */
const ENDED_WELL: ReadonlySet<StepState['status']> = new Set([
  'applied',
  'made-by-another',
  'made-by-unknown',
  'conformant',
  'undone',
  'stated',
  'approved',
  'waited',
])

/** Returns the steps in the order in which they ended; each waits from the end of the one before it, unless they ran in parallel. */
function rowsOf(run: RunState): Row[] {
  const started = [...run.steps.values()]
    .filter(({ decisions, stated, status, endedAt }) => endedAt && (decisions.length > 0 || stated || isWait(status)))
    .sort((a, b) => ms(a.endedAt) - ms(b.endedAt))
  let free = ms(run.openedAt)
  const rows = started.map((step): Row => {
    const row = { title: step.planned.title, bars: barsOf(step, free) }
    free = ms(step.endedAt)
    return row
  })
  const last = Math.max(free, ...run.checks.map(({ time }) => ms(time)))
  if (run.checks.length > 0)
    rows.push({
      title: `${run.checks.length} checks`,
      bars: [{ kind: 'checked', from: free, to: last, text: `checked for ${formatDuration(last - free)}` }],
    })
  return rows
}

const workOf = (status: StepState['status']): 'worked' | 'failed' => (ENDED_WELL.has(status) ? 'worked' : 'failed')

const isWait = (status: StepState['status']): boolean => status === 'waited' || status === 'overdue'

function barsOf({ decisions, stated, endedAt, status }: StepState, free: number): Bar[] {
  const first = decisions[0] ?? (stated && { ...stated, decision: { choice: status ?? '' } })
  if (isWait(status)) {
    const to = ms(endedAt)
    return [{ kind: workOf(status), from: free, to, text: `${status} after ${formatDuration(to - free)}` }]
  }
  const decided = ms(first?.time)
  const ended = ms(endedAt)
  const from = Math.min(free, decided)
  const waited: Bar = {
    kind: 'waited',
    from,
    to: decided,
    text: `waited ${formatDuration(decided - from)} for ${first?.by ?? ''}: ${first?.decision.choice ?? ''}`,
  }
  if (ended === decided) return [waited]
  return [
    waited,
    {
      kind: workOf(status),
      from: decided,
      to: ended,
      text: `${status ?? 'not ended'} after ${formatDuration(ended - decided)}`,
    },
  ]
}

const ms = (time: string | undefined): number => new Date(time ?? 0).getTime()
const asHtml = (value: string): string => escapeHtml(printable(value).replaceAll(/\s+/g, ' '))

/** The page's styles: for a phone first, light or dark by the reader's setting, and for print. */
export const STYLE = `:root{color-scheme:light dark;--ink:#1b1f24;--paper:#fff;--faint:#59636e;--line:#d1d9e0;--soft:#f4f6f8;--wait:#bf8700;--work:#1a7f37;--check:#0969da;--fail:#cf222e}
@media(prefers-color-scheme:dark){:root{--ink:#e6edf3;--paper:#0d1117;--faint:#9198a1;--line:#3d444d;--soft:#151b23;--wait:#d29922;--work:#3fb950;--check:#4493f8;--fail:#f85149}}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
main{max-width:60rem;margin:0 auto;padding:1rem}
h1{font-size:1.5rem;line-height:1.25}h2{font-size:1.2rem;margin-top:2rem;border-bottom:1px solid var(--line)}
ol,ul{padding-left:1.9rem}li{margin:.25rem 0}
code{background:var(--soft);padding:.1em .3em;border-radius:.25em;font-size:.9em;-webkit-box-decoration-break:clone;box-decoration-break:clone}
table{border-collapse:collapse;font-size:.9rem}th,td{border:1px solid var(--line);padding:.25rem .5rem;text-align:left;vertical-align:top}
.prose{white-space:pre-wrap;border-left:3px solid var(--line);padding-left:.75rem;margin:1rem 0}
figure{margin:1rem 0;padding:.75rem;border:1px solid var(--line);border-radius:.5rem}
figcaption,.key,.text,.axis{font-size:.8rem;color:var(--faint)}
.row{padding:.3rem 0;break-inside:avoid}.name{font-size:.9rem}
.track{position:relative;height:.8rem;background:var(--soft);border-radius:.2rem}
.track i{position:absolute;top:0;height:100%;border-radius:.2rem}
.key span{white-space:nowrap;margin-right:.6rem}.key i{display:inline-block;width:.8rem;height:.8rem;border-radius:.2rem;vertical-align:-.1em}
.waited{background:var(--wait)}.worked{background:var(--work)}.failed{background:var(--fail)}.checked{background:var(--check)}
.axis{display:flex;justify-content:space-between;border-top:1px solid var(--line)}
@media(min-width:48rem){.row{display:grid;grid-template-columns:16rem 1fr;gap:0 1rem}.track{margin-top:.3rem}.name{grid-row:1/span 2}.text{grid-column:2}.axis{margin-left:17rem}}
@media print{body{font-size:11pt}main{max-width:none;padding:0}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
`
