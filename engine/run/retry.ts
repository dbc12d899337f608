import type { Evidence, Failure } from '../steps/world.ts'

/**
 * What to do after a failed command whose read-back shows no change: try again, observe what somebody else changed, or
 * stop because it would be refused again.
 */
export type Remedy = 'try-again' | 'observe-again' | 'stop'

/** How often to try after a transient failure, unless the runbook asks for more. */
const TRIES = 4

/** The longest wait between two attempts, unless the service or the runbook asks for more. */
const LONGEST_MS = 60_000

/** Returns what to do after a failure; a command that reported none is tried again too. */
export function remedyFor(failure: Failure | undefined): Remedy {
  switch (failure?.cause) {
    case undefined:
    case 'network':
    case 'unavailable':
    case 'timeout':
    case 'undecided':
    case 'not-found':
    case 'other':
      return 'try-again'
    case 'conflict':
      return 'observe-again'
    case 'invalid':
      return isPropagating(failure) ? 'try-again' : 'stop'
    case 'denied':
    case 'no-login':
    case 'disabled-api':
    case 'no-gcloud':
      return 'stop'
  }
}

/** Returns how often to try in all after a failure. */
export function triesFor(failure: Failure | undefined, asked: number): number {
  switch (failure?.cause) {
    case 'conflict':
    case 'network':
    case 'unavailable':
      return Math.max(asked, TRIES)
    default:
      return failure && isPropagating(failure) ? Math.max(asked, TRIES) : asked
  }
}

/**
 * Returns how long to wait before the next attempt: longer each time, with jitter, and never less than the service
 * asked for.
 */
export function waitBefore(attempt: number, everyMs: number, evidence: Evidence, random: number): number {
  const growing = Math.min(everyMs * 2 ** (attempt - 1), Math.max(everyMs, LONGEST_MS))
  return Math.max(Math.round(growing * (0.75 + random / 2)), retryAfter(evidence))
}

/**
 * Returns whether the service refused because something new is not known everywhere yet: Google's APIs answer 400 "does
 * not exist" for a while.
 */
export const isPropagating = ({ message }: Failure): boolean => /does not exist/i.test(message)

/** Returns whether the service refused because of too many requests. */
export const isQuota = ({ message }: Failure): boolean =>
  /RESOURCE_EXHAUSTED|HTTP(Error)? 429|Quota exceeded/i.test(message)

/**
 * Returns whether the service reported that the resource exists already: made by somebody else, or by our own request
 * whose reply was lost.
 */
export const isAlreadyThere = ({ message }: Failure): boolean => /already.exists/i.test(message)

/**
 * Returns whether the service refused because another edit came first: it did nothing, and the next attempt reads
 * again.
 */
export const isEditConflict = (failure: Failure): boolean => failure.cause === 'conflict' && !isAlreadyThere(failure)

/** Returns the wait that the service asked for, in ms, if gcloud printed it. */
function retryAfter({ stderr, failure }: Evidence): number {
  const text = `${stderr}\n${failure?.message ?? ''}`
  const found = /retry[-_ ]?(?:after|delay|in)\W{1,3}(\d+(?:\.\d+)?) ?s?/i.exec(text)?.[1]
  return found === undefined ? 0 : Math.min(Number(found), 600) * 1000
}
