import type { Readiness } from '../run/readiness.ts'
import type { GcloudResult } from '../steps/world.ts'

/** gcloud's own settings, by section and name. */
export type Configuration = Record<string, Record<string, unknown> | undefined>

/** Settings that send commands elsewhere or run them as somebody else. */
const REDIRECTING = ['auth/impersonate_service_account', 'auth/token_host', 'auth/credential_file_override']
const REDIRECTING_SECTIONS = ['api_endpoint_overrides', 'proxy']

/** Settings that are on where gcloud would show requests with what is in them, or talk to whoever answers. */
const LEAKING = ['core/log_http', 'auth/disable_ssl_validation']

/** Reads what `gcloud config list` printed. */
export function readConfiguration(result: GcloudResult): Configuration | Readiness {
  if (result.failure)
    return failed(
      `gcloud does not run on this machine: ${result.failure.message}`,
      'mend the installation (`gcloud info` may say more), then run this command again',
    )
  try {
    const json: unknown = JSON.parse(new TextDecoder().decode(result.output))
    if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json as Configuration
  } catch {}
  return failed(
    'gcloud printed its configuration in a form that is not known',
    'run `gcloud config list --format=json` and look at it',
  )
}

/** Whether anything in gcloud's own settings would redirect its commands or show what is in them. */
export function lookAtConfiguration(configuration: Configuration): Readiness {
  const redirected = [
    ...REDIRECTING_SECTIONS.flatMap((section) =>
      Object.keys(configuration[section] ?? {}).map((key) => `${section}/${key}`),
    ),
    ...REDIRECTING.filter((name) => setting(configuration, name)),
  ]
  const leaking = LEAKING.filter((name) => /^(true|1|yes|on)$/i.test(setting(configuration, name)))
  const wrong = [...redirected, ...leaking]
  if (wrong.length === 0)
    return {
      name: 'configuration',
      status: 'ok',
      says: 'no setting of gcloud redirects its commands or shows what is in them',
    }
  const says = [
    ...(redirected.length > 0 ? [`redirects its commands: ${redirected.join(', ')}`] : []),
    ...(leaking.length > 0 ? [`shows what is in them: ${leaking.join(', ')}`] : []),
  ]
  return failed(
    `the configuration of gcloud ${says.join(', and ')}`,
    `take it back first: ${wrong.map((name) => `gcloud config unset ${name}`).join('; ')}`,
  )
}

/** The account that commands run as; undefined where nobody is logged in. */
export function accountOf(configuration: Configuration): string | undefined {
  const account = setting(configuration, 'core/account')
  if (account !== '') return account
  return setting(configuration, 'auth/access_token_file') === '' ? undefined : 'the access token file'
}

function setting(configuration: Configuration, name: string): string {
  const [section = '', key = ''] = name.split('/')
  return String(configuration[section]?.[key] ?? '')
}

const failed = (says: string, mend: string): Readiness => ({ name: 'configuration', status: 'failed', says, mend })
