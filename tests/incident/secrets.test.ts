import { createHash, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { inOrder } from '../in-order.ts'
import { type Ended, makeDesk, ofType } from './cli.ts'
import { type HeldSandbox, holdSandbox } from './held-sandbox.ts'
import { runArgv, writeTeam } from './team.ts'
import { filesUnder, tracesOf } from './traces.ts'
import { watchGcloud } from './watched-gcloud.ts'

inOrder()

const desk = makeDesk()
const gcloud = watchGcloud(desk)
const requests = join(desk.folder, 'requests.jsonl')

const canary = (about: string) => Buffer.from(`canary ${about} "${randomBytes(9).toString('base64')}" +/%\\=é`)
const right = {
  TEXT_WITH_LINE_FEED: Buffer.concat([canary('text'), Buffer.from('\n')]),
  BINARY: Buffer.concat([Buffer.from([0, 0xff, 0xfe, 0x0a, 0x0d, 0x80]), randomBytes(64), Buffer.from([0x0a, 0])]),
  EMPTY: Buffer.alloc(0),
  REFUSED: canary('refused'),
}
const wrong = { TEXT_WITH_LINE_FEED: canary('old text'), BINARY: randomBytes(40), EMPTY: canary('not empty') }
const hidden = {
  ...Object.fromEntries(Object.entries(wrong).map(([name, bytes]) => [`old ${name}`, bytes])),
  TEXT_WITH_LINE_FEED: right.TEXT_WITH_LINE_FEED,
  BINARY: right.BINARY,
  REFUSED: right.REFUSED,
}

let ended: Ended
let sandbox: HeldSandbox

beforeAll(async () => {
  const versionsOf = (secrets: Record<string, Buffer>) =>
    Object.fromEntries(
      Object.entries(secrets).map(([name, bytes]) => [name, { versions: [{ base64: bytes.toString('base64') }] }]),
    )
  const scenario = writeTeam(
    desk,
    'canaries',
    ['secret-parity'],
    { secrets: Object.keys(right).map((name) => ({ name, references: ['trial'] })) },
    {
      'heron-live': { secrets: versionsOf({ ...wrong, REFUSED: Buffer.from('short and old') }) },
      'heron-trial': { secrets: versionsOf(right) },
    },
    [
      {
        on: { service: 'secretmanager', method: 'versions.add', resource: 'REFUSED', calls: 'every' },
        answer: {
          status: 400,
          reason: 'INVALID_ARGUMENT',
          message: `No: ${right.REFUSED} is ${right.REFUSED.toString('hex')}`,
        },
      },
    ],
  )
  sandbox = await holdSandbox(desk, scenario, ['--requests', requests])
  ended = await desk.breakglass(runArgv(desk, 'secret-parity', sandbox.address, 'INC-3'), {
    environment: { PATH: gcloud.path },
  })
}, 300_000)

test('the copied secret is the reference, byte for byte: binary, empty, with a trailing line feed', async () => {
  const { secrets } = await sandbox.project('heron-live')
  for (const [name, bytes] of Object.entries(right).filter(([name]) => name !== 'REFUSED')) {
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    expect(secrets[name], name).toHaveLength(2)
    expect(secrets[name]?.[1], name).toMatchObject({ state: 'ENABLED', size: bytes.length, sha256 })
  }
})

test('the service that repeats the secret in its refusal fails the step, and is quoted without the secret', () => {
  expect(ended.exit).toBe(1)
  const outcome = ofType(desk.entries('INC-3'), 'step.outcome').at(-1)?.body
  expect(outcome).toMatchObject({ verdict: 'not-applied', evidence: { exitCode: 1 } })
  expect(outcome?.evidence.failure?.message).toContain('No: (secret) is (secret)')
})

test('no secret, raw or encoded, is printed, kept in a file or written to the request log', () => {
  const places = { stdout: ended.stdout, stderr: ended.stderr, ...filesUnder(desk.logs), ...filesUnder(desk.scratch) }
  const requestLog = readFileSync(requests)
  expect(Object.keys(filesUnder(desk.logs)).map((file) => basename(file))).toEqual(
    expect.arrayContaining(['audit.jsonl', 'record.md']),
  )
  expect(requestLog.includes('versions.add')).toBe(true)
  expect(tracesOf(hidden, { ...places, [requests]: requestLog })).toEqual([])
})

test('no secret, raw or encoded, is in the argv or environment of a child', () => {
  const calls = gcloud.calls()
  expect(calls.filter(({ argv }) => argv.join(' ').includes('versions add'))).toHaveLength(4)
  expect(calls.every(({ environment }) => environment.includes('CLOUDSDK_AUTH_ACCESS_TOKEN='))).toBe(true)
  const places = calls.map(({ argv, environment }, index) => [`call ${index}`, `${argv.join('\0')}\0${environment}`])
  expect(tracesOf(hidden, Object.fromEntries(places))).toEqual([])
})

test('the search for traces finds a secret in every form', () => {
  const text = right.TEXT_WITH_LINE_FEED
  const leaks = {
    raw: text,
    hex: text.toString('hex'),
    'JSON-escaped': JSON.stringify({ value: text.toString() }),
    'URL-escaped': `?value=${encodeURIComponent(text.toString())}`,
    base64: Buffer.concat([Buffer.from('data: '), Buffer.from(text.toString('base64'))]),
    base64url: text.toString('base64url'),
  }
  for (const [form, leak] of Object.entries(leaks))
    expect(tracesOf({ text }, { leak })).toContain(`leak: text, ${form}`)
})
