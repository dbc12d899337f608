import { isLongRunning, isSynchronous, longestMs } from '../gcloud-grammar/operation-times.ts'
import { isChange } from '../steps/index.ts'
import { type AskOperations, operationsOf } from '../steps/operations.ts'
import type { Action, Change } from '../steps/types.ts'
import type { Evidence, Failure, World } from '../steps/world.ts'
import type { StepState } from './model/step-state.ts'
import { isAlreadyThere, isEditConflict, isPropagating, isQuota } from './retry.ts'

/**
 * How long a command's change may still take effect, in ms from now, unless the cloud reports sooner that its operation
 * is over.
 */
export type PendingEffect = { forMs: number; operations?: AskOperations }

/** Returns the argv by which the table of operation times knows a change. */
const argvOf = (action: Change): string[] =>
  action.kind === 'gcloud' ? action.command.argv : ['secrets', 'versions', 'add', action.to.secret]

/**
 * Returns what may still happen after a command that began at `begun`; undefined if the cloud reported how it ended.
 */
export function pendingAfter(evidence: Evidence, action: Change, begun: Date, world: World): PendingEffect | undefined {
  const operations = operationsOf(action, begun, world)
  const asks = operations ? { operations } : {}
  if (mayStillHappen(evidence, argvOf(action))) return { forMs: longestMs(argvOf(action)), ...asks }
  // Perhaps only the poll of the operation was refused.
  return evidence.failure && operations && evidence.way !== undefined ? { forMs: 0, ...asks } : undefined
}

/** How a command was refused: it would be refused again, or only this time, as for too many requests. */
export type Refusal = 'for-good' | 'this-time'

/**
 * Returns how a command was refused; undefined if it may have changed something. Too many requests may be gcloud's
 * polling, unless the command doesn't poll.
 */
export function refusalOf(failure: Failure, action: Action): Refusal | undefined {
  switch (failure.cause) {
    case 'denied':
    case 'no-login':
    case 'disabled-api':
    case 'invalid':
    case 'no-gcloud':
      return 'for-good'
    case 'conflict':
      return isEditConflict(failure) ? 'this-time' : undefined
    case 'unavailable':
      return isQuota(failure) && isChange(action) && isSynchronous(argvOf(action)) ? 'this-time' : undefined
    // What the command needs may be new: the read-back gives it time to become known.
    case 'not-found':
    case 'network':
    case 'timeout':
    case 'undecided':
    case 'other':
      return undefined
  }
}

/** Returns what may still happen after a change by hand; undefined if its API has no long-running operations. */
export function pendingByHand(action: Action | undefined): PendingEffect | undefined {
  if (action === undefined || !isChange(action) || !isLongRunning(argvOf(action))) return undefined
  return { forMs: longestMs(argvOf(action)) }
}

/** Returns whether a step's last command may have taken effect since: no answer of the service rules it out. */
export function isUnanswered({ evidence, intended }: StepState): boolean {
  const action = intended.at(-1)?.action
  return evidence !== undefined && action !== undefined && isChange(action) && mayStillHappen(evidence, argvOf(action))
}

/**
 * Returns whether a command may have run, or still be running, though nothing of it shows: it was killed, or the
 * service's answer is unknown. Only an answer, or proof that nothing was sent, rules that out.
 */
function mayStillHappen({ way, exitCode, failure, stderr }: Evidence, argv: string[]): boolean {
  if (way === undefined || failure?.cause === 'no-gcloud') return false
  if (exitCode === 0) return argv.includes('--async') || argv.includes('--no-wait')
  // Killed by a signal, or the shell that started it reports one.
  if (exitCode === null || exitCode > 128) return true
  return failure === undefined || leavesOpen(failure) || wasFollowed(failure, stderr, argv)
}

/** Returns whether gcloud was polling an operation when it was refused: then only the poll may have been refused. */
function wasFollowed({ cause }: Failure, stderr: string, argv: string[]): boolean {
  // gcloud prints its progress before its error, which may mention an operation that was never started.
  const [progress = ''] = stderr.split(/^ERROR:/m, 1)
  return (cause === 'no-login' || cause === 'denied') && isLongRunning(argv) && /\boperations?\b|\.\.\./i.test(progress)
}

function leavesOpen(failure: Failure): boolean {
  switch (failure.cause) {
    case 'network':
    case 'timeout':
    case 'undecided':
    case 'other':
      return true
    case 'unavailable':
      return !isQuota(failure) && !isPropagating(failure)
    case 'conflict':
      // Perhaps made by our own request whose reply was lost; a new resource isn't visible everywhere at once.
      return isAlreadyThere(failure)
    case 'invalid':
    case 'denied':
    case 'no-login':
    case 'disabled-api':
    case 'not-found':
    case 'no-gcloud':
      return false
  }
}

/**
 * Returns what may still happen after a step's last command by the log alone, for a process that resumes. A time in the
 * future counts as now.
 */
export function pendingSince(state: StepState, timeoutMs: number, world: World): PendingEffect | undefined {
  const { status, person, open, intended, intendedAt } = state
  const action = intended.at(-1)?.action
  if (action === undefined || !isChange(action) || (person !== undefined && status !== 'in-doubt')) return undefined
  const now = (world.clock.real?.() ?? world.clock.now()).getTime()
  const left = (whole: number, since: string): number =>
    Math.max(0, whole - Math.max(0, now - new Date(since).getTime()))
  const operations = operationsOf(action, new Date(intendedAt ?? now), world)
  const asks = operations ? { operations } : {}
  if (status === 'intent-open' && intendedAt !== undefined)
    return { forMs: left(timeoutMs + longestMs(argvOf(action)), intendedAt), ...asks }
  if (status === 'in-doubt') return { forMs: open ? left(open.forMs, open.at) : 0, ...asks }
  return undefined
}
