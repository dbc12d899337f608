import { trustedPath } from '../programs/find-program.ts'

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

/** Variables of the caller that change where gcloud sends what, or as whom; they are never passed on. */
const REDIRECTING = /^(CLOUDSDK_.*|GOOGLE_APPLICATION_CREDENTIALS|GCE_METADATA_.*|NO_GCE_CHECK|(https?|all|no)_proxy)$/i

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

/** The caller's variables that would redirect gcloud and are left out, by name, so that the person can be told. */
export const ignoredVariables = (caller: Variables): string[] =>
  Object.keys(caller)
    .filter((name) => REDIRECTING.test(name))
    .sort()
