import { createHash } from 'node:crypto'
import { makeRedactor, type Redactor } from './audit/redact.ts'
import { UserError } from './base/problem.ts'
import type { Parts } from './cloud-parts.ts'
import { readAccess } from './disk/access-files.ts'
import { liveHost, unusedIn, wayOf } from './examine-cloud.ts'
import { classifyFailure, withoutAnswers } from './gcloud/failure.ts'
import { runFakeGcloud } from './gcloud/fake/fake-gcloud.ts'
import { findGcloud, type Installed } from './gcloud/find.ts'
import { openGcloud } from './gcloud/open-gcloud.ts'
import { examineLive, type Wanted } from './gcloud/preflight/examine.ts'
import { checkGcloud } from './gcloud/preflight/sdk.ts'
import { askGithub, githubFrom } from './http/github.ts'
import { askUrl, type Way } from './http/send.ts'
import { gcloudVariables, scriptVariables } from './runbook/access.ts'
import { describeFrom } from './sandbox/apis/sdk.ts'
import { reachSandbox } from './sandbox/client/cloud.ts'
import { connectSandbox } from './sandbox/client/connect.ts'
import { startSandbox } from './sandbox/server.ts'
import { scriptRunner } from './script/run-script.ts'
import type { Cloud, CloudChoice } from './session/host/runtime.ts'
import { refusingWrites } from './steps/read-only.ts'
import { crc32c } from './steps/secrets/crc32c.ts'
import { makeFingerprint } from './steps/secrets/secret-bytes.ts'
import type { RanCommand, World } from './steps/world.ts'

/** Opens the real cloud or a sandbox; from here on they differ only by name. */
export async function openCloud(choice: CloudChoice, wanted: Wanted, parts: Parts): Promise<Cloud> {
  const installed = findGcloud(parts.environment.PATH)
  switch (choice.kind) {
    case 'live':
      return openLive(installed ?? refuseWithoutGcloud(), wanted, parts)
    case 'sandbox':
      return openSharedSandbox(choice.address, installed, wanted, parts)
    case 'scenario': {
      const { scenario, inventory } = choice
      const running = await startSandbox(scenario, {
        scenarioName: scenario.metadata.name,
        ...(inventory === undefined ? {} : { inventory }),
        now: () => parts.now().getTime(),
        random: parts.random,
        ...describeFrom(installed, parts),
      })
      const cloud = await openSandbox(running.address, installed, wanted, parts, running.close)
      return { ...cloud, caveats: running.caveats }
    }
  }
}

function refuseWithoutGcloud(): never {
  const { message, hint = '' } = checkGcloud(undefined)
  throw new UserError(message, hint, 1)
}

async function openLive(installed: Installed, wanted: Wanted, parts: Parts): Promise<Cloud> {
  const access = readAccess(wanted.access ?? {})
  const redactor = makeRedactor(parts.random(32))
  const mark = newMark(parts)
  const forGcloud = gcloudVariables(wanted.access)
  const real = openGcloud(installed, forGcloud, wanted, redactor.mask, parts, mark)
  const examining = liveHost(installed, real.run, access, wanted, parts, redactor.memoize)
  const { found, account } = await examineLive(examining, wanted).catch(async (error: unknown) => {
    await real.close()
    throw error
  })
  const failed = found.find(({ status }) => status === 'failed')
  if (failed) {
    await real.close()
    throw new UserError(failed.message, failed.hint ?? 'fix this, then run this command again', 1)
  }
  return {
    name: { kind: 'live' },
    lockedAs: 'live',
    ...(Object.keys(access.used).length === 0 ? {} : { access: access.used }),
    ...makeWorld(
      real.run,
      {
        ...liveReach(wayOf(wanted.access, access.ca), parts),
        script: scripts({ ...scriptVariables(wanted.access), ...forGcloud }, wanted, redactor, parts),
      },
      redactor,
      parts,
    ),
    gcloud: { kind: 'gcloud', version: installed.version, account: account ?? 'unknown', mark },
    redactor,
    notices: found.flatMap(({ status, message }) => (status === 'warning' ? sentence(message) : [])),
    close: real.close,
  }
}

/** Opens a sandbox that other processes can reach too; its token distinguishes it from another one at the same address. */
async function openSharedSandbox(
  address: string,
  installed: Installed | undefined,
  wanted: Wanted,
  parts: Parts,
): Promise<Cloud> {
  const { token } = await connectSandbox(address)
  const cloud = await openSandbox(address, installed, wanted, parts, async () => {})
  return { ...cloud, lockedAs: `sandbox-${new URL(address).port}-${idOf(token)}` }
}

/** Creates a unique mark for all requests of one process. */
const newMark = ({ random }: Parts): string => `breakglass-${Buffer.from(random(6)).toString('hex')}`

/** Identifies a sandbox by a hash of its token. */
const idOf = (token: string): string => createHash('sha256').update(token).digest('hex').slice(0, 16)

async function openSandbox(
  address: string,
  installed: Installed | undefined,
  wanted: Wanted,
  parts: Parts,
  end: () => Promise<void>,
): Promise<Cloud> {
  const info = await connectSandbox(address)
  const reach = await reachSandbox(address, info, parts)
  const redactor = makeRedactor(parts.random(32))
  const mark = newMark(parts)
  const real = installed && openGcloud(installed, reach.environment, wanted, redactor.mask, parts, mark)
  const run = real?.run ?? fakeGcloud(address, info.token, mark, reach.clock, redactor.mask, parts)
  return {
    name: { kind: 'sandbox', scenario: info.scenario, id: idOf(info.token) },
    address,
    ...makeWorld(run, { ...reach, script: scripts(reach.environment, wanted, redactor, parts) }, redactor, parts),
    gcloud: {
      kind: installed ? 'gcloud' : 'fake',
      version: installed?.version ?? parts.version,
      account: info.account,
      mark,
    },
    ...(info.inventory === undefined ? {} : { inventory: info.inventory }),
    redactor,
    notices: [...(info.drawn ?? []), ...sentence(unusedIn(wanted.access))],
    async close() {
      await real?.close()
      await reach.close()
      await end()
    },
  }
}

/** Returns a message as a sentence to print; none for an empty one. */
const sentence = (text: string): string[] =>
  text === '' ? [] : [`${text.charAt(0).toUpperCase()}${text.slice(1)}${text.endsWith('.') ? '' : '.'}`]

/** Returns the fake gcloud for a machine without gcloud; it connects to the sandbox's address only. */
function fakeGcloud(
  address: string,
  token: string,
  mark: string,
  clock: World['clock'],
  mask: (text: string) => string,
  { version, random }: Parts,
): World['gcloud'] {
  const classify = (exitCode: number, stderr: string, secret: boolean) =>
    classifyFailure(exitCode, secret ? withoutAnswers(stderr) : stderr)
  const host = { address, token, mark, version, sleep: clock.sleep, random, crc32c, mask, classify }
  return (call) => runFakeGcloud(call, host)
}

/** Connects to the real world: URLs as given, GitHub as its own tools reach it, and a clock that waits. */
function liveReach(way: Way, { environment, now, elapsed, sleep }: Parts): Pick<World, 'http' | 'github' | 'clock'> {
  const github = githubFrom(environment)
  return {
    http: (url, timeoutMs) => askUrl(url, timeoutMs, way),
    github: (path, timeoutMs) => askGithub(github, path, timeoutMs, way),
    clock: { now, sleep, elapsed },
  }
}

/** Returns the runner of a team's scripts, in the workspace's folder and with gcloud's variables. */
const scripts = (
  added: Readonly<Record<string, string>>,
  { folder = '/' }: Wanted,
  { mask }: Redactor,
  { environment, endGroup, onChild }: Parts,
): World['script'] => scriptRunner({ folder, environment, added, endGroup, onChild, mask })

function makeWorld(
  gcloud: World['gcloud'],
  { http, github, script, clock }: Pick<World, 'http' | 'github' | 'script' | 'clock'>,
  redactor: Redactor,
  parts: Parts,
): Pick<Cloud, 'world' | 'takeRan'> {
  const ran: { step: string | undefined; command: RanCommand }[] = []
  const world: World = {
    gcloud: refusingWrites(async (call) => {
      const result = await gcloud(call)
      const { argv, project, step } = call
      const { way, exitCode, durationMs } = result
      ran.push({ step, command: { argv, project, way, exitCode, durationMs } })
      return result
    }, redactor.mask),
    http,
    github,
    script,
    clock,
    once: (_, read) => read(),
    fingerprint: makeFingerprint(parts.random(32)),
    guard: redactor.memoize,
    mask: redactor.mask,
  }
  const takeRan = (step?: string): RanCommand[] => {
    const all = ran.splice(0)
    const isOthers = (one: (typeof all)[number]) => step !== undefined && one.step !== undefined && one.step !== step
    ran.push(...all.filter(isOthers))
    return all.filter((one) => !isOthers(one)).map(({ command }) => command)
  }
  return { world, takeRan }
}
