import { printable } from '../base/printable.ts'
import { trustedPath } from '../programs/find-program.ts'
import { type Access, namedOnPurpose } from '../runbook/access.ts'

/** What a gcloud child sees of the caller's environment: enough to run, nothing that could redirect it. */
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

/** Variables of the caller that change where requests go, whom they trust, or as whom they are made; they are never passed on. */
const REDIRECTING =
  /^(CLOUDSDK_.*|GOOGLE_(APPLICATION_CREDENTIALS|IMPERSONATE_SERVICE_ACCOUNT|API_USE_.*|EXTERNAL_ACCOUNT_.*|CLOUD_UNIVERSE_DOMAIN)|GCE_METADATA_.*|NO_GCE_CHECK|(https?|all|no|socks)_proxy|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE|SSL_CERT_(FILE|DIR)|NODE_EXTRA_CA_CERTS)$/i

/**
 * The setting that puts a mark into the user agent of every request of gcloud (`environment/…`), where Cloud Audit Logs keep it:
 * with it a call is known as ours, also where others use the same account.
 */
export const marking = (mark: string): Record<string, string> => ({ CLOUDSDK_METRICS_ENVIRONMENT: mark })

type Variables = Readonly<Record<string, string | undefined>>

/** Settings that every gcloud child gets: no questions, no reports home, no log files (they would record argv). */
const ALWAYS = {
  CLOUDSDK_CORE_DISABLE_PROMPTS: '1',
  CLOUDSDK_CORE_DISABLE_USAGE_REPORTING: 'true',
  CLOUDSDK_CORE_DISABLE_FILE_LOGGING: 'true',
  CLOUDSDK_CORE_SURVEY_DISABLE_PROMPTS: 'true',
  CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK: 'true',
}

/** A gcloud child's whole environment: what is kept of the caller's, then what the world (the sandbox) adds. */
export function childEnvironment(caller: Variables, added: Readonly<Record<string, string>>): Record<string, string> {
  const kept = KEPT.flatMap((name) => (caller[name] === undefined ? [] : [[name, caller[name]] as const]))
  const PATH = caller.PATH === undefined ? {} : { PATH: trustedPath(caller.PATH) }
  return { ...Object.fromEntries(kept), ...PATH, ...ALWAYS, ...added }
}

/** Returns the names of the caller's variables that would redirect gcloud and are left out; an empty one does nothing. */
export const ignoredVariables = (caller: Variables): string[] =>
  Object.keys(caller)
    .filter((name) => REDIRECTING.test(name) && caller[name] !== '')
    .sort()

/** Describes the same, never with a value: each kind with how to name it on purpose, unless the access names it already. */
export function describeIgnored(caller: Variables, access: Access = {}): string {
  const kinds = Map.groupBy(ignoredVariables(caller), (name) => namedOnPurpose(name, access))
  return [...kinds]
    .map(([how, names]) => printable(`${names.join(', ')}${how === undefined ? '' : ` (to use it, name ${how})`}`))
    .join(', ')
}
