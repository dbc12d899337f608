import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { makeApi } from '../../engine/gcloud/fake/api.ts'
import { readArgv } from '../../engine/gcloud/fake/argv.ts'
import { fakeGcloudCommands } from '../../engine/gcloud/fake/commands.ts'
import type { FakeGcloudHost } from '../../engine/gcloud/fake/fake-gcloud.ts'
import type { FaultRule } from '../../engine/sandbox/model/fault.ts'
import { SecretBytes } from '../../engine/steps/secrets/secret-bytes.ts'
import type { GcloudCall } from '../../engine/steps/world.ts'
import { type Box, scenarioWith, startBox } from '../sandbox/proxy-client.ts'
import { families } from './contract-cases.ts'
import { runFake } from './run-fake.ts'

/** Runs a command in the default project, and returns its result with its output as text. */
async function run(box: Box, command: string, call: Partial<GcloudCall> = {}, host: Partial<FakeGcloudHost> = {}) {
  const given = { argv: command.split(' '), project: 'acme-prod', timeoutMs: 20_000, ...call }
  const result = await runFake(given, box, host)
  return { ...result, text: new TextDecoder().decode(result.output) }
}

const boxWith = (...faults: FaultRule[]) => startBox(scenarioWith({}, faults))
const every = (answer: FaultRule['answer']): FaultRule => ({
  on: { service: 'secretmanager', method: 'secrets.get', calls: 'every' },
  answer,
})
const describeSecret = 'secrets describe api-key'
const updateShop = 'run services update shop --region=us-central1'

/** Returns the gcloud commands of a shipped runbook, with a placeholder for each expression. */
function commandsIn(value: unknown): string[][] {
  if (Array.isArray(value)) {
    const words = value.map((word) => (typeof word === 'object' ? word?.flag : word))
    if (/^(run|secrets|iam|projects|services|beta)$/.test(words[0]))
      return [words.map((word) => String(word).replace(/\$\{\{.*?\}\}/g, 'all'))]
    return value.flatMap(commandsIn)
  }
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(commandsIn) : []
}

test('it supports every command of the shipped runbooks', () => {
  const folder = new URL('../../runbooks/', import.meta.url)
  const files = readdirSync(folder).filter((name) => name.endsWith('.yaml') && name !== 'inventory.yaml')
  const commands = files.flatMap((name) => commandsIn(parse(readFileSync(new URL(name, folder), 'utf8')).steps))
  expect(commands.length).toBeGreaterThan(10)
  for (const argv of commands) expect(() => readArgv(argv, fakeGcloudCommands), argv.join(' ')).not.toThrow()
})

test('every supported command is compared with gcloud', () => {
  const compared = families.flatMap(({ cases }) => cases.map(({ command }) => command))
  const missing = Object.keys(fakeGcloudCommands).filter((name) => !compared.some((command) => command.includes(name)))
  expect(missing).toEqual([])
})

test('it identifies itself and sends requests only to the sandbox', async () => {
  const box = await boxWith()
  await run(box, `${updateShop} --ingress=internal`)
  const asked = box.logged.map(({ service, userAgent }) => `${service} ${userAgent}`)
  expect(new Set(asked)).toEqual(new Set(['run breakglass-fake-gcloud/0.0.0']))
  const { annotations } = JSON.parse((await run(box, 'run services describe shop --region=us-central1')).text).metadata
  expect(annotations).toMatchObject({
    'run.googleapis.com/client-name': 'gcloud',
    'run.googleapis.com/client-version': 'breakglass-fake-gcloud/0.0.0',
  })
})

test.each([
  ['compute instances list', "(gcloud) Invalid choice: 'compute'."],
  ['run jobs list', "(gcloud.run) Invalid choice: 'jobs'."],
  ['run services', '(gcloud.run.services) Command name argument expected.'],
  ['secrets versions destroy 1 --secret=api-key', "(gcloud.secrets.versions) Invalid choice: 'destroy'."],
  [`${updateShop} --memory=1Gi`, '(gcloud.run.services.update) unrecognized arguments: --memory=1Gi'],
  [`${updateShop} --iap`, '(gcloud.run.services.update) unrecognized arguments: --iap'],
  [
    'secrets describe projects/other/secrets/x',
    "(gcloud.secrets.describe) Invalid value: 'projects/other/secrets/x' is not a plain name.",
  ],
])('it refuses an unsupported command and explains why: %s', async (command, message) => {
  const box = await boxWith()
  const { exitCode, failure, stderr } = await run(box, command)
  expect({ exitCode, cause: failure?.cause }).toEqual({ exitCode: 2, cause: expect.stringMatching(/invalid|other/) })
  expect(stderr).toBe(
    `ERROR: ${message}\nThe fake gcloud supports only the commands of the runbooks that come with Breakglass.`,
  )
  expect(box.logged).toEqual([])
})

test.each([
  ['--region us-central1'],
  ['--region=us-central1'],
  ['--region=us-central1 --project=elsewhere --format=json --quiet'],
])("flags work in both forms, and the engine's own flags win: %s", async (flags) => {
  const { exitCode, text } = await run(await boxWith(), `run services describe shop ${flags}`)
  expect(exitCode).toBe(0)
  expect(JSON.parse(text).metadata.name).toBe('shop')
})

test.each([
  ['a server that keeps failing', { status: 503 }, 5, 'unavailable'],
  ['a connection that keeps breaking', { drop: 'before' }, 5, 'network'],
  ['an answer that keeps breaking off', { truncate: true }, 5, 'network'],
  ['a web page instead of an answer', { html: 200 }, 1, 'network'],
  ['too many requests', { status: 429 }, 1, 'unavailable'],
  ['a token that is not taken', { status: 401 }, 2, 'no-login'],
] as const)('%s', async (_, answer, attempts, cause) => {
  const box = await boxWith(every(answer))
  const { exitCode, failure } = await run(box, describeSecret)
  expect({ exitCode, cause: failure?.cause, attempts: box.logged.length }).toEqual({ exitCode: 1, cause, attempts })
})

test('it retries a failing server with growing waits', async () => {
  const box = await boxWith({ ...every({ status: 503 }), on: { ...every({ hang: true }).on, calls: [1, 2] } })
  const waits: number[] = []
  const { exitCode } = await run(box, describeSecret, {}, { sleep: async (ms) => void waits.push(ms) })
  expect({ exitCode, waits }).toEqual({ exitCode: 0, waits: [1000, 2000] })
})

test('a command without an answer ends at its timeout', async () => {
  const { exitCode, failure, output } = await run(await boxWith(every({ hang: true })), describeSecret, {
    timeoutMs: 150,
  })
  expect({ exitCode, cause: failure?.cause, size: output.length }).toEqual({
    exitCode: null,
    cause: 'timeout',
    size: 0,
  })
})

test('waiting by the sandbox clock counts against the timeout too', async () => {
  const stuck: FaultRule = { on: { service: 'run', method: 'services.replace' }, answer: { readyUnknown: true } }
  const box = await boxWith(stuck)
  const { failure, durationMs } = await run(
    box,
    `${updateShop} --ingress=internal`,
    { timeoutMs: 20_000 },
    { sleep: box.advance },
  )
  expect(failure?.cause).toBe('timeout')
  expect(durationMs).toBeLessThan(5000)
  expect(box.logged.filter(({ rpc }) => rpc === 'services.get').length).toBe(22)
})

test('a command with secret output reports only how it ended', async () => {
  const box = await boxWith()
  const secretOutput = true
  const added = await run(box, 'secrets versions add api-key --data-file=-', {
    stdin: new SecretBytes(Uint8Array.of(0, 255)),
    secretOutput,
  })
  expect({ exitCode: added.exitCode, stderr: added.stderr }).toEqual({ exitCode: 0, stderr: '' })
  const read = await run(box, 'secrets versions access 3 --secret=api-key', { secretOutput })
  expect(JSON.parse(read.text).payload.data).toBe('AP8=')
  const none = await run(box, 'secrets versions access 9 --secret=api-key', { secretOutput })
  expect(none).toMatchObject({ exitCode: 1, stderr: '', failure: { cause: 'not-found' } })
})

test('without a project it sends no request', async () => {
  const box = await boxWith()
  const { exitCode, stderr } = await run(box, 'secrets list', { project: '' })
  expect({ exitCode, stderr, asked: box.logged.length }).toEqual({
    exitCode: 1,
    stderr: 'ERROR: (gcloud.secrets.list) The required property [project] is not currently set.',
    asked: 0,
  })
})

test('lists are read to their last page', async () => {
  const versions = Array.from({ length: 5 }, (_, i) => ({ text: `v${i}` }))
  const box = await startBox(scenarioWith({ secrets: { long: { versions } } }))
  const api = makeApi({ ...box, userAgent: 'test' }, new AbortController().signal, async () => {})
  const url = 'http://secretmanager.sandbox/v1/projects/acme-prod/secrets/long/versions'
  expect(await api.list(url, { pageSize: '2' }, 'versions')).toHaveLength(5)
  expect(box.logged).toHaveLength(3)
})

test('a sandbox that is gone is a network failure', async () => {
  const box = await boxWith()
  const gone = { address: 'http://127.0.0.1:1', token: box.token }
  const call = { argv: describeSecret.split(' '), project: 'acme-prod', timeoutMs: 60_000 }
  const sleep = () => Promise.reject(new Error('gone'))
  expect(await runFake(call, gone, { sleep })).toMatchObject({ exitCode: 1, failure: { cause: 'network' } })
})
