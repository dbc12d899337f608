import { formatDuration } from '../base/duration.ts'
import type { Ending } from '../run/model/events.ts'
import { stepsInDoubt } from '../run/model/fold-runs.ts'
import type { RunState } from '../run/model/run-state.ts'
import type { StepState } from '../run/model/step-state.ts'
import { type BackfilledFile, isBackfillKnown, type RecordModel } from './model.ts'
import { capital, counted } from './timeline.ts'
import { toSecondSpan } from './times.ts'

/** Where an incident stands after all of its runs. */
export type IncidentStatus = 'done' | 'undone' | 'incomplete' | 'failed' | 'in-doubt' | 'in-progress'

/** One line of the summary, and the entries that it comes from. */
type Line = { label: string; text: string; entries: number[] }

/** What a reader needs first: where the incident stands, what was changed, why, for how long, and what is owed. */
export type Summary = { status: IncidentStatus; lines: Line[] }

const STATUS: Record<IncidentStatus, string> = {
  done: 'Done',
  undone: 'Undone',
  incomplete: 'Incomplete',
  failed: 'Failed',
  'in-doubt': 'In doubt',
  'in-progress': 'In progress',
}

/** Summarizes an incident. */
export function summaryOf(model: RecordModel): Summary {
  const steps = lastOf(model.runs)
  const status = statusOf(model, steps)
  const lines = [
    statusLine(status, model, steps),
    impactLine(model),
    causeLine(model),
    durationLine(model, status),
    owedLine(model, status, steps),
  ]
  return { status, lines }
}

/** Returns the last state of each step; a change that a later run found correct stays a change. */
function lastOf(runs: RunState[]): StepState[] {
  const last = new Map<string, StepState>()
  for (const { plan, opened, steps } of runs) {
    if (opened.undoes) continue
    for (const step of steps.values()) {
      const key = `${plan?.environment.project} ${step.planned.key}`
      const former = last.get(key)
      const isKept = step.status === 'conformant' && former !== undefined && groupOf(former) === 'changed'
      if (!isKept) last.set(key, step)
    }
  }
  return [...last.values()]
}

const isRehearsal = ({ runs }: RecordModel): boolean => runs.every(({ opened }) => opened.cloud.kind === 'sandbox')

type Group =
  | 'changed'
  | 'stated'
  | 'correct'
  | 'undone'
  | 'failed'
  | 'unread'
  | 'in doubt'
  | 'left'
  | 'not reached'
  | 'other'

/** Returns how a step counts in the status. */
function groupOf({ status, undone, planned }: StepState): Group {
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
    case 'overdue':
    case 'not-done':
    case 'refused':
      return 'failed'
    case 'in-doubt':
    case 'intent-open':
      return 'in doubt'
    case 'unreadable':
      return 'unread'
    case 'skipped':
      return planned.status === 'unknown' ? 'unread' : 'left'
    case 'left':
      return 'left'
    case 'undone':
    case 'approved':
    case 'waited':
    case 'not-needed':
      return 'other'
  }
}

/** Returns the run that decides how the incident ended; an undo in the middle of another run does not. */
const lastRun = ({ runs }: RecordModel): RunState | undefined =>
  runs.findLast(({ opened }) => opened.within === undefined)

const ENDINGS: Record<Ending, IncidentStatus> = {
  done: 'done',
  failed: 'failed',
  drift: 'incomplete',
  declined: 'incomplete',
  'in-doubt': 'in-doubt',
  interrupted: 'incomplete',
}

/** Returns the worst status of the last run, the steps and the checks: an incident is done only if nothing is left. */
function statusOf(model: RecordModel, steps: StepState[]): IncidentStatus {
  const groups = new Set(steps.map(groupOf))
  const last = lastRun(model)
  const ending = last?.closed && ENDINGS[last.closed.ending]
  if (stepsInDoubt(model.runs).length > 0 || ending === 'in-doubt') return 'in-doubt'
  if (ending === undefined) return 'in-progress'
  if (ending === 'failed' || groups.has('failed') || groups.has('unread')) return 'failed'
  if (groups.has('undone') && !groups.has('changed') && !groups.has('stated')) return 'undone'
  if (checksOf(model).some(({ status }) => status === 'drift' || status === 'unknown')) return 'failed'
  if (ending === 'incomplete' || groups.has('left') || groups.has('not reached')) return 'incomplete'
  return 'done'
}

const checksOf = ({ verification }: RecordModel) => verification.flatMap(({ checks }) => checks)

function statusLine(status: IncidentStatus, model: RecordModel, steps: StepState[]): Line {
  const of = (group: Group) => steps.filter((step) => groupOf(step) === group)
  const number = (group: Group, what: string) => (of(group).length > 0 ? [`${of(group).length} ${what}`] : [])
  const checks = checksOf(model)
  const passed = checks.filter((check) => check.status === 'conformant').length
  const isBeforeUndo = model.takenBack.some(({ time }) => checks.some((check) => check.time < time))
  const inDoubt = stepsInDoubt(model.runs).map(({ step }) => step)
  const parts = [
    ...named(inDoubt, 'in doubt'),
    ...named(of('failed'), 'failed'),
    ...named(of('unread'), 'could not be read'),
    ...number('changed', 'changed'),
    ...number('stated', 'done by hand and not read back'),
    ...number('correct', 'already correct'),
    ...number('undone', 'undone'),
    ...named(of('left'), 'skipped or left as found'),
    ...number('not reached', 'not reached'),
    ...(checks.length > 0 ? [`${passed}/${checks.length} checks passed${isBeforeUndo ? ' before the undo' : ''}`] : []),
  ]
  const entries = [
    ...[...steps, ...inDoubt].flatMap((step) => step.entries.slice(-1)),
    ...checks.map(({ entry }) => entry),
    ...model.runs.flatMap(({ closed }) => closed?.entry ?? []),
  ]
  return { label: 'Status', text: `${STATUS[status]}${parts.length > 0 ? `: ${parts.join(', ')}` : ''}.`, entries }
}

/** Counts steps and names the first. */
function named(steps: StepState[], what: string): string[] {
  const [first, ...more] = steps.map(({ planned }) => planned.title)
  if (first === undefined) return []
  return [`${steps.length} ${what} (${first}${more.length > 0 ? ` and ${more.length} more` : ''})`]
}

function impactLine(model: RecordModel): Line {
  const { runs, remediations, takenBack } = model
  const resources = remediations.flatMap(({ sentences }) => sentences.flatMap((sentence) => sentence.resources))
  const inDoubt = stepsInDoubt(runs).map(({ step }) => step)
  const tried = runs.some(({ steps }) => [...steps.values()].some(({ attempts }) => attempts > 0))
  const projects = [...new Set(runs.flatMap(({ plan }) => (plan ? [`\`${plan.environment.project}\``] : [])))]
  const where = projects.length === 0 ? '' : `${projects.join(', ')}${isRehearsal(model) ? ' (simulated)' : ''}: `
  const parts = [
    ...(resources.length > 0
      ? [`${counted(resources.length, 'change')} (${remediations.map(({ title }) => title).join(', ')})`]
      : []),
    ...(inDoubt.length > 0 ? [`${counted(inDoubt.length, 'change')} in doubt`] : []),
    ...(takenBack.length > 0 ? [`${counted(takenBack.length, 'change')} undone`] : []),
  ]
  const entries = [...resources, ...inDoubt, ...takenBack].flatMap((change) => change.entries.slice(-1))
  const none = tried ? 'no change was completed' : 'no change was made'
  return { label: 'Impact', text: `${capital(`${where}${parts.length > 0 ? parts.join(', ') : none}`)}.`, entries }
}

const causeLine = ({ reasons, runs }: RecordModel): Line => ({
  label: 'Cause',
  text: `${reasons.map(({ text }) => `"${text}"`).join(', ')} (stated by ${[...new Set(runs.map(({ opened }) => opened.operator))].join(', ')})`,
  entries: reasons.flatMap(({ entries }) => entries),
})

function durationLine({ runs, timeline }: RecordModel, status: IncidentStatus): Line {
  const last = timeline.at(-1)
  const lastTime = last?.until ?? last?.time ?? ''
  const from = runs[0]?.openedAt ?? lastTime
  const to = status === 'in-progress' ? lastTime : (runs.findLast(({ closed }) => closed)?.closed?.time ?? lastTime)
  const ms = Date.parse(to) - Date.parse(from)
  const length = Number.isNaN(ms) ? '' : `${formatDuration(ms)}${status === 'in-progress' ? ' so far' : ''}, `
  const entries = runs.flatMap(({ entry, closed }) => [entry, ...(closed ? [closed.entry] : [])])
  const count = runs.length > 1 ? ` in ${runs.length} runs` : ''
  return { label: 'Duration', text: `${length}${toSecondSpan(from, to)} UTC${count}.`, entries }
}

/** Names what is owed and by whom; the log knows the operators, not who maintains the repository. */
function owedLine(model: RecordModel, status: IncidentStatus, steps: StepState[]): Line {
  const { runs, incident, backfill } = model
  const operator = lastRun(model)?.opened.operator ?? ''
  const resume = isRehearsal(model) ? '' : ` (\`breakglass resume ${incident}\`)`
  const isOver = status === 'done' || status === 'undone'
  const inDoubt = stepsInDoubt(runs).map(({ step }) => step)
  const open = isOver ? [] : [...new Set([...inDoubt, ...steps.filter((step) => OPEN.has(groupOf(step)))])]
  const failed = isOver ? [] : checksOf(model).filter((check) => check.status !== 'conformant')
  const overrides = runs.flatMap((run) => run.overrides.filter(({ countersigned }) => !countersigned))
  const owed = backfill.owed.flatMap(({ points }) => points)
  const unchecked = backfill.unchecked.flatMap(({ points }) => points)
  const parts = [
    ...(!isOver && open.length + failed.length === 0 ? [`the end of the run by ${operator}${resume}`] : []),
    ...(open.length > 0 ? [`${counted(open.length, 'open step')} by ${operator}${resume}`] : []),
    ...(failed.length > 0 ? [`${counted(failed.length, 'failed check')} by ${operator}`] : []),
    ...overrides.map(({ by }) => `a countersignature by somebody other than ${by}`),
    ...(owed.length > 0
      ? [`${counted(owed.length, 'repo backfill point')} by whoever maintains ${files(backfill.owed)}`]
      : []),
    ...(status === 'undone' || isBackfillKnown(model)
      ? []
      : ['repo backfill not known: no run got as far as checking the repository']),
    ...(unchecked.length > 0
      ? [`a comparison of ${counted(unchecked.length, 'repo backfill point')} with a checkout by ${operator}`]
      : []),
  ]
  const entries = [
    ...open.flatMap((step) => step.entries.slice(-1)),
    ...[...failed, ...overrides].map(({ entry }) => entry),
    ...[...owed, ...unchecked].flatMap((point) => point.entries),
  ]
  return { label: 'Owed', text: `${capital(parts.length === 0 ? 'nothing' : parts.join('; '))}.`, entries }
}

/** The groups of steps that somebody still has to deal with. */
const OPEN: ReadonlySet<Group> = new Set(['in doubt', 'failed', 'unread', 'left', 'not reached'])

const files = (owed: BackfilledFile[]): string => {
  const [first, ...more] = owed.map(({ file }) => `\`${file}\``)
  return `${first}${more.length > 0 ? ` and ${counted(more.length, 'more file')}` : ''}`
}
