import type { Failure } from '../steps/world.ts'
import { errorText } from './error-text.ts'

/** An API that nobody has enabled in the project. */
const DISABLED = /SERVICE_DISABLED|has not been used in project|API \[[^\][]+\] not enabled|it is disabled/i

/** What its status alone would sort wrongly: looked for before the status, which else speaks before any word in the message. */
const SPECIAL: [Failure['cause'], RegExp][] = [
  // It says nothing of what is there, and no further try makes it say more.
  ['invalid', /^the sandbox does not simulate /],
  ['disabled-api', DISABLED],
  // An organization's policy won't change by trying again; whoever may change it is somebody else.
  ['denied', /violates constraints\/|violated one or more Org Policies|do not belong to a permitted customer/],
  // A new account is known to IAM before it is known to policies.
  ['unavailable', /INVALID_ARGUMENT: Service account \S+ does not exist/],
]

/** How gcloud puts each kind of failure, in the order in which they are looked for. Texts of SDK 528 and Google's API errors. */
const SIGNS: [Failure['cause'], RegExp][] = [
  [
    'no-login',
    /do not currently have an active account|UNAUTHENTICATED|Reauthentication|refreshing your current auth tokens|invalid authentication credentials|invalid_grant|gcloud auth login/i,
  ],
  [
    'network',
    /ConnectionError|Max retries exceeded|NameResolutionError|ServerNotFoundError|Unable to find the server|Connection refused|Network is unreachable|ProxyError|Could not reach|Failed to establish a new connection|TransportError|RemoteDisconnected|ChunkedEncodingError|IncompleteRead|Connection broken|Connection aborted|Connection reset|Name or service not known|^gcloud got a web page/i,
  ],
  [
    'conflict',
    /ABORTED|concurrent policy changes|ALREADY_EXISTS|already exists|\bConflict\b|HTTPError 409|Resource in projects .{0,600} is the subject of a conflict/i,
  ],
  ['denied', /PERMISSION_DENIED|does not have permission|HTTPError 403|Permission .{0,600} denied|\bforbidden\b/i],
  ['not-found', /NOT_FOUND|Cannot find service|could not be found|instance \[[^\][]+\] not found|HTTPError 404/i],
  [
    'unavailable',
    /UNAVAILABLE|RESOURCE_EXHAUSTED|DEADLINE_EXCEEDED|INTERNAL\b|HTTP(Error)? (429|5\d\d)|Quota exceeded|internal error/i,
  ],
  [
    'invalid',
    /INVALID_ARGUMENT|FAILED_PRECONDITION|unrecognized arguments|argument .{0,600}: Must be specified|Invalid value|Invalid choice|HTTPError 400/i,
  ],
]

/** What the status means that gcloud puts right after the command's name: `(gcloud.secrets.describe) NOT_FOUND: …`. */
const STATUSES: Record<string, Failure['cause']> = {
  PERMISSION_DENIED: 'denied',
  UNAUTHENTICATED: 'no-login',
  NOT_FOUND: 'not-found',
  ABORTED: 'conflict',
  ALREADY_EXISTS: 'conflict',
  RESOURCE_EXHAUSTED: 'unavailable',
  UNAVAILABLE: 'unavailable',
  INTERNAL: 'unavailable',
  DEADLINE_EXCEEDED: 'unavailable',
  INVALID_ARGUMENT: 'invalid',
  FAILED_PRECONDITION: 'invalid',
  UNKNOWN: 'other',
}

/** A crash tells what gcloud choked on, a proxy's page say; whatever that says, it is not that a thing isn't there. */
const CRASH = /^gcloud crashed \([^)]*\)/

/** Sorts a failed command by what gcloud wrote on stderr. Evidence only: what happened is for the read-back to say. */
export function classifyFailure(exitCode: number | null, stderr: string): Failure {
  const message =
    errorText(stderr) || `gcloud ended with ${exitCode === null ? 'a signal' : `exit code ${exitCode}`} and no message`
  // Exit code 2 is gcloud's own refusal of the argv, before any request; its list of choices may hold any word.
  if (exitCode === 2) return { cause: 'invalid', message }
  const status = STATUSES[/^\(gcloud[^)]*\) ([A-Z_]+): /.exec(message)?.[1] ?? '']
  const special = SPECIAL.find(([, pattern]) => pattern.test(message))
  if (special) return { cause: special[0], message }
  if (status !== undefined) return { cause: status, message }
  const sign = SIGNS.find(
    ([cause, pattern]) => pattern.test(message) && !(cause === 'not-found' && CRASH.test(message)),
  )
  return { cause: sign?.[0] ?? 'other', message }
}

/**
 * What a command wrote whose answer is a secret, without what could quote that answer: a crash tells what it could not
 * decode, and lines without a mark could be anything. That it was a web page is no secret.
 */
export const withoutAnswers = (stderr: string): string =>
  stderr
    .slice(Math.max(0, stderr.search(/^ERROR:/m)))
    .replace(/^(?!ERROR:)[\s\S]*/, '')
    .replace(/^(ERROR: gcloud crashed \([^)]*\))(: Error decoding response "\s*<(?:!doctype|html))?[\s\S]*/i, '$1$2')
