import type { Readiness } from '../../base/readiness.ts'
import { type Access, type AccessUsed, describeAccess, namedOnPurpose } from '../../runbook/access.ts'
import { SecretBytes } from '../../steps/secrets/secret-bytes.ts'
import type { GcloudCall, GcloudResult } from '../../steps/world.ts'
import { describeIgnored } from '../environment.ts'
import type { Installed } from '../find.ts'
import { checkClock } from './clock.ts'
import { accountOf, checkConfiguration, readConfiguration } from './configuration.ts'
import { checkEnvironment, checkGithubToken } from './environment.ts'
import type { Needs } from './needs.ts'
import { checkPermissions, checkProject, type PermissionAnswer } from './project.ts'
import { checkComponents, checkGcloud } from './sdk.ts'

/** What a machine must be ready for: the given runbooks, or anything at all if there are none. */
export type Wanted = {
  project?: string
  needs?: Needs
  /** Whether permissions that only changes need are required. */
  strict: boolean
  /** The workspace's folder, in which scripts run. */
  folder?: string
  /** Whether each command starts a new gcloud. */
  cold?: boolean
  /** How to reach Google Cloud, with absolute paths; defaults to the machine's own configuration. */
  access?: Access
}

/** What checking the real world needs from outside. */
export type ExamineHost = {
  variables: Readonly<Record<string, string | undefined>>
  /** The requested access that was read and is used. */
  access?: AccessUsed
  installed: Installed | undefined
  gcloud(call: GcloudCall): Promise<GcloudResult>
  now(): Date
  /** Returns the Date header of a URL's answer. */
  dateOf(url: string): Promise<{ date?: string } | { failed: string }>
  testPermissions(token: SecretBytes, project: string, permissions: string[]): Promise<PermissionAnswer>
  /** Registers a secret for redaction of output. */
  guard(secret: SecretBytes): void
}

/** The results in the order in which to fix them, and the account that commands run as. */
export type Examined = { found: Readiness[]; account?: string }

const API = 'https://cloudresourcemanager.googleapis.com/'

/**
 * Checks everything that a live run depends on, in parallel, with two gcloud calls: its settings and, only if these
 * redirect nothing, the account's token, which stays in memory.
 */
export async function examineLive(host: ExamineHost, wanted: Wanted): Promise<Examined> {
  const [own, network] = await Promise.all([examineAccount(host, wanted), checkNetwork(host)])
  const { installed, variables } = host
  const project = await examineProject(host, wanted, own.token, network.reach)
  own.token?.wipe()
  const found = [
    checkGcloud(installed),
    installed ? checkComponents(installed, wanted.needs?.components) : skipped('components', 'gcloud is not installed'),
    checkEnvironment(variables, wanted.access),
    ...checkAccess(host.access),
    ...own.found,
    network.reach,
    network.clock,
    ...project,
    checkGithubToken(variables, wanted.needs?.github ?? false),
  ]
  return {
    found: found.map(withIgnored(variables, wanted.access)),
    ...(own.account === undefined ? {} : { account: own.account }),
  }
}

/** The checks that can fail because a caller's variable isn't passed on, such as a login, a proxy or a project. */
const SET_BY_VARIABLES: ReadonlySet<Readiness['name']> = new Set(['configuration', 'account', 'network', 'project'])

/** Reports how Google Cloud is reached, if the access says so. */
const checkAccess = (used: AccessUsed | undefined): Readiness[] =>
  used === undefined || Object.keys(used).length === 0
    ? []
    : [{ name: 'access', status: 'ok', message: `Google Cloud is reached ${describeAccess(used)}` }]

/** Adds to a failed check the ignored variables that may have been meant to make it work. */
function withIgnored(
  variables: ExamineHost['variables'],
  access: Access | undefined,
): (readiness: Readiness) => Readiness {
  const ignored = describeIgnored(variables, access)
  return (readiness) => {
    if (ignored === '' || readiness.status !== 'failed' || !SET_BY_VARIABLES.has(readiness.name)) return readiness
    return {
      ...readiness,
      message: `${readiness.message} (ignored, because they could redirect gcloud: ${ignored})`,
    }
  }
}

type Account = Examined & { token?: SecretBytes }

async function examineAccount(
  { installed, gcloud, guard, access: used }: ExamineHost,
  { access = {} }: Wanted,
): Promise<Account> {
  const noGcloud = 'gcloud is not installed'
  if (!installed) return { found: [skipped('configuration', noGcloud), skipped('account', noGcloud)] }
  const configuration = readConfiguration(
    await gcloud({ argv: ['config', 'list'], project: '', timeoutMs: 30_000, onlyReads: true }),
  )
  if (isReadiness(configuration)) return { found: [configuration, skipped('account', 'gcloud fails')] }
  const safe = checkConfiguration(configuration, access)
  if (safe.status === 'failed') return { found: [safe, skipped('account', "fix gcloud's configuration first")] }
  const account = accountIn(used) ?? accountOf(configuration)
  if (account === undefined) return { found: [safe, noLogin('not logged in to gcloud')] }
  const argv = ['auth', 'print-access-token']
  const printed = await gcloud({ argv, project: '', timeoutMs: 30_000, secretOutput: true, onlyReads: true })
  const token = printed.failure ? undefined : tokenIn(printed.output)
  if (token === undefined) return { found: [safe, noToken(account, access, printed)], account }
  guard(token)
  return {
    found: [
      safe,
      { name: 'account', status: 'ok', message: `logged in as ${account}${asOther(access)}, with an access token` },
    ],
    account,
    token,
  }
}

/** Returns the account of a credentials file; it replaces gcloud's active account. */
const accountIn = ({ credentialsFile }: AccessUsed = {}): string | undefined =>
  credentialsFile && (credentialsFile.serviceAccount ?? `the credentials file ${credentialsFile.name}`)

const asOther = ({ impersonateServiceAccount }: Access): string =>
  impersonateServiceAccount === undefined ? '' : `, impersonating ${impersonateServiceAccount}`

function noToken(account: string, access: Access, { failure }: GcloudResult): Readiness {
  if (failure?.cause === 'network' || failure?.cause === 'timeout')
    return skipped('account', `cannot get an access token for ${account} without a network`)
  const message = `cannot get an access token for ${account}${asOther(access)}${failure ? `: ${failure.message}` : ''}`
  const { impersonateServiceAccount, credentialsFile } = access
  if (impersonateServiceAccount !== undefined)
    return noLogin(
      message,
      `check that ${account} is logged in and has roles/iam.serviceAccountTokenCreator on ${impersonateServiceAccount}`,
    )
  return credentialsFile === undefined
    ? noLogin(message)
    : noLogin(message, 'check the credentials file, and that the token it names exists and has not expired')
}

const noLogin = (message: string, hint = 'run `gcloud auth login`, then run this command again'): Readiness => ({
  name: 'account',
  status: 'failed',
  message,
  hint,
})

/** Matches Node's codes for a certificate without a trusted issuer. */
const CERTIFICATE = /SELF_SIGNED_CERT|UNABLE_TO_(GET_ISSUER_CERT|VERIFY_LEAF)/

async function checkNetwork({ dateOf, now }: ExamineHost): Promise<{ reach: Readiness; clock: Readiness }> {
  const answer = await dateOf(API)
  if ('failed' in answer)
    return {
      reach: {
        name: 'network',
        status: 'failed',
        message: `cannot reach Google Cloud from this machine: ${answer.failed}`,
        hint: CERTIFICATE.test(answer.failed)
          ? `something in between, such as a company proxy, uses its own certificate: set its certificate authorities with ${namedOnPurpose('SSL_CERT_FILE')}`
          : `check the network or VPN, or set the proxy with ${namedOnPurpose('HTTPS_PROXY')}, then run this command again`,
      },
      clock: skipped('clock', 'Google Cloud is unreachable'),
    }
  return {
    reach: { name: 'network', status: 'ok', message: 'Google Cloud is reachable' },
    clock: checkClock(answer.date, now()),
  }
}

async function examineProject(
  host: Pick<ExamineHost, 'testPermissions'>,
  { project, needs, strict }: Wanted,
  token: SecretBytes | undefined,
  network: Readiness,
): Promise<Readiness[]> {
  const neither = (why: string) => [skipped('project', why), skipped('permissions', why)]
  if (project === undefined) return neither('no environment given (use --env)')
  if (network.status === 'failed') return neither('Google Cloud is unreachable')
  if (token === undefined) return neither('no access token')
  return judgeProject(project, needs, strict, await host.testPermissions(token, project, askedFor(needs)))
}

/** Returns the permissions to ask for; if none is known to be needed, one that everybody needs. */
export const askedFor = (needs: Needs | undefined): string[] =>
  needs === undefined || needs.permissions.length === 0
    ? ['resourcemanager.projects.get']
    : needs.permissions.map(({ name }) => name)

/** Returns the project and permission checks for an answer of Resource Manager. */
export const judgeProject = (
  project: string,
  needs: Needs | undefined,
  strict: boolean,
  answer: PermissionAnswer,
): Readiness[] => [
  checkProject(project, answer),
  needs === undefined ? skipped('permissions', 'no runbook given') : checkPermissions(needs, answer, strict),
]

/** Returns a skipped check and why it was skipped. */
export const skipped = (name: Readiness['name'], message: string): Readiness => ({
  name,
  status: 'skipped',
  message,
})

const isReadiness = (given: object): given is Readiness => typeof (given as Readiness).message === 'string'

/** Extracts the token that `gcloud auth print-access-token --format=json` printed, and wipes the output. */
function tokenIn(output: Uint8Array): SecretBytes | undefined {
  try {
    const { token } = JSON.parse(new TextDecoder().decode(output)) as { token?: unknown }
    return typeof token === 'string' && /^[\x21-\x7e]+$/.test(token) ? new SecretBytes(Buffer.from(token)) : undefined
  } catch {
    return undefined
  } finally {
    output.fill(0)
  }
}
