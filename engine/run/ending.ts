import type { Status } from '../steps/types.ts'
import type { RunEnd, RunProgress } from './model/course.ts'
import type { StepStatus } from './model/host.ts'
import { MADE_RIGHT } from './model/maker.ts'

/** What ends a run that somebody stopped where nothing was running. */
export const INTERRUPTED: RunEnd = { ending: 'interrupted', reason: 'no command is running, and nothing is in doubt' }

/** A step that did not end as it should ends the run: what comes after may lean on it. */
export function stopAfter(title: string, status: StepStatus, note: string): RunEnd | undefined {
  switch (status) {
    case 'conformant':
    case 'applied':
    case 'made-by-another':
    case 'made-by-unknown':
    case 'skipped':
    case 'left':
    case 'undone':
    case 'stated':
    case 'approved':
    case 'waited':
    case 'not-needed':
      return undefined
    case 'not-applied':
    case 'ambiguous':
    case 'unreadable':
    case 'overdue':
      return { ending: 'failed', reason: `${title}: ${note}` }
    case 'in-doubt':
      return { ending: 'in-doubt', reason: `${title}: ${note}` }
  }
}

/** How a run ended in which every step had its turn. */
export function endOf(course: RunProgress, checks: Status[]): RunEnd {
  const statuses = [...course.statuses.values()]
  const left = statuses.filter((status) => status === 'left' || status === 'skipped' || status === 'undone').length
  const failed = checks.filter((status) => status !== 'conformant').length
  const untold = statuses.filter((status) => status === 'unreadable').length
  if (untold > 0)
    return {
      ending: 'failed',
      reason: `${untold} ${untold === 1 ? 'step' : 'steps'} could not be told and ${untold === 1 ? 'was' : 'were'} passed over`,
    }
  if (left > 0)
    return {
      ending: 'drift',
      reason: `${left} ${left === 1 ? 'step was' : 'steps were'} left as found${failed > 0 ? `, ${failed} of ${checks.length} checks do not hold` : ''}`,
    }
  if (failed > 0) return { ending: 'failed', reason: `${failed} of ${checks.length} checks at the end do not hold` }
  const undone = course.plan.steps.some(({ undoes }) => undoes !== undefined)
  return {
    ending: 'done',
    reason: undone ? 'what was taken back is as it was before' : describeDone(statuses, checks.length),
  }
}

/** What a run that ended well may claim: what was right in the plan was seen then, and not again unless a check asks it. */
function describeDone(statuses: StepStatus[], checks: number): string {
  const changed = statuses.filter((status) => status === 'applied').length
  const right = statuses.filter((status) => status === 'conformant').length
  const theirs = statuses.filter((status) => status === 'made-by-another').length
  const unclear = statuses.filter((status) => status === 'made-by-unknown').length
  const stated = statuses.filter((status) => status === 'stated').length
  const steps = (count: number) => (count === 1 ? '1 step was' : `${count} steps were`)
  const parts = [
    ...(changed > 0 ? [`${steps(changed)} changed and read back`] : []),
    ...(stated > 0 ? [`${steps(stated)} done by hand, as stated and read by nobody`] : []),
    ...(theirs > 0 ? [`${theirs} ${MADE_RIGHT['made-by-another']}`] : []),
    ...(unclear > 0 ? [`${unclear} ${MADE_RIGHT['made-by-unknown']}`] : []),
    ...(right > 0 ? [`${steps(right)} right when looked at`] : []),
    ...(checks > 0 ? [checks === 1 ? 'the check at the end holds' : `all ${checks} checks at the end hold`] : []),
  ]
  return parts.length > 0 ? parts.join(', ') : 'there was nothing to look at'
}

/** How many steps became what. */
export function countStatuses(statuses: ReadonlyMap<string, StepStatus>): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const status of statuses.values()) counts[status] = (counts[status] ?? 0) + 1
  return counts
}
