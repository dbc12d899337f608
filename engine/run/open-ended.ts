import { isLongRunning, isSynchronous, longestMs } from '../gcloud-grammar/operation-times.ts'
import { type AskOperations, operationsOf } from '../steps/operations.ts'
import type { Action, Change } from '../steps/types.ts'
import type { Evidence, Failure, World } from '../steps/world.ts'
import type { StepState } from './model/step-state.ts'
import { isAlreadyThere, isEditConflict, isPropagating, isQuota } from './retry.ts'

/**
 * What may still come of a command: for how long its change may still take effect, in ms from now, unless the cloud says
 * sooner that the operation is over.
 */
export type StillOpen = { forMs: number; operations?: AskOperations }

/** The argv of a change, by which the table of times knows it. */
const argvOf = (action: Change): string[] =>
  action.kind === 'gcloud' ? action.command.argv : ['secrets', 'versions', 'add', action.to.secret]

/** Returns what may still come of a command that has just ended, begun at a time; nothing where the cloud has said how it ended. */
export function openAfter(evidence: Evidence, action: Change, begun: Date, world: World): StillOpen | undefined {
  const operations = operationsOf(action, begun, world)
  const asks = operations ? { operations } : {}
  if (mayStillHappen(evidence, argvOf(action))) return { forMs: longestMs(argvOf(action)), ...asks }
  // What was refused may have been the question how the operation goes, and not the operation.
  return evidence.failure && operations && evidence.way !== undefined ? { forMs: 0, ...asks } : undefined
}

/** How surely a failed command changed nothing: it would be refused again, or only this time, as for too many requests. */
export type Refusal = 'for-good' | 'this-time'

/**
 * Returns how a command was refused by what it was answered; undefined where it may have changed something. Too many requests
 * may be gcloud's questions how the change goes, unless it asks none.
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
      return isQuota(failure) && isChangeOf(action) && isSynchronous(argvOf(action)) ? 'this-time' : undefined
    // What a command needs may be new, and the read-back gives it time to become known.
    case 'not-found':
    case 'network':
    case 'timeout':
    case 'undecided':
    case 'other':
      return undefined
  }
}

/** Returns what may still come of a change that a person says they have made by hand; nothing where its API has no operations that go on. */
export function openByHand(action: Action | undefined): StillOpen | undefined {
  if (action === undefined || !isChangeOf(action) || !isLongRunning(argvOf(action))) return undefined
  return { forMs: longestMs(argvOf(action)) }
}

/** Whether nobody answered how a step's last command ended, so that it may have been carried out since. */
export function isUnanswered({ evidence, intended }: StepState): boolean {
  const action = intended.at(-1)?.action
  return (
    evidence !== undefined && action !== undefined && isChangeOf(action) && mayStillHappen(evidence, argvOf(action))
  )
}

/**
 * Whether a command may have been carried out, or may still be, though nothing of it shows: it was ended, or nobody knows
 * what the service answered. Only an answer rules it out, or that nothing was sent.
 */
function mayStillHappen({ way, exitCode, failure, stderr }: Evidence, argv: string[]): boolean {
  if (way === undefined || failure?.cause === 'no-gcloud') return false
  if (exitCode === 0) return argv.includes('--async') || argv.includes('--no-wait')
  // A signal ended it, or the shell that started it says that one did.
  if (exitCode === null || exitCode > 128) return true
  return failure === undefined || leavesOpen(failure) || wasFollowed(failure, stderr, argv)
}

/** Whether gcloud had begun to follow an operation when it was refused: what was refused may be only the question how that goes. */
function wasFollowed({ cause }: Failure, stderr: string, argv: string[]): boolean {
  // What gcloud is at stands before its error, which may speak of an operation that nobody may begin.
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
      // Made by our own request whose reply was lost, perhaps; what is new is not seen everywhere at once.
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
 * Returns what may still come of a step's last command by the log alone, for a process that goes on with it: by the times
 * of its entries, of which one in the future counts as now.
 */
export function openSince(state: StepState, timeoutMs: number, world: World): StillOpen | undefined {
  const { status, person, open, intended, intendedAt } = state
  const action = intended.at(-1)?.action
  if (action === undefined || !isChangeOf(action) || (person !== undefined && status !== 'in-doubt')) return undefined
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

const isChangeOf = (action: Action): action is Change => action.kind === 'gcloud' || action.kind === 'copy-secret'
