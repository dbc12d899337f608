import { printable } from '../base/printable.ts'
import { trustedPath } from '../programs/find-program.ts'
import { type Access, namedOnPurpose } from '../runbook/access.ts'

/** The caller's variables that gcloud gets: enough to run, none that could redirect it. */
const KEPT = [
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'LANG',
  'LC_ALL',
  'TMPDIR',
  'TMP',
  'TEMP',
  'SYSTEMROOT',
  'APPDATA',
  'USERPROFILE',
]

/** Matches variables that change where requests go, whom they trust, or which account sends them; they are never passed on. */
const REDIRECTING =
  /^(CLOUDSDK_.*|GOOGLE_(APPLICATION_CREDENTIALS|IMPERSONATE_SERVICE_ACCOUNT|API_USE_.*|EXTERNAL_ACCOUNT_.*|CLOUD_UNIVERSE_DOMAIN)|GCE_METADATA_.*|NO_GCE_CHECK|(https?|all|no|socks)_proxy|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE|SSL_CERT_(FILE|DIR)|NODE_EXTRA_CA_CERTS)$/i

/**
 * Returns the setting that adds a mark to the user agent of each gcloud request (`environment/…`). Cloud Audit Logs keep
 * it, so that a call can be recognized as ours even if others use the same account.
 */
export const marking = (mark: string): Record<string, string> => ({ CLOUDSDK_METRICS_ENVIRONMENT: mark })

type Variables = Readonly<Record<string, string | undefined>>

/** Settings for every gcloud process: no prompts, no usage reports, no log files (they would record argv). */
const ALWAYS = {
  CLOUDSDK_CORE_DISABLE_PROMPTS: '1',
  CLOUDSDK_CORE_DISABLE_USAGE_REPORTING: 'true',
  CLOUDSDK_CORE_DISABLE_FILE_LOGGING: 'true',
  CLOUDSDK_CORE_SURVEY_DISABLE_PROMPTS: 'true',
  CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK: 'true',
}

/** Returns a gcloud process's whole environment: the kept part of the caller's, then what the world (the sandbox) adds. */
export function childEnvironment(caller: Variables, added: Readonly<Record<string, string>>): Record<string, string> {
  const kept = KEPT.flatMap((name) => (caller[name] === undefined ? [] : [[name, caller[name]] as const]))
  const PATH = caller.PATH === undefined ? {} : { PATH: trustedPath(caller.PATH) }
  return { ...Object.fromEntries(kept), ...PATH, ...ALWAYS, ...added }
}

/** Returns the names of the caller's variables that would redirect gcloud and are left out; an empty one has no effect. */
export const ignoredVariables = (caller: Variables): string[] =>
  Object.keys(caller)
    .filter((name) => REDIRECTING.test(name) && caller[name] !== '')
    .sort()

/** Describes the same without any value, with the flag or setting that replaces each kind, unless the access uses it already. */
export function describeIgnored(caller: Variables, access: Access = {}): string {
  const kinds = Map.groupBy(ignoredVariables(caller), (name) => namedOnPurpose(name, access))
  return [...kinds]
    .map(([how, names]) => printable(`${names.join(', ')}${how === undefined ? '' : ` (to use it, set ${how})`}`))
    .join(', ')
}
