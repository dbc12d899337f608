import type { CloudChoice } from './cli/outside.ts'
import { runGcloud } from './gcloud/client.ts'
import { childEnvironment } from './gcloud/environment.ts'
import { askedFor, type ExamineHost, examineLive, judgeProject, skipped, type Wanted } from './gcloud/examine.ts'
import { findGcloud, type Installed } from './gcloud/find.ts'
import { lookAtComponents, lookAtGcloud } from './gcloud/look-at-sdk.ts'
import { dateOf, permissionsPath, readPermissions, testPermissions } from './gcloud/resource-manager.ts'
import type { Parts } from './open-cloud.ts'
import type { Readiness } from './run/readiness.ts'
import { askSandboxApi, connectSandbox } from './sandbox/connect.ts'
import { startSandbox } from './sandbox/server.ts'
import type { SecretBytes } from './steps/secret-bytes.ts'

type ExamineParts = Omit<Parts, 'sleep'>

/** Looks at all that a run in a cloud stands on, and changes nothing. */
export async function examineCloud(choice: CloudChoice, wanted: Wanted, parts: ExamineParts): Promise<Readiness[]> {
  switch (choice.kind) {
    case 'live': {
      const host = liveHost(findGcloud(parts.environment.PATH), parts, { mask: (text) => text, guard: () => {} })
      return (await examineLive(host, wanted)).found
    }
    case 'sandbox':
      return examineSandbox(choice.address, wanted, parts)
    case 'scenario': {
      const { scenario } = choice
      const now = () => parts.now().getTime()
      const running = await startSandbox(scenario, { scenarioName: scenario.metadata.name, now, random: parts.random })
      return examineSandbox(running.address, wanted, parts).finally(running.close)
    }
  }
}

/** What an examination of the real world works with. */
export function liveHost(
  installed: Installed | undefined,
  { environment, now, endGroup, onChild }: ExamineParts,
  { mask, guard }: { mask(text: string): string; guard(secret: SecretBytes): void },
): ExamineHost {
  const host = {
    path: installed?.path ?? '',
    environment: childEnvironment(environment, {}),
    endGroup,
    onChild,
    mask,
  }
  return {
    variables: environment,
    installed,
    gcloud: (call) => runGcloud(call, host),
    now,
    dateOf,
    testPermissions,
    guard,
  }
}

/** In a sandbox its own settings, account and clock stand in for the real ones, and gcloud may be missing. */
async function examineSandbox(address: string, wanted: Wanted, parts: ExamineParts): Promise<Readiness[]> {
  const { token, scenario } = await connectSandbox(address)
  const installed = findGcloud(parts.environment.PATH)
  const own = (name: Readiness['name'], says: string): Readiness => ({ name, status: 'ok', says })
  return [
    ...lookAtSdk(installed, wanted),
    own('environment', "gcloud gets the sandbox's variables and none of the caller's that would redirect it"),
    own('configuration', "gcloud's settings are the sandbox's own"),
    own('account', 'the sandbox has an account of its own'),
    own('network', `sandbox ${scenario} answers at ${address}`),
    skipped('clock', 'a sandbox keeps its own clock'),
    ...(await examineProject(address, token, wanted)),
    own('github', 'the sandbox has a GitHub and a token of its own'),
  ]
}

function lookAtSdk(installed: Installed | undefined, { needs }: Wanted): Readiness[] {
  if (installed) return [lookAtGcloud(installed), lookAtComponents(installed, needs?.components)]
  const says = 'gcloud is not installed: a stand-in of Breakglass runs in its place, for rehearsals only'
  return [
    { name: 'gcloud', status: 'warning', says, mend: 'install the Google Cloud SDK before you need it' },
    skipped('components', 'there is no gcloud'),
  ]
}

async function examineProject(
  address: string,
  token: string,
  { project, needs, strict }: Wanted,
): Promise<Readiness[]> {
  if (project === undefined) {
    const why = 'no environment was named: --env'
    return [skipped('project', why), skipped('permissions', why)]
  }
  const url = `http://cloudresourcemanager.sandbox${permissionsPath(project)}`
  const answer = await askSandboxApi(address, token, url, { permissions: askedFor(needs) })
  const told = 'failed' in answer ? answer : readPermissions(answer.status, answer.json)
  return judgeProject(project, needs, strict, told)
}
