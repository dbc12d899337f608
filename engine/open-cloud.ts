import { makeRedactor } from './audit/redact.ts'
import type { Cloud, CloudChoice } from './cli/outside.ts'
import { runGcloud } from './gcloud/client.ts'
import { childEnvironment, ignoredVariables } from './gcloud/environment.ts'
import { findGcloud, type Installed } from './gcloud/find.ts'
import { askGithub, githubFrom } from './gcloud/github.ts'
import { askUrl } from './gcloud/live.ts'
import { preflight } from './gcloud/preflight.ts'
import { Problem } from './runbook/problem.ts'
import { reachSandbox } from './sandbox/cloud.ts'
import { connectSandbox } from './sandbox/connect.ts'
import { startSandbox } from './sandbox/server.ts'
import { makeFingerprint } from './steps/secret-bytes.ts'
import type { World } from './steps/world.ts'

/** What a cloud is made of: the process's own things, handed in by main. */
export type Parts = {
  environment: Readonly<Record<string, string | undefined>>
  now(): Date
  sleep(ms: number): Promise<void>
  random(bytes: number): Uint8Array
  endGroup(pid: number): void
  onChild(change: 'started' | 'ended', pid: number): void
}

/** Picks the real cloud or a sandbox: after this nothing knows which, but by its name. */
export async function openCloud(choice: CloudChoice, parts: Parts): Promise<Cloud> {
  const installed = findGcloud(parts.environment.PATH)
  if (!installed)
    throw new Problem(
      'gcloud is not installed, or not on the PATH',
      'install the Google Cloud SDK, or add its bin folder to the PATH, then run this again',
      1,
    )
  switch (choice.kind) {
    case 'live':
      return openLive(installed, parts)
    case 'sandbox':
      return openSandbox(choice.address, installed, parts, async () => {})
    case 'scenario': {
      const { scenario, inventory } = choice
      const running = await startSandbox(scenario, {
        scenarioName: scenario.metadata.name,
        ...(inventory === undefined ? {} : { inventory }),
        now: () => parts.now().getTime(),
        random: parts.random,
      })
      return openSandbox(running.address, installed, parts, running.close)
    }
  }
}

async function openLive(installed: Installed, parts: Parts): Promise<Cloud> {
  const redactor = makeRedactor()
  const host = {
    path: installed.path,
    environment: childEnvironment(parts.environment, {}),
    endGroup: parts.endGroup,
    onChild: parts.onChild,
    mask: redactor.mask,
  }
  const account = await preflight({
    configList: () => runGcloud({ argv: ['config', 'list'], project: '', timeoutMs: 30_000 }, host),
    reachable: async (url) => {
      const answer = await askUrl(url, 10_000)
      return 'status' in answer ? true : answer.failed
    },
  })
  const ignored = ignoredVariables(parts.environment)
  return {
    name: { kind: 'live' },
    world: makeWorld(host, liveReach(parts), redactor, parts),
    gcloud: { version: installed.version, account },
    mask: redactor.mask,
    notices:
      ignored.length === 0 ? [] : [`Not passed on to gcloud, so that nothing redirects it: ${ignored.join(', ')}.`],
    close: async () => {},
  }
}

async function openSandbox(
  address: string,
  installed: Installed,
  parts: Parts,
  end: () => Promise<void>,
): Promise<Cloud> {
  const info = await connectSandbox(address)
  const reach = await reachSandbox(address, info, parts.now)
  const redactor = makeRedactor()
  const host = {
    path: installed.path,
    environment: childEnvironment(parts.environment, reach.environment),
    endGroup: parts.endGroup,
    onChild: parts.onChild,
    mask: redactor.mask,
  }
  return {
    name: { kind: 'sandbox', scenario: info.scenario },
    world: makeWorld(host, reach, redactor, parts),
    gcloud: { version: installed.version, account: 'the sandbox' },
    ...(info.inventory === undefined ? {} : { inventory: info.inventory }),
    mask: redactor.mask,
    notices: [],
    async close() {
      await reach.close()
      await end()
    },
  }
}

/** The real world's ways: URLs as they are, GitHub as its own tools are told, and a clock that waits. */
function liveReach({ environment, now, sleep }: Parts): Pick<World, 'http' | 'github' | 'clock'> {
  const github = githubFrom(environment)
  return { http: askUrl, github: (path, timeoutMs) => askGithub(github, path, timeoutMs), clock: { now, sleep } }
}

type GcloudHost = Parameters<typeof runGcloud>[1]

function makeWorld(
  host: GcloudHost,
  { http, github, clock }: Pick<World, 'http' | 'github' | 'clock'>,
  redactor: ReturnType<typeof makeRedactor>,
  parts: Parts,
): World {
  return {
    gcloud: (call) => runGcloud(call, host),
    http,
    github,
    clock,
    once: (_, read) => read(),
    fingerprint: makeFingerprint(parts.random(32)),
    guard: redactor.remember,
  }
}
