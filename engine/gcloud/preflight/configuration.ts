import type { Readiness } from '../../base/readiness.ts'
import { type Access, accessProperties, namedOnPurpose } from '../../runbook/access.ts'
import type { GcloudResult } from '../../steps/world.ts'

/** gcloud's own settings, by section and name. */
export type Configuration = Record<string, Record<string, unknown> | undefined>

/** Settings that send commands elsewhere, trust someone else, or run commands as someone else. */
const REDIRECTING = [
  'auth/impersonate_service_account',
  'auth/token_host',
  'auth/mtls_token_host',
  'auth/token_introspection_endpoint',
  'auth/credential_file_override',
  'auth/authorization_token_file',
  'core/custom_ca_certs_file',
  'core/universe_domain',
]
const REDIRECTING_SECTIONS = ['api_endpoint_overrides', 'proxy']

/** Settings that, if on, print requests with their contents or accept any server. */
const LEAKING = ['core/log_http', 'auth/disable_ssl_validation']

/** Reads the output of `gcloud config list`. */
export function readConfiguration(result: GcloudResult): Configuration | Readiness {
  if (result.failure)
    return failed(
      `gcloud fails on this machine: ${result.failure.message}`,
      'repair the gcloud installation (`gcloud info` shows details), then run this command again',
    )
  try {
    const json: unknown = JSON.parse(new TextDecoder().decode(result.output))
    if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json as Configuration
  } catch {}
  return failed(
    'gcloud printed its configuration in an unknown format',
    'run `gcloud config list --format=json` and check its output',
  )
}

/** A token kept in a file takes precedence over any named login. */
const TOKEN_FILE = 'auth/access_token_file'

/** Checks that no gcloud setting redirects commands or exposes their contents, except with a value that the access names. */
export function checkConfiguration(configuration: Configuration, access: Access = {}): Readiness {
  const named = accessProperties(access)
  const hasLogin = access.account !== undefined || access.credentialsFile !== undefined
  const redirected = [
    ...REDIRECTING_SECTIONS.flatMap((section) =>
      Object.keys(configuration[section] ?? {}).map((key) => `${section}/${key}`),
    ),
    ...[...REDIRECTING, ...(hasLogin ? [TOKEN_FILE] : [])].filter((name) => setting(configuration, name)),
  ].filter((name) => setting(configuration, name) !== named[name])
  const leaking = LEAKING.filter((name) => /^(true|1|yes|on)$/i.test(setting(configuration, name)))
  const wrong = [...redirected, ...leaking]
  if (wrong.length === 0 && /^(true|1|yes|on)$/i.test(setting(configuration, 'context_aware/use_client_certificate')))
    return {
      name: 'configuration',
      status: 'warning',
      message:
        "gcloud uses a client certificate (context_aware/use_client_certificate), but Breakglass's own requests do not: its http and permission checks may be refused",
      hint: 'if that happens, check the permissions with `gcloud`',
    }
  if (wrong.length === 0)
    return {
      name: 'configuration',
      status: 'ok',
      message: 'no gcloud setting redirects commands or exposes their contents',
    }
  const message = [
    ...(redirected.length > 0 ? [`redirects commands (${redirected.join(', ')})`] : []),
    ...(leaking.length > 0 ? [`exposes their contents (${leaking.join(', ')})`] : []),
  ]
  return failed(
    `gcloud's configuration ${message.join(' and ')}`,
    [...hintsFor(redirected), `run ${wrong.map((name) => `\`gcloud config unset ${name}\``).join(', ')}`].join('; or '),
  )
}

/** Returns how to name these settings explicitly, each way once. */
const hintsFor = (settings: string[]): string[] => {
  const hows = new Set(settings.flatMap((name) => namedOnPurpose(name) ?? []))
  return hows.size === 0 ? [] : [`to use it, set ${[...hows].join('; ')}`]
}

/** Returns the account that commands run as; undefined if nobody is logged in. */
export function accountOf(configuration: Configuration): string | undefined {
  const account = setting(configuration, 'core/account')
  if (account !== '') return account
  return setting(configuration, 'auth/access_token_file') === '' ? undefined : 'the access token file'
}

function setting(configuration: Configuration, name: string): string {
  const [section = '', key = ''] = name.split('/')
  return String(configuration[section]?.[key] ?? '')
}

const failed = (message: string, hint: string): Readiness => ({
  name: 'configuration',
  status: 'failed',
  message,
  hint,
})
