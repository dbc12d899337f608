import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findGcloud } from '../../../engine/gcloud/find.ts'
import type { DescribeApi } from '../../../engine/sandbox/apis/load.ts'
import { describeFrom } from '../../../engine/sandbox/apis/sdk.ts'
import type { Fault, FaultTarget } from '../../../engine/sandbox/model/fault.ts'
import type { ScenarioResource } from '../../../engine/sandbox/model/scenario.ts'
import { scenarioWith, startBox } from '../proxy-client.ts'

const packageFolder = new URL('../../../', import.meta.url).pathname
const firewalls = 'http://compute.sandbox/compute/v1/projects/acme-prod/global/firewalls'
const topic = 'http://pubsub.sandbox/v1/projects/acme-prod/topics/t'

let cache: string
let describeApi: DescribeApi

beforeAll(() => {
  cache = mkdtempSync(join(tmpdir(), 'apis-'))
  const installed = findGcloud(process.env.PATH)
  if (installed === undefined) throw new Error('There is no gcloud on PATH: its SDK is what describes the APIs.')
  describeApi = describeFrom(installed, { packageFolder, environment: { XDG_CACHE_HOME: cache } }).describe!
})
afterAll(() => rmSync(cache, { recursive: true, force: true }))

const boxWith = (on?: FaultTarget, answer: Fault = { status: 503 }) =>
  startBox(scenarioWith({}, on ? [{ on, answer }] : []), undefined, describeApi)

const state = async (box: Awaited<ReturnType<typeof boxWith>>) =>
  JSON.parse((await box.control('GET', '/sandbox/state')).body) as { resources?: Record<string, object> }

const patching: FaultTarget = { service: 'compute', method: 'compute.firewalls.patch', resource: 'fw' }

describe('a method of a described API', () => {
  test('fails as a scenario says, in the form of its API, and as often', async () => {
    const box = await boxWith(patching, { status: 403 })
    await box.ask('POST', firewalls, { name: 'fw' })
    const failed = await box.ask('PATCH', `${firewalls}/fw`, { disabled: true })
    expect([failed.status, failed.json]).toMatchObject([403, { error: { errors: [{ reason: 'forbidden' }] } }])
    expect(box.logged.at(-1)).toMatchObject({ fault: 'status 403', committed: false })
    expect((await box.ask('PATCH', `${firewalls}/fw`, { disabled: true })).status).toBe(200)
  })

  test('is applied although its answer is lost', async () => {
    const box = await boxWith(patching, { drop: 'after' })
    await box.ask('POST', firewalls, { name: 'fw' })
    await expect(box.ask('PATCH', `${firewalls}/fw`, { disabled: true })).rejects.toThrow()
    expect((await box.ask('GET', `${firewalls}/fw`)).json).toMatchObject({ disabled: true })
  })

  test('takes effect late by the clock of the sandbox', async () => {
    const box = await boxWith(patching, { late: '2m', reply: 'drop' })
    await box.ask('POST', firewalls, { name: 'fw' })
    await expect(box.ask('PATCH', `${firewalls}/fw`, { disabled: true })).rejects.toThrow()
    expect((await box.ask('GET', `${firewalls}/fw`)).json).not.toHaveProperty('disabled')
    await box.control('POST', '/sandbox/clock', { advanceMs: 121_000 })
    expect((await box.ask('GET', `${firewalls}/fw`)).json).toMatchObject({ disabled: true })
  })

  test('is in the audit log of its project, without credentials, and so is its refusal', async () => {
    const box = await boxWith()
    const users = 'http://sqladmin.sandbox/sql/v1beta4/projects/acme-prod/instances/db/users'
    await box.ask('POST', users, { name: 'u', password: 'hunter2' })
    await box.ask('DELETE', `${firewalls}/nope`)
    await box.ask('GET', `${firewalls}/nope`)
    const { json, body } = await box.ask('POST', 'http://logging.sandbox/v2/entries:list', {
      resourceNames: ['projects/acme-prod'],
    })
    const { entries } = json as unknown as { entries: { protoPayload: object }[] }
    expect(entries.map(({ protoPayload }) => protoPayload)).toMatchObject([
      { methodName: 'sql.users.insert', serviceName: 'sqladmin.googleapis.com', request: { name: 'u' }, status: {} },
      { methodName: 'compute.firewalls.delete', status: { code: 5 } },
    ])
    expect(body).not.toContain('hunter2')
  })

  test('changes what the state shows, and a request that only validates changes nothing', async () => {
    const box = await boxWith()
    const redis = 'http://redis.sandbox/v1/projects/acme-prod/locations/us-central1/instances'
    expect(await state(box)).not.toHaveProperty('resources')
    await box.ask('PUT', topic, { labels: { a: 'b' } })
    const { resources } = await state(box)
    expect(resources).toMatchObject({ 'pubsub/projects/acme-prod/topics/t': { labels: { a: 'b' } } })
    await box.ask('POST', `${redis}?instanceId=r&validateOnly=true`, { memorySizeGb: 1 })
    expect((await box.ask('GET', `${redis}/r`)).status).not.toBe(200)
  })

  test('says in the log how its answer was made', async () => {
    const box = await boxWith()
    await box.ask('PUT', topic, {})
    const disk = 'http://compute.sandbox/compute/v1/projects/acme-prod/zones/us-central1-a/disks'
    await box.ask('POST', disk, { name: 'd', sizeGb: '10' })
    await box.ask('POST', `${disk}/d/resize`, { sizeGb: '20' })
    await box.ask('POST', `${disk}/d/startAsyncReplication`, {})
    expect(box.logged.map(({ answered }) => answered)).toEqual(['generic', 'generic', 'modelled', 'refused'])
  })
})

const startWith = (...resources: ScenarioResource[]) =>
  startBox({ ...scenarioWith(), resources }, undefined, describeApi)
const sql = 'http://sqladmin.sandbox/sql/v1beta4/projects/acme-prod/instances'
const path = 'projects/acme-prod/instances/orders'

describe('a resource of a scenario', () => {
  test('is there from the start, in the state that it is given, and can be changed', async () => {
    const { ask } = await startWith(
      { api: 'sqladmin', path, body: { state: 'SUSPENDED', settings: { tier: 'db-f1-micro' } } },
      { api: 'compute', path: 'projects/acme-prod/zones/us-central1-a/instances/vm', body: { status: 'TERMINATED' } },
    )
    expect((await ask('GET', `${sql}/orders`)).json).toMatchObject({ name: 'orders', state: 'SUSPENDED' })
    await ask('PATCH', `${sql}/orders`, { settings: { activationPolicy: 'ALWAYS' } })
    expect((await ask('GET', sql)).json).toMatchObject({
      items: [{ settings: { tier: 'db-f1-micro', activationPolicy: 'ALWAYS' } }],
    })
    const vm = 'http://compute.sandbox/compute/v1/projects/acme-prod/zones/us-central1-a/instances/vm'
    expect((await ask('GET', vm)).json).toMatchObject({ kind: 'compute#instance', status: 'TERMINATED' })
  })

  test.each<[string, ScenarioResource, RegExp]>([
    ['an unknown field', { api: 'sqladmin', path, body: { setings: {} } }, /resources\[0\]\.body .*"setings"/],
    ['an unknown enum value', { api: 'sqladmin', path, body: { state: 'FINE' } }, /resources\[0\]\.body .*TYPE_ENUM/],
    ['an unknown API', { api: 'nosuchapi', path, body: {} }, /resources\[0\]\.api .*no nosuchapi/],
    ['an unknown version', { api: 'sqladmin', version: 'v9', path, body: {} }, /no sqladmin v9/],
    [
      'a path that the API does not have',
      { api: 'sqladmin', path: 'projects/acme-prod/dbs/x', body: {} },
      /\.path .*dbs\/x/,
    ],
    ['a project that is not there', { api: 'sqladmin', path: 'projects/other/instances/x', body: {} }, /project other/],
    [
      'a resource that the sandbox simulates itself',
      { api: 'secretmanager', path: 'projects/acme-prod/secrets/s', body: {} },
      /give it under projects/,
    ],
  ])('with %s is refused when the sandbox starts', async (_, resource, says) => {
    await expect(startWith(resource)).rejects.toThrow(says)
  })

  test('needs an SDK', async () => {
    const scenario = { ...scenarioWith(), resources: [{ api: 'sqladmin', path, body: {} }] }
    await expect(startBox(scenario)).rejects.toThrow(/only an installed Cloud SDK describes/)
  })
})

test('Google’s own host names lead to the same state over plain HTTP', async () => {
  const { ask } = await boxWith()
  await ask('PUT', topic.replace('pubsub.sandbox', 'pubsub.googleapis.com'), {})
  expect((await ask('GET', topic)).status).toBe(200)
  const secret = 'http://secretmanager.googleapis.com/v1/projects/acme-prod/secrets/api-key'
  expect((await ask('GET', secret)).json).toMatchObject({ replication: {} })
  expect((await ask('GET', 'http://nosuchapi.googleapis.com/v1/projects/acme-prod/x/y')).status).toBe(501)
})
