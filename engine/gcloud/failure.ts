import type { Failure } from '../steps/world.ts'
import { errorText } from './error-text.ts'

/** Matches an API that isn't enabled in the project. */
const DISABLED = /SERVICE_DISABLED|has not been used in project|API \[[^\][]+\] not enabled|it is disabled/i

/** Failures that their status would misclassify; checked before the status, which otherwise outranks any word in the message. */
const SPECIAL: [Failure['cause'], RegExp][] = [
  // This says nothing about what exists, and retrying doesn't change it.
  ['invalid', /^the sandbox does not simulate /],
  ['disabled-api', DISABLED],
  // Retrying doesn't change an organization policy, and the operator usually can't.
  ['denied', /violates constraints\/|violated one or more Org Policies|do not belong to a permitted customer/],
  // IAM knows a new account before policies do.
  ['unavailable', /INVALID_ARGUMENT: Service account \S+ does not exist/],
]

/** Matches each kind of failure, in order of precedence. Texts of SDK 528 and of Google's API errors. */
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

/** Maps the status that gcloud prints after the command's name: `(gcloud.secrets.describe) NOT_FOUND: …`. */
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

/** Matches a crash, which quotes what gcloud couldn't parse, such as a proxy's page; it never proves that a resource doesn't exist. */
const CRASH = /^gcloud crashed \([^)]*\)/

/** Classifies a failed command by its stderr. This is evidence only: the read-back decides what happened. */
export function classifyFailure(exitCode: number | null, stderr: string): Failure {
  const message =
    errorText(stderr) ||
    `gcloud ended with ${exitCode === null ? 'a signal' : `exit code ${exitCode}`} and no error message`
  // Exit code 2 is gcloud's own refusal of the argv, before any request; its list of choices may contain any word.
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
 * Returns the stderr of a command whose output is a secret, without anything that could quote that output: a crash quotes
 * what it couldn't decode, and unmarked lines could be anything. That it was a web page is not secret.
 */
export const withoutAnswers = (stderr: string): string =>
  stderr
    .slice(Math.max(0, stderr.search(/^ERROR:/m)))
    .replace(/^(?!ERROR:)[\s\S]*/, '')
    .replace(/^(ERROR: gcloud crashed \([^)]*\))(: Error decoding response "\s*<(?:!doctype|html))?[\s\S]*/i, '$1$2')
