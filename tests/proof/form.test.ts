import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, test } from 'vitest'
import { verifyLog } from '../../engine/audit/verify.ts'
import type { Decision, RunEvent } from '../../engine/run/model/events.ts'
import type { Recorded } from '../../engine/run/model/recorded.ts'
import schema from '../../schemas/audit-entry.schema.json' with { type: 'json' }
import { type Misbehaviour, modelCloud, recorded, runModel } from '../samples/model-world.ts'
import { makeDesk, root } from './desk.ts'

const validate = new Ajv2020({ strict: true, strictRequired: false, allErrors: true }).compile(schema)

/** What of an entry is not of the published form, if anything. */
function misfits(entry: object): string[] {
  const { type } = entry as { type: string }
  if (validate({ prev: '0'.repeat(64), ...entry })) return []
  return (validate.errors ?? [])
    .filter(({ schemaPath }) => !schemaPath.startsWith('#/$defs') || schemaPath.startsWith(`#/$defs/${type}`))
    .map(({ instancePath, message, params }) => `${type}${instancePath} ${message} ${JSON.stringify(params)}`)
}

/** The types of events, as the source names them. */
const inSource = [
  ...readFileSync(join(root, 'engine', 'run', 'model', 'events.ts'), 'utf8').matchAll(/type: '([a-z]+\.[a-z-]+)'/g),
].map(([, type]) => type ?? '')
const published = schema.oneOf.map(({ $ref }) => $ref.slice('#/$defs/'.length))

const at = '2026-01-01T00:00:00.000Z'
const signed = { principals: ['bo'], key: 'SHA256:k', signature: 's', checkedWith: { allowedSigners: 'sha256:0' } }

const called = { id: 'i', at, project: 'p', service: 's', method: 'm', resource: 'r', principal: 'bo@example.com' }

/** Events that the runs below don't bring forth. */
const rare: RunEvent[] = [
  {
    type: 'lock.taken-over',
    body: {
      lock: 'project',
      name: 'p',
      owner: { user: 'bo', pid: 7, host: 'h', incident: 'INC-0', since: '2026-01-01T00:00:00.000Z' },
      by: 'ada',
    },
  },
  {
    type: 'run.resumed',
    body: {
      ...{
        by: 'ada',
        gcloud: { kind: 'gcloud', version: '1', account: 'a', mark: 'breakglass-0' },
        engine: '0',
        consent: 'asked',
      },
      access: {
        proxy: 'http://p:1',
        noProxy: ['.x'],
        caFile: { name: 'ca.pem', digest: 'sha256:0' },
        credentialsFile: { name: 'w.json', digest: 'sha256:0', serviceAccount: 's' },
        account: 'a',
        configuration: 'c',
        impersonateServiceAccount: 's',
      },
    },
  },
  {
    type: 'step.resolved',
    body: {
      step: 's',
      attempt: 1,
      verdict: 'applied',
      readBack: { state: 'absent' },
      expectation: 'absent',
      reads: 1,
      durationMs: 5,
      simulatedMs: 60_000,
    },
  },
  {
    type: 'step.intent',
    body: {
      step: 's',
      attempt: 1,
      action: { kind: 'by-hand', instructions: 'Open it.' },
      before: { state: 'absent' },
      person: 'ada',
    },
  },
  {
    type: 'step.resolved',
    body: {
      ...{ step: 's', attempt: 1, readBack: { state: 'absent' }, expectation: 'absent', reads: 1, durationMs: 5 },
      ...{ verdict: 'made-by-another', maker: { by: 'somebody-else', call: { ...called, mark: 'breakglass-0' } } },
    },
  },
  {
    type: 'step.outcome',
    body: {
      ...{ step: 's', attempt: 1, readBack: { state: 'absent' }, expectation: 'absent', reads: 1, durationMs: 5 },
      ...{ verdict: 'made-by-unknown', maker: { by: 'not-known', why: 'denied' } },
      evidence: { exitCode: 1, stderr: '', durationMs: 1, failure: { cause: 'conflict', message: 'ABORTED' } },
    },
  },
  { type: 'step.decided', body: { step: 's', decision: { choice: 'undo-last' }, by: 'ada' } },
  { type: 'log.repaired', body: { bytes: 7, sha256: 'a'.repeat(64) } },
  {
    type: 'step.duplicated',
    body: { step: 's', duplicates: { project: 'p', secret: 'S', inUse: '3', versions: ['2'] } },
  },
  {
    type: 'operator.identified',
    body: {
      ...signed,
      statement: { apiVersion: 'breakglass/v1', kind: 'Operator', at, incident: 'INC-0', run: 'r', digest: 'sha256:0' },
    },
  },
  {
    type: 'plan.approved',
    body: {
      ...signed,
      group: 'platform',
      statement: {
        apiVersion: 'breakglass/v1',
        kind: 'Approval',
        at,
        plan: { id: 'p', digest: 'sha256:0' },
        approver: 'bo',
      },
    },
  },
  { type: 'policy.overridden', body: { by: 'ada', reason: 'r', lacking: [{ group: 'platform', needs: 1, has: 0 }] } },
  {
    type: 'override.countersigned',
    body: {
      ...signed,
      statement: {
        ...{ apiVersion: 'breakglass/v1', kind: 'Countersignature', at, incident: 'INC-0', run: 'r' },
        ...{ override: { seq: 5, hash: 'a' }, log: { size: 9, root: 'b' } },
      },
    },
  },
  {
    type: 'cloud.reconciled',
    body: {
      ...{
        by: 'ada',
        from: at,
        to: at,
        read: [{ project: 'p', entries: 2 }],
        notShown: [5],
        notLookedFor: [6],
        contradicted: [7],
      },
      ours: [{ intent: 4, ...called }],
      others: [{ ...called, code: 7 }],
    },
  },
  { type: 'step.stated', body: { step: 's', says: 'no', words: 'no access', by: 'ada' } },
  {
    type: 'step.waited',
    body: {
      step: 's',
      observation: { state: 'unseen' },
      expectation: {},
      status: 'unseen',
      reads: 0,
      durationMs: 60_000,
    },
  },
  { type: 'step.not-needed', body: { step: 's', reason: 'no earlier step changed anything' } },
  {
    type: 'step.intent',
    body: {
      step: 's',
      attempt: 1,
      action: { kind: 'by-hand', instructions: 'Turn it.', evidence: 'The ticket' },
      before: { state: 'unseen' },
      undo: { kind: 'none', reason: 'a person does it' },
    },
  },
  { type: 'backfill.observed', body: { runbook: 'r', file: 'f', says: 's', status: 'unchecked' } },
]

const desk = makeDesk()

async function everything(): Promise<Recorded[]> {
  const behaviours: [Misbehaviour, Decision?][] = [
    [{}],
    [{ start: 'right' }],
    [{ lost: 9, exit: 1, cause: 'denied' }],
    [{ sets: 'odd' }],
    [{ blind: 99 }],
    [{ moves: 'elsewhere' }],
    [{}, { choice: 'skip', reason: 'not now' }],
    [{}, { choice: 'abort', reason: 'enough' }],
    [{}, { choice: 'by-hand' }],
  ]
  const runs = await Promise.all(
    behaviours.map(([behaviour, decision = { choice: 'apply' }]) =>
      runModel(['web'], { cloud: modelCloud({ web: behaviour }), decide: () => decision, retry: 2, enter: 'typed' }),
    ),
  )
  const [{ plan } = runs[0]!] = runs
  await desk.rehearse('INC-1')
  return [...runs.flatMap(({ entries }) => entries), ...recorded(plan, rare), ...verifyLog(desk.log('INC-1')).entries]
}

test('every type of event has a published schema, and no other type has one', () => {
  expect(inSource.length).toBeGreaterThan(10)
  expect(inSource.filter((type) => !published.includes(type))).toEqual([])
  expect(published.filter((type) => !inSource.includes(type))).toEqual([])
})

test('whatever runs write is of the published form, and every type is among it', { timeout: 240_000 }, async () => {
  const entries = await everything()
  expect([...new Set(entries.flatMap(misfits))]).toEqual([])
  const seen = new Set<string>(entries.map(({ type }) => type))
  expect(inSource.filter((type) => !seen.has(type))).toEqual([])
})

const sample = { seq: 1, time: '2026-01-01T00:00:00.000Z', run: 'r', ...rare[0]! }

test.each<[string, object]>([
  ['of an unknown type', { ...sample, type: 'lock.stolen' }],
  ['whose body is of another type', { ...sample, type: 'run.closed' }],
  ['that lacks something', { ...sample, body: { ...sample.body, by: undefined } }],
  ['that says more', { ...sample, body: { ...sample.body, more: 1 } }],
  ['with a member beside the six', { ...sample, more: 1 }],
  ['without a place', { ...sample, seq: 0 }],
  ['with a time of no zone', { ...sample, time: '2026-01-01T00:00:00.000' }],
])('an entry %s is not of the published form', (_, entry) => {
  expect(misfits(JSON.parse(JSON.stringify(sample)))).toEqual([])
  expect(validate({ prev: '0'.repeat(64), ...JSON.parse(JSON.stringify(entry)) })).toBe(false)
})

test('a log of version 1 stays one: it verifies with its signatures, and is of the published form', async () => {
  const logs = join(root, 'tests', 'proof', 'written-by-v1')
  const signers = join(logs, 'allowed_signers')
  const { exit, stdout } = await desk.breakglass([
    ...['audit', 'verify', 'INC-1', '--logs', logs, '--allowed-signers', signers, '--strict'],
    ...['--checkpoint', join(logs, 'kept-elsewhere')],
  ])
  expect({ exit, stdout }).toMatchObject({ exit: 0, stdout: expect.stringContaining('Signed by ada@example.com') })
  const { entries } = verifyLog(readFileSync(join(logs, 'INC-1', 'audit.jsonl')))
  expect(entries.flatMap(misfits)).toEqual([])
})
