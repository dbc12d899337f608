import type { Evidence, Failure } from '../steps/world.ts'

/**
 * What a failed command calls for, once its read-back has shown that nothing was changed: another try; a look at what
 * somebody else has changed; or an end, since it would be refused again.
 */
export type Remedy = 'try-again' | 'look-again' | 'stop'

/** So often a command is tried whose failure was passing, where the runbook doesn't ask for more. */
const TRIES = 4

/** The longest wait between two tries, unless the service or the runbook asks for a longer one. */
const LONGEST_MS = 60_000

/** Sorts a command by what it said; one that said nothing wrong is tried again too. */
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
      return 'look-again'
    case 'invalid':
      return isPropagating(failure) ? 'try-again' : 'stop'
    case 'denied':
    case 'no-login':
    case 'disabled-api':
    case 'no-gcloud':
      return 'stop'
  }
}

/** How often the step is tried in all, after such a failure. */
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

/** How long to wait before the next try: longer each time, spread so that several don't meet again, never less than the service asked for. */
export function waitBefore(attempt: number, everyMs: number, evidence: Evidence, random: number): number {
  const growing = Math.min(everyMs * 2 ** (attempt - 1), Math.max(everyMs, LONGEST_MS))
  return Math.max(Math.round(growing * (0.75 + random / 2)), retryAfter(evidence))
}

/** Whether the service refused what depends on something new: that is not known everywhere at once, and Google's APIs answer 400 "does not exist" for a while. */
export const isPropagating = ({ message }: Failure): boolean => /does not exist/i.test(message)

/** Whether the service refused the request because there were too many. */
export const isQuota = ({ message }: Failure): boolean =>
  /RESOURCE_EXHAUSTED|HTTP(Error)? 429|Quota exceeded/i.test(message)

/** Whether the service said that what was to be made is there already: somebody else made it, or a request of ours whose reply was lost. */
export const isAlreadyThere = ({ message }: Failure): boolean => /already.exists/i.test(message)

/** Whether the service refused the request because another edit came first: it did nothing, and the next try reads anew. */
export const isEditConflict = (failure: Failure): boolean => failure.cause === 'conflict' && !isAlreadyThere(failure)

/** The wait that the service asked for, in milliseconds, where gcloud's text shows it. */
function retryAfter({ stderr, failure }: Evidence): number {
  const text = `${stderr}\n${failure?.message ?? ''}`
  const found = /retry[-_ ]?(?:after|delay|in)\W{1,3}(\d+(?:\.\d+)?) ?s?/i.exec(text)?.[1]
  return found === undefined ? 0 : Math.min(Number(found), 600) * 1000
}
