import { formatDuration } from '../base/duration.ts'
import type { Ending } from '../run/model/events.ts'
import { stepsInDoubt } from '../run/model/fold-runs.ts'
import type { RunState } from '../run/model/run-state.ts'
import type { StepState } from '../run/model/step-state.ts'
import type { BackfilledFile, RecordModel } from './model.ts'
import { counted } from './timeline.ts'
import { toSecondSpan } from './times.ts'

/** Where an incident stands after all of its runs. */
export type IncidentStatus = 'done' | 'undone' | 'incomplete' | 'failed' | 'in-doubt' | 'in-progress'

/** One line of the summary, and the entries that it comes from. */
type Line = { label: string; text: string; entries: number[] }

/** What a reader needs first: where the incident stands, what was changed, why, for how long, and what is owed. */
export type Summary = { status: IncidentStatus; lines: Line[] }

type Facts = Omit<RecordModel, 'summary'>

const STATUS: Record<IncidentStatus, string> = {
  done: 'Done',
  undone: 'Undone',
  incomplete: 'Incomplete',
  failed: 'Failed',
  'in-doubt': 'In doubt',
  'in-progress': 'In progress',
}

/** Summarizes an incident. `lastTime` is the time of its last entry. */
export function summaryOf(facts: Facts, lastTime: string): Summary {
  const steps = lastOf(facts.runs)
  const status = statusOf(facts, steps)
  const lines = [
    statusLine(status, facts, steps),
    impactLine(facts),
    causeLine(facts),
    durationLine(facts, status, lastTime),
    owedLine(facts, status),
  ]
  return { status, lines }
}

/** Returns the last state of each step: a later run that plans it again supersedes an earlier one. */
function lastOf(runs: RunState[]): StepState[] {
  const last = new Map<string, StepState>()
  for (const { plan, opened, steps } of runs)
    if (!opened.undoes)
      for (const step of steps.values()) last.set(`${plan?.environment.project} ${step.planned.key}`, step)
  return [...last.values()]
}

type Group = 'changed' | 'stated' | 'correct' | 'undone' | 'failed' | 'in doubt' | 'left' | 'not reached' | 'other'

/** Returns how a step counts in the status. */
function groupOf({ status, undone }: StepState): Group {
  if (undone) return 'undone'
  if (status === undefined) return 'not reached'
  switch (status) {
    case 'applied':
      return 'changed'
    case 'stated':
      return 'stated'
    case 'conformant':
    case 'made-by-another':
    case 'made-by-unknown':
      return 'correct'
    case 'not-applied':
    case 'ambiguous':
    case 'unreadable':
    case 'overdue':
    case 'not-done':
    case 'refused':
      return 'failed'
    case 'in-doubt':
    case 'intent-open':
      return 'in doubt'
    case 'skipped':
    case 'left':
      return 'left'
    case 'undone':
    case 'approved':
    case 'waited':
    case 'not-needed':
      return 'other'
  }
}

/** A run in the middle of another says nothing of how the incident ended. */
const lastRun = ({ runs }: Facts): RunState | undefined => runs.findLast(({ opened }) => opened.within === undefined)

const ENDINGS: Record<Ending, IncidentStatus> = {
  done: 'done',
  failed: 'failed',
  drift: 'incomplete',
  declined: 'incomplete',
  'in-doubt': 'in-doubt',
  interrupted: 'incomplete',
}

/** Returns the worst of what the last run and each step and check say: an incident is done only where nothing is left. */
function statusOf(facts: Facts, steps: StepState[]): IncidentStatus {
  const groups = new Set(steps.map(groupOf))
  const last = lastRun(facts)
  const ending = last?.closed && ENDINGS[last.closed.ending]
  if (stepsInDoubt(facts.runs).length > 0 || ending === 'in-doubt') return 'in-doubt'
  if (ending === undefined) return 'in-progress'
  if (ending === 'failed' || groups.has('failed')) return 'failed'
  if (groups.has('undone') && !groups.has('changed') && !groups.has('stated')) return 'undone'
  if (checksOf(facts).some(({ status }) => status === 'drift' || status === 'unknown')) return 'failed'
  if (ending === 'incomplete' || groups.has('left') || groups.has('not reached')) return 'incomplete'
  return 'done'
}

const checksOf = ({ verification }: Facts) => verification.flatMap(({ checks }) => checks)

function statusLine(status: IncidentStatus, facts: Facts, steps: StepState[]): Line {
  const of = (group: Group) => steps.filter((step) => groupOf(step) === group)
  const number = (group: Group, what: string) => (of(group).length > 0 ? [`${of(group).length} ${what}`] : [])
  const checks = checksOf(facts)
  const passed = checks.filter((check) => check.status === 'conformant').length
  const inDoubt = stepsInDoubt(facts.runs).map(({ step }) => step)
  const parts = [
    ...named(inDoubt, 'in doubt'),
    ...named(of('failed'), 'failed'),
    ...number('changed', 'changed'),
    ...number('stated', 'done by hand and not read back'),
    ...number('correct', 'already correct'),
    ...number('undone', 'undone'),
    ...named(of('left'), 'skipped or left as found'),
    ...number('not reached', 'not reached'),
    ...(checks.length > 0 ? [`${passed}/${checks.length} checks passed`] : []),
  ]
  const entries = [
    ...[...steps, ...inDoubt].flatMap((step) => step.entries.slice(-1)),
    ...checks.map(({ entry }) => entry),
    ...facts.runs.flatMap(({ closed }) => closed?.entry ?? []),
  ]
  return { label: 'Status', text: `${STATUS[status]}${parts.length > 0 ? `: ${parts.join(', ')}` : ''}.`, entries }
}

/** Counts steps and names the first. */
function named(steps: StepState[], what: string): string[] {
  const [first, ...more] = steps.map(({ planned }) => planned.title)
  if (first === undefined) return []
  return [`${steps.length} ${what} (${first}${more.length > 0 ? ` and ${more.length} more` : ''})`]
}

function impactLine({ runs, remediations, takenBack, rehearsals }: Facts): Line {
  const resources = remediations.flatMap(({ sentences }) => sentences.flatMap((sentence) => sentence.resources))
  const entries = [...resources, ...takenBack].flatMap((change) => change.entries.slice(-1))
  const projects = [...new Set(runs.flatMap(({ plan }) => (plan ? [`\`${plan.environment.project}\``] : [])))].join(
    ', ',
  )
  const where = ` in ${rehearsals.length > 0 ? 'the simulated ' : ''}${projects}`
  const inDoubt = stepsInDoubt(runs)
  const parts = [
    ...(resources.length > 0
      ? [`${counted(resources.length, 'change')}${where} (${remediations.map(({ title }) => title).join(', ')})`]
      : []),
    ...(inDoubt.length > 0 ? [`${counted(inDoubt.length, 'change')}${where} in doubt`] : []),
    ...(takenBack.length > 0 ? [`${counted(takenBack.length, 'change')}${where} undone`] : []),
  ]
  const tried = runs.some(({ steps }) => [...steps.values()].some(({ attempts }) => attempts > 0))
  const text = parts.length > 0 ? parts.join('; ') : `No change${tried ? ' was completed' : ' was made'}${where}`
  return { label: 'Impact', text: `${text}.`, entries }
}

const causeLine = ({ reasons, runs }: Facts): Line => ({
  label: 'Cause',
  text: `${reasons.map(({ text }) => text).join(' ')} (Reason given by ${[...new Set(runs.map(({ opened }) => opened.operator))].join(', ')}.)`,
  entries: reasons.flatMap(({ entries }) => entries),
})

function durationLine({ runs }: Facts, status: IncidentStatus, lastTime: string): Line {
  const from = runs[0]?.openedAt ?? lastTime
  const to = status === 'in-progress' ? lastTime : (runs.findLast(({ closed }) => closed)?.closed?.time ?? lastTime)
  const ms = Date.parse(to) - Date.parse(from)
  const length = Number.isNaN(ms) ? '' : `${formatDuration(ms)}${status === 'in-progress' ? ' so far' : ''}, `
  const entries = runs.flatMap(({ entry, closed }) => [entry, ...(closed ? [closed.entry] : [])])
  const count = runs.length > 1 ? ` in ${runs.length} runs` : ''
  return { label: 'Duration', text: `${length}${toSecondSpan(from, to)} UTC${count}.`, entries }
}

/** Names what is owed and by whom; the log knows operators, not who keeps the repository. */
function owedLine(facts: Facts, status: IncidentStatus): Line {
  const { runs, incident, backfill, rehearsals } = facts
  const operator = lastRun(facts)?.opened.operator ?? ''
  const overrides = runs.flatMap((run) => run.overrides.filter(({ countersigned }) => !countersigned))
  const owed = backfill.owed.flatMap(({ points }) => points)
  const unchecked = backfill.unchecked.flatMap(({ points }) => points)
  const isOpen = status !== 'done' && status !== 'undone'
  const parts = [
    ...(isOpen && rehearsals.length === 0 ? [`\`breakglass resume ${incident}\` by ${operator}`] : []),
    ...overrides.map(({ by }) => `a countersignature by somebody other than ${by}`),
    ...(owed.length > 0
      ? [`${counted(owed.length, 'repo backfill point')} by whoever maintains ${files(backfill.owed)}`]
      : []),
    ...(unchecked.length > 0
      ? [`a comparison of ${counted(unchecked.length, 'repo backfill point')} with a checkout, by ${operator}`]
      : []),
  ]
  const entries = [...overrides.map(({ entry }) => entry), ...[...owed, ...unchecked].flatMap((point) => point.entries)]
  const text = parts.length === 0 ? 'Nothing' : parts.join('; ')
  return { label: 'Owed', text: `${text}.`, entries }
}

const files = (owed: BackfilledFile[]): string => {
  const [first, ...more] = owed.map(({ file }) => `\`${file}\``)
  return `${first}${more.length > 0 ? ` and ${counted(more.length, 'more file')}` : ''}`
}
