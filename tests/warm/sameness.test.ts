import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runCold } from '../../engine/gcloud/cold.ts'
import type { Ended } from '../../engine/gcloud/ended.ts'
import { childEnvironment } from '../../engine/gcloud/environment.ts'
import type { Warm } from '../../engine/gcloud/warm/warm.ts'
import { sandboxEnvironment } from '../../engine/sandbox/client/environment.ts'
import { type Sandbox, startSandbox } from '../../engine/sandbox/server.ts'
import { SecretBytes } from '../../engine/steps/secrets/secret-bytes.ts'
import { type Case, contractScenario, families } from '../fake-gcloud/contract-cases.ts'
import { fixedRandom, send } from '../sandbox/proxy-client.ts'
import { badFamilies, withBadAnswers } from './bad-cases.ts'
import { startRealWarm } from './real-warm.ts'
import { end } from './toy-sdk.ts'

// Every command of the shipped runbooks, and bad ones, in a pair of sandboxes with the same random bytes: in one, each starts
// a new gcloud; in the other, one warm gcloud runs them all. Output bytes, exit codes, requests and resulting state must be
// the same, except for gcloud's own random values.

// Starting gcloud takes over a second each time: `npm run sameness` compares every command of the runbooks, this test a third.
const all = process.env.SAMENESS === 'all'
const sampled = families.map(({ name, cases }) => ({ name, cases: cases.filter((_, at) => all || at % 3 === 0) }))

let warm: Warm
let path: string
let compared = 0
const scratch = mkdtempSync(join(tmpdir(), 'sameness-'))

beforeAll(() => {
  ;({ path, warm } = startRealWarm(scratch, families))
})

afterAll(async () => {
  await warm?.close()
  rmSync(scratch, { recursive: true })
  process.stdout.write(`${compared} commands compared\n`)
})

type Twin = { sandbox: Sandbox; configDir: string }

describe.concurrent('a warm gcloud behaves like a new process', () => {
  for (const { name, cases } of [...sampled, ...badFamilies])
    test(name, { timeout: 240_000 }, async ({ onTestFinished }) => {
      const twins = await Promise.all([startTwin(name, 'cold'), startTwin(name, 'warm')])
      onTestFinished(async () => {
        await Promise.all(twins.map(({ sandbox }) => sandbox.close()))
      })
      const [plain, own] = twins
      for (const each of cases) {
        const told = await outcome(plain, await runCold(callOf(each), runnerFor(plain)))
        const copy = await warm.run(callOf(each), runnerFor(own))
        if (!copy) throw new Error(`there is no warm gcloud: ${await warm.whyCold()}`)
        expect({ of: each, ...(await outcome(own, copy)) }).toEqual({ of: each, ...told })
        compared++
      }
    })
})

async function startTwin(family: string, way: string): Promise<Twin> {
  const sandbox = await startSandbox(withBadAnswers(contractScenario()), {
    scenarioName: 'sameness',
    now: () => Date.parse('2026-03-01T12:00:00Z'),
    random: fixedRandom(),
  })
  return { sandbox, configDir: join(scratch, `${family.replaceAll(/\W+/g, '-')}-${way}`) }
}

const runnerFor = ({ sandbox, configDir }: Twin) => ({
  path,
  environment: childEnvironment(process.env, sandboxEnvironment({ ...sandbox, configDir })),
  endGroup: end,
  onChild() {},
})

const callOf = ({ command, project = 'acme-prod', stdin }: Case) => ({
  argv: command === '' ? [] : command.split(' '),
  project,
  timeoutMs: 90_000,
  ...(stdin ? { stdin: new SecretBytes(Uint8Array.from(stdin)) } : {}),
})

/** Everything that a command leaves behind. */
async function outcome({ sandbox: { address }, configDir }: Twin, { ending, exitCode, stdout, stderr }: Ended) {
  const [state, requests] = await Promise.all(
    ['/sandbox/state', '/sandbox/requests'].map((place) => send(address, 'GET', place, undefined, {})),
  )
  const asked = JSON.parse(requests!.body) as Record<string, unknown>[]
  const same = (text: string): string =>
    [
      [configDir, 'CONFIG'],
      [address, 'ADDRESS'],
      [new URL(address).host, 'ADDRESS'],
      [`"port": "${new URL(address).port}"`, 'PORT'],
    ]
      .reduce((left, [own = '', word = '']) => left.replaceAll(own, word), text)
      .replaceAll(RANDOM, '$1RANDOM')
      // One dot for each tick of gcloud's clock.
      .replaceAll(/\.+(?=(?:done|warning|failed|aborted)\n)/g, '...')
  return {
    ended: [ending, exitCode],
    stdout: same(Buffer.from(stdout).toString('latin1')),
    stderr: same(Buffer.from(stderr).toString('latin1')),
    asked: asked.map((request) => JSON.parse(same(JSON.stringify(request)))),
    state: JSON.parse(same(state!.body)),
  }
}

/** Removes gcloud's random values: a label of each revision, and the invocation id in its user agent. A dot marks a moment of waiting. */
const RANDOM = /("client\.knative\.dev\/nonce":\s*"|invocation-id\/)[^" ]*/g
