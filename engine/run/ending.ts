import type { Status } from '../steps/types.ts'
import { MADE_RIGHT } from './model/maker.ts'
import type { RunEnd, RunProgress } from './model/progress.ts'
import { STATUSES, type StepStatus } from './model/step-status.ts'

/** The end of a run that somebody stopped while no command was running. */
export const INTERRUPTED: RunEnd = { ending: 'interrupted', reason: 'no command is running, and nothing is in doubt' }

/** Returns how a run ends after a step; undefined if it continues. */
export function stopAfter(title: string, status: StepStatus, note: string): RunEnd | undefined {
  const { ends } = STATUSES[status]
  return ends && { ending: ends, reason: `${title}: ${note}` }
}

/** Returns how a run ended that processed every step. */
export function endOf({ plan, statuses }: RunProgress, checks: Status[]): RunEnd {
  const all = [...statuses.values()]
  const unread = all.filter((status) => status === 'unreadable').length
  const drifted = all.filter((status) => STATUSES[status].drifted).length
  const failed = checks.filter((status) => status !== 'conformant').length
  const failedChecks = `${failed}/${checks.length} checks failed`
  if (unread > 0)
    return {
      ending: 'failed',
      reason: `${steps(unread)} could not be read and ${unread === 1 ? 'was' : 'were'} skipped`,
    }
  if (drifted > 0)
    return { ending: 'drift', reason: `${steps(drifted)} left as found${failed > 0 ? `, ${failedChecks}` : ''}` }
  if (failed > 0) return { ending: 'failed', reason: failedChecks }
  const isUndo = plan.steps.some(({ undoes }) => undoes !== undefined)
  return { ending: 'done', reason: isUndo ? 'every undone step is as it was before' : describeDone(all, checks.length) }
}

const steps = (count: number): string => (count === 1 ? '1 step' : `${count} steps`)

/** The word for the steps of a status in a run that ended well, in the order of the sentence; undefined if it isn't mentioned. */
const DONE_WORDS: Record<StepStatus, string | undefined> = {
  applied: 'changed',
  stated: 'done by hand (stated, not verified)',
  'made-by-another': MADE_RIGHT['made-by-another'],
  'made-by-unknown': MADE_RIGHT['made-by-unknown'],
  conformant: 'already correct',
  approved: undefined,
  waited: undefined,
  'not-needed': undefined,
  skipped: undefined,
  left: undefined,
  unreadable: undefined,
  undone: undefined,
  overdue: undefined,
  'not-applied': undefined,
  ambiguous: undefined,
  'in-doubt': undefined,
}

/** Describes a run that ended well. A step that was already correct was read once, unless a check reads it again. */
function describeDone(statuses: StepStatus[], checks: number): string {
  const parts = Object.entries(DONE_WORDS).flatMap(([status, word]) => {
    const count = statuses.filter((each) => each === status).length
    return word === undefined || count === 0 ? [] : [`${count} ${word}`]
  })
  if (checks > 0) parts.push(`${checks}/${checks} checks passed`)
  return parts.length > 0 ? parts.join(', ') : 'there was nothing to check'
}

/** Counts the steps by status. */
export function countStatuses(statuses: ReadonlyMap<string, StepStatus>): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const status of statuses.values()) counts[status] = (counts[status] ?? 0) + 1
  return counts
}
