import { Problem } from '../runbook/problem.ts'
import type { GcloudResult } from '../steps/world.ts'

type Config = Record<string, Record<string, unknown> | undefined>

/** What the check before a live run asks of the outside: gcloud's own configuration, and whether Google answers. */
export type PreflightHost = {
  configList(): Promise<GcloudResult>
  reachable(url: string): Promise<true | string>
}

/** The settings of gcloud that would send commands elsewhere or run them as somebody else. */
const REDIRECTING = ['api_endpoint_overrides', 'proxy']

/**
 * Makes sure, before a live run observes anything, that somebody is logged in, that no setting redirects gcloud, and
 * that the network is there. Answers the account. Throws Problem with what is missing and what to do.
 */
export async function preflight(host: PreflightHost): Promise<string> {
  const config = readConfig(await host.configList())
  const redirected = REDIRECTING.flatMap((section) =>
    Object.keys(config[section] ?? {}).map((key) => `${section}/${key}`),
  )
  if (config.auth?.impersonate_service_account) redirected.push('auth/impersonate_service_account')
  if (redirected.length > 0)
    throw new Problem(
      `gcloud's configuration redirects its commands: ${redirected.join(', ')}`,
      `take it back first: ${redirected.map((name) => `gcloud config unset ${name}`).join('; ')}`,
      1,
    )
  const account = config.core?.account ?? (config.auth?.access_token_file ? 'the access token file' : undefined)
  if (account === undefined)
    throw new Problem('nobody is logged in to gcloud', 'run `gcloud auth login`, then this command again', 1)
  const answer = await host.reachable('https://cloudresourcemanager.googleapis.com/')
  if (answer !== true)
    throw new Problem(
      `Google Cloud can't be reached from this machine: ${answer}`,
      'check the network or VPN, then run this command again',
      1,
    )
  return String(account)
}

function readConfig(result: GcloudResult): Config {
  if (result.failure)
    throw new Problem(
      `gcloud does not run on this machine: ${result.failure.message}`,
      'mend the installation (`gcloud info` may say more), then run this command again',
      1,
    )
  try {
    return JSON.parse(new TextDecoder().decode(result.output)) as Config
  } catch {
    throw new Problem(
      'gcloud printed its configuration in a form that is not known',
      'run `gcloud config list --format=json` and look at it',
      1,
    )
  }
}
