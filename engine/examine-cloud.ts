import { UserError } from './base/problem.ts'
import type { Readiness } from './base/readiness.ts'
import type { Parts } from './cloud-parts.ts'
import { type ReadAccess, readAccess } from './disk/access-files.ts'
import { findGcloud, type Installed } from './gcloud/find.ts'
import { openGcloud } from './gcloud/open-gcloud.ts'
import { checkEnvironment } from './gcloud/preflight/environment.ts'
import {
  askedFor,
  type ExamineHost,
  examineLive,
  judgeProject,
  skipped,
  type Wanted,
} from './gcloud/preflight/examine.ts'
import { dateOf, permissionsPath, readPermissions, testPermissions } from './gcloud/preflight/resource-manager.ts'
import { checkComponents, checkGcloud } from './gcloud/preflight/sdk.ts'
import { checkWarm } from './gcloud/warm/keep-warm.ts'
import type { Way } from './http/send.ts'
import { type Access, gcloudVariables } from './runbook/access.ts'
import { describeFrom } from './sandbox/apis/sdk.ts'
import { reachSandbox } from './sandbox/client/cloud.ts'
import { askSandboxApi, connectSandbox } from './sandbox/client/connect.ts'
import { startSandbox } from './sandbox/server.ts'
import type { CloudChoice } from './session/host/runtime.ts'
import { refusingWrites } from './steps/read-only.ts'
import type { SecretBytes } from './steps/secrets/secret-bytes.ts'

type ExamineParts = Omit<Parts, 'sleep'>

/** Checks everything that a run in a cloud depends on; changes nothing. */
export async function examineCloud(choice: CloudChoice, wanted: Wanted, parts: ExamineParts): Promise<Readiness[]> {
  switch (choice.kind) {
    case 'live':
      return examineReal(wanted, parts)
    case 'sandbox':
      return examineSandbox(choice.address, wanted, parts)
    case 'scenario': {
      const { scenario } = choice
      const now = () => parts.now().getTime()
      const running = await startSandbox(scenario, {
        ...{ scenarioName: scenario.metadata.name, now, random: parts.random },
        ...describeFrom(findGcloud(parts.environment.PATH), parts),
      })
      return examineSandbox(running.address, wanted, parts).finally(running.close)
    }
  }
}

async function examineReal(wanted: Wanted, parts: ExamineParts): Promise<Readiness[]> {
  const installed = findGcloud(parts.environment.PATH)
  const access = tryAccess(wanted.access)
  if ('name' in access) return withoutAccess(access, installed, wanted, parts)
  const real = installed && openGcloud(installed, gcloudVariables(wanted.access), wanted, (text) => text, parts)
  const run = real?.run ?? (() => Promise.reject(new Error('gcloud is not installed')))
  try {
    const { found } = await examineLive(
      liveHost(installed, run, access, wanted, parts, () => {}),
      wanted,
    )
    return real ? withWarm(found, await checkWarm(real.warm)) : found
  } finally {
    await real?.close()
  }
}

function tryAccess(access: Wanted['access']): ReadAccess | Readiness {
  try {
    return readAccess(access ?? {})
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    return { name: 'access', status: 'failed', message: error.message, hint: error.hint }
  }
}

/** Returns the checks that need no network, for access that can't be read. */
function withoutAccess(
  access: Readiness,
  installed: Installed | undefined,
  { access: named, needs }: Wanted,
  { environment }: ExamineParts,
): Readiness[] {
  const after = ['configuration', 'account', 'network', 'clock', 'project', 'permissions'] as const
  return [
    checkGcloud(installed),
    ...(installed ? [checkComponents(installed, needs?.components)] : []),
    checkEnvironment(environment, named),
    access,
    ...after.map((name) => skipped(name, 'fix the access first')),
  ]
}

/** Inserts the warm gcloud's check after gcloud's own. */
const withWarm = ([gcloud, components, ...rest]: Readiness[], warm: Readiness): Readiness[] =>
  [gcloud, components, warm, ...rest].filter((each) => each !== undefined)

/** Returns how the engine's own requests reach Google Cloud. */
export const wayOf = ({ proxy, noProxy }: Access = {}, ca: string | undefined): Way => ({
  ...(proxy === undefined ? {} : { proxy }),
  ...(noProxy === undefined ? {} : { noProxy }),
  ...(ca === undefined ? {} : { ca }),
})

/** Returns what checking the real world works with. */
export function liveHost(
  installed: Installed | undefined,
  run: ExamineHost['gcloud'],
  { used, ca }: ReadAccess,
  { access }: Wanted,
  { environment, now }: ExamineParts,
  guard: (secret: SecretBytes) => void,
): ExamineHost {
  return {
    variables: environment,
    installed,
    gcloud: refusingWrites(run, (text) => text),
    now,
    access: used,
    dateOf: (url) => dateOf(url, wayOf(access, ca)),
    testPermissions: (token, project, permissions) => testPermissions(token, project, permissions, wayOf(access, ca)),
    guard,
  }
}

/** Describes the access settings that a sandbox ignores; empty if there are none. */
export const unusedIn = (access: Access = {}): string =>
  Object.keys(access).length === 0
    ? ''
    : `a sandbox ignores \`access\`: it is reached directly, as its own account (${Object.keys(access).join(', ')})`

/** Checks a sandbox: settings, account and clock are its own, and gcloud may be missing. */
async function examineSandbox(address: string, wanted: Wanted, parts: ExamineParts): Promise<Readiness[]> {
  const info = await connectSandbox(address)
  const { token, scenario } = info
  const reach = await reachSandbox(address, info, parts)
  const installed = findGcloud(parts.environment.PATH)
  const own = (name: Readiness['name'], message: string): Readiness => ({ name, status: 'ok', message })
  return [
    ...(await checkSdk(installed, reach.environment, wanted, parts).finally(reach.close)),
    ...(unusedIn(wanted.access).length === 0 ? [] : [skipped('access', unusedIn(wanted.access))]),
    own('environment', "gcloud gets only the sandbox's variables"),
    own('configuration', "gcloud uses the sandbox's settings"),
    own('account', 'the sandbox has its own account'),
    own('network', `sandbox ${scenario} answers at ${address}`),
    skipped('clock', 'the sandbox has its own clock'),
    ...(await examineProject(address, token, wanted)),
    own('github', 'the sandbox has its own GitHub and token'),
  ]
}

async function checkSdk(
  installed: Installed | undefined,
  environment: Record<string, string>,
  wanted: Wanted,
  parts: ExamineParts,
): Promise<Readiness[]> {
  if (installed) {
    const real = openGcloud(installed, environment, wanted, (text) => text, parts)
    const warm = await checkWarm(real.warm).finally(real.close)
    return [checkGcloud(installed), checkComponents(installed, wanted.needs?.components), warm]
  }
  const message = 'gcloud is not installed; Breakglass runs its fake gcloud instead, which is for rehearsals only'
  return [
    { name: 'gcloud', status: 'warning', message, hint: 'install the Google Cloud SDK before you need it for real' },
    skipped('components', 'gcloud is not installed'),
  ]
}

async function examineProject(
  address: string,
  token: string,
  { project, needs, strict }: Wanted,
): Promise<Readiness[]> {
  if (project === undefined) {
    const why = 'no environment given (use --env)'
    return [skipped('project', why), skipped('permissions', why)]
  }
  const url = `http://cloudresourcemanager.sandbox${permissionsPath(project)}`
  const answer = await askSandboxApi(address, token, url, { permissions: askedFor(needs) })
  const answered = 'failed' in answer ? answer : readPermissions(answer.status, answer.json)
  return judgeProject(project, needs, strict, answered)
}
