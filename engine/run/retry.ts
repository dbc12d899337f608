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

/** What is new is not known everywhere at once: Google's APIs answer 400 "does not exist" for a while. */
const isPropagating = ({ message }: Failure): boolean => /does not exist/i.test(message)

/** The wait that the service asked for, in milliseconds, where gcloud's text shows it. */
function retryAfter({ stderr, failure }: Evidence): number {
  const text = `${stderr}\n${failure?.message ?? ''}`
  const found = /retry[-_ ]?(?:after|delay|in)\W{1,3}(\d+(?:\.\d+)?) ?s?/i.exec(text)?.[1]
  return found === undefined ? 0 : Math.min(Number(found), 600) * 1000
}
