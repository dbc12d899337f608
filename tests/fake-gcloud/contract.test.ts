import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runGcloud } from '../../engine/gcloud/client.ts'
import { childEnvironment } from '../../engine/gcloud/environment.ts'
import type { Warm } from '../../engine/gcloud/warm/warm.ts'
import { sandboxEnvironment } from '../../engine/sandbox/client/environment.ts'
import { type Sandbox, startSandbox } from '../../engine/sandbox/server.ts'
import { SecretBytes } from '../../engine/steps/secrets/secret-bytes.ts'
import type { GcloudCall, GcloudResult } from '../../engine/steps/world.ts'
import { fixedRandom, send } from '../sandbox/proxy-client.ts'
import { startRealWarm } from '../warm/real-warm.ts'
import { end } from '../warm/toy-sdk.ts'
import { type Case, contractScenario, families } from './contract-cases.ts'
import { runFake } from './run-fake.ts'

// The real gcloud stays loaded; tests/warm/sameness.test.ts checks that it then behaves like a new process. Both clients run in
// sandboxes with the same random bytes and time, so that only real differences are left out of the comparison: version, user agent, and gcloud's random label.
const OWN: [RegExp, string][] = [
  [/("run\.googleapis\.com\/client-version":")[^"]*/g, '$1VERSION'],
  [/("callerSuppliedUserAgent":")(?!Mozilla)[^"]*/g, '$1USER AGENT'],
  [/("client\.knative\.dev\/nonce":")[^"]*/g, '$1NONCE'],
]

let path: string
let warm: Warm
let configDir: string
let compared = 0

beforeAll(() => {
  configDir = mkdtempSync(join(tmpdir(), 'gcloud-'))
  ;({ path, warm } = startRealWarm(configDir, families))
})

afterAll(async () => {
  await warm?.close()
  if (configDir) rmSync(configDir, { recursive: true })
  process.stdout.write(`${compared} commands compared\n`)
})

test('the suite runs the real gcloud no more than 92 times', () => {
  expect(families.flatMap(({ cases }) => cases).length).toBeLessThanOrEqual(92)
})

describe.concurrent('the fake gcloud does what gcloud does', () => {
  for (const { name, cases } of families)
    test(name, { timeout: 240_000 }, async ({ onTestFinished }) => {
      const twins = await Promise.all([startTwin(), startTwin()])
      onTestFinished(async () => {
        await Promise.all(twins.map(({ close }) => close()))
      })
      await compareAll(cases, ...twins)
    })
})

async function compareAll(cases: Case[], real: Sandbox, own: Sandbox): Promise<void> {
  const env = childEnvironment(process.env, sandboxEnvironment({ ...real, configDir }))
  const host = { path, warm, environment: env, endGroup: end, onChild() {}, mask: (text: string) => text }
  for (const each of cases) {
    const ran = await runGcloud(callOf(each), host)
    expect(ran.way, `${await warm.whyCold()}`).toBe('warm')
    const told = await outcome(real, ran)
    expect({ of: each, ...(await outcome(own, await runFake(callOf(each), own))) }).toEqual({ of: each, ...told })
    compared++
  }
}

const startTwin = (): Promise<Sandbox> =>
  startSandbox(contractScenario(), {
    scenarioName: 'contract',
    now: () => Date.parse('2026-03-01T12:00:00Z'),
    random: fixedRandom(),
  })

const callOf = ({ command, text, project = 'acme-prod', stdin }: Case): GcloudCall => ({
  argv: [...command.split(' '), ...(text === undefined ? [] : [text])],
  project,
  timeoutMs: 60_000,
  ...(stdin ? { stdin: new SecretBytes(Uint8Array.from(stdin)) } : {}),
})

/** Everything that a command leaves behind: its output, its exit code, its requests, and the state after it. */
async function outcome({ address }: Sandbox, { exitCode, output, stderr, failure }: GcloudResult) {
  const [state, requests] = await Promise.all(
    ['/sandbox/state', '/sandbox/requests'].map((path) => send(address, 'GET', path, undefined, {})),
  )
  const asked = JSON.parse(requests!.body) as { method: string; url: string; status: number | null; body?: unknown }[]
  return normal({
    exitCode,
    printed: output.length === 0 ? 'nothing' : JSON.parse(new TextDecoder().decode(output)),
    errors: stderr
      .split('\n')
      .filter((line) => line.startsWith('ERROR:'))
      .map(withoutAdvice),
    warned: /Setting IAM policy failed.*/.exec(stderr)?.[0] ?? '',
    cause: failure?.cause ?? 'none',
    // After an error in the command line gcloud also prints its usage, which the fake gcloud doesn't print.
    message: exitCode === 1 ? failure?.message : '',
    asked: asked.map(({ method, url, status, body }) => ({ method, url, status, body })),
    state: JSON.parse(state!.body),
  })
}

const withoutAdvice = (line: string): string =>
  line.replace(/ This command is authenticated with .*$| \(did you mean .*$/, '').trimEnd()

const normal = <T>(value: T): T =>
  JSON.parse(OWN.reduce((text, [pattern, word]) => text.replace(pattern, word), JSON.stringify(value)))
