import { mkdtempSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findGcloud } from '../../../engine/gcloud/find.ts'
import type { DescribeApi } from '../../../engine/sandbox/apis/load.ts'
import { describeFrom } from '../../../engine/sandbox/apis/sdk.ts'
import { type Box, scenarioWith, startBox } from '../proxy-client.ts'

const packageFolder = new URL('../../../', import.meta.url).pathname
const where = 'projects/acme-prod/locations/us-central1'

let cache: string
let describeApi: DescribeApi

beforeAll(() => {
  cache = mkdtempSync(join(tmpdir(), 'apis-'))
  describeApi = newDescriber()
})
afterAll(() => rmSync(cache, { recursive: true, force: true }))

/** Returns a describer that has read nothing yet, with the cache that is there. */
function newDescriber(): DescribeApi {
  const installed = findGcloud(process.env.PATH)
  if (installed === undefined) throw new Error('There is no gcloud on PATH: its SDK is what describes the APIs.')
  return describeFrom(installed, { packageFolder, environment: { XDG_CACHE_HOME: cache } }).describe!
}

const box = (): Promise<Box> => startBox(scenarioWith(), undefined, describeApi)

/** A resource of an API: how it is made, what is changed, and what a later read then has. */
type Case = {
  name: string
  create: [method: string, url: string, body: object]
  at: string
  change?: [method: string, url: string, body: object]
  shows?: object
}

const cases: Case[] = [
  {
    name: 'a Pub/Sub topic, by PUT and an update mask in the body',
    create: ['PUT', 'http://pubsub.sandbox/v1/projects/acme-prod/topics/t', { labels: { a: 'b' } }],
    at: 'http://pubsub.sandbox/v1/projects/acme-prod/topics/t',
    change: [
      'PATCH',
      'http://pubsub.sandbox/v1/projects/acme-prod/topics/t',
      { topic: { labels: { c: 'd' } }, updateMask: 'labels' },
    ],
    shows: { name: 'projects/acme-prod/topics/t', labels: { c: 'd' } },
  },
  {
    name: 'a firewall rule, whose links are whole, in every version of the API',
    create: [
      'POST',
      'http://compute.sandbox/compute/v1/projects/acme-prod/global/firewalls',
      { name: 'f', network: 'projects/acme-prod/global/networks/n' },
    ],
    at: 'http://compute.sandbox/compute/beta/projects/acme-prod/global/firewalls/f',
    change: ['PATCH', 'http://compute.sandbox/compute/v1/projects/acme-prod/global/firewalls/f', { disabled: true }],
    shows: {
      ...{ kind: 'compute#firewall', name: 'f', disabled: true },
      network: 'https://www.googleapis.com/compute/v1/projects/acme-prod/global/networks/n',
    },
  },
  {
    name: 'a Cloud SQL instance, whose settings are merged',
    create: [
      'POST',
      'http://sqladmin.sandbox/sql/v1beta4/projects/acme-prod/instances',
      { name: 'db', settings: { tier: 'a' } },
    ],
    at: 'http://sqladmin.sandbox/sql/v1beta4/projects/acme-prod/instances/db',
    change: [
      'PATCH',
      'http://sqladmin.sandbox/sql/v1beta4/projects/acme-prod/instances/db',
      { settings: { activationPolicy: 'NEVER' } },
    ],
    shows: { name: 'db', settings: { tier: 'a', activationPolicy: 'NEVER' } },
  },
  {
    name: 'a scheduled job, that is paused',
    create: [
      'POST',
      `http://cloudscheduler.sandbox/v1/${where}/jobs`,
      { name: `${where}/jobs/j`, schedule: '* * * * *' },
    ],
    at: `http://cloudscheduler.sandbox/v1/${where}/jobs/j`,
    change: ['POST', `http://cloudscheduler.sandbox/v1/${where}/jobs/j:pause`, {}],
    shows: { name: `${where}/jobs/j`, state: 'PAUSED' },
  },
  {
    name: 'a record set, by its name and type',
    create: [
      'POST',
      'http://dns.sandbox/dns/v1/projects/acme-prod/managedZones/z/rrsets',
      { name: 'a.example.', type: 'A', ttl: 60 },
    ],
    at: 'http://dns.sandbox/dns/v1/projects/acme-prod/managedZones/z/rrsets/a.example./A',
    change: ['PATCH', 'http://dns.sandbox/dns/v1/projects/acme-prod/managedZones/z/rrsets/a.example./A', { ttl: 30 }],
    shows: { name: 'a.example.', type: 'A', ttl: 30 },
  },
  {
    name: 'a key, with its first version',
    create: [
      'POST',
      `http://cloudkms.sandbox/v1/${where}/keyRings/r/cryptoKeys?cryptoKeyId=k`,
      { purpose: 'ENCRYPT_DECRYPT' },
    ],
    at: `http://cloudkms.sandbox/v1/${where}/keyRings/r/cryptoKeys/k/cryptoKeyVersions/1`,
    shows: { name: `${where}/keyRings/r/cryptoKeys/k/cryptoKeyVersions/1`, state: 'ENABLED' },
  },
  {
    name: 'a bucket',
    create: ['POST', 'http://storage.sandbox/storage/v1/b?project=acme-prod', { name: 'bkt' }],
    at: 'http://storage.sandbox/storage/v1/b/bkt',
    change: ['PATCH', 'http://storage.sandbox/storage/v1/b/bkt', { labels: { a: 'b' } }],
    shows: { kind: 'storage#bucket', name: 'bkt', labels: { a: 'b' } },
  },
]

describe('an API that the SDK describes', () => {
  test.each(cases)('has $name', async ({ create, at, change, shows = {} }) => {
    const { ask } = await box()
    expect((await ask('GET', at)).status).toBe(404)
    expect(await ask(...create)).toMatchObject({ status: 200 })
    expect((await ask(...create)).status).toBe(create[0] === 'PUT' ? 200 : 409)
    if (change) expect(await ask(...change)).toMatchObject({ status: 200 })
    expect(await ask('GET', at)).toMatchObject({ status: 200, json: shows })
    if (!change) return
    expect((await ask('DELETE', at)).status).toBeLessThan(300)
    expect((await ask('GET', at)).status).toBe(404)
  })

  test('lists what it has, in pages', async () => {
    const { ask } = await box()
    const topics = 'http://pubsub.sandbox/v1/projects/acme-prod/topics'
    for (const name of ['a', 'b', 'c']) await ask('PUT', `${topics}/${name}`, {})
    const first = await ask('GET', `${topics}?pageSize=2`)
    expect(first.json).toMatchObject({ topics: [{}, {}], nextPageToken: expect.any(String) })
    const rest = await ask('GET', `${topics}?pageSize=2&pageToken=${first.json.nextPageToken}`)
    expect(rest.json).toEqual({ topics: [expect.objectContaining({ name: 'projects/acme-prod/topics/c' })] })
  })

  test('lists over a whole project by zone, region and global, as Compute does', async () => {
    const { ask } = await box()
    const compute = 'http://compute.sandbox/compute/v1/projects/acme-prod'
    await ask('POST', `${compute}/zones/us-central1-a/instances`, { name: 'vm' })
    await ask('POST', `${compute}/regions/us-central1/addresses`, { name: 'near' })
    await ask('POST', `${compute}/global/addresses`, { name: 'far' })
    expect((await ask('GET', `${compute}/aggregated/instances`)).json).toMatchObject({
      items: { 'zones/us-central1-a': { instances: [{ name: 'vm' }] } },
    })
    expect((await ask('GET', `${compute}/aggregated/addresses`)).json).toMatchObject({
      items: {
        'regions/us-central1': { addresses: [{ name: 'near' }] },
        global: { addresses: [{ name: 'far' }] },
      },
    })
  })

  test('takes a name for a name, not for a pattern', async () => {
    const { ask } = await box()
    const rings = `http://cloudkms.sandbox/v1/${where}/keyRings`
    await ask('POST', `${rings}?keyRingId=a(b`, {})
    await ask('POST', `${rings}/a(b/cryptoKeys?cryptoKeyId=k`, {})
    await ask('POST', `${rings}?keyRingId=.*`, {})
    const keysIn = async (ring: string) => (await ask('GET', `${rings}/${ring}/cryptoKeys`)).json
    expect(await keysIn('a(b')).toMatchObject({ cryptoKeys: [{ name: `${where}/keyRings/a(b/cryptoKeys/k` }] })
    expect(await keysIn('.*')).not.toHaveProperty('cryptoKeys')
  })

  test('answers a change with an operation that is over when it is asked for', async () => {
    const { ask } = await box()
    const redis = `http://redis.sandbox/v1/${where}`
    const begun = await ask('POST', `${redis}/instances?instanceId=r`, { memorySizeGb: 1 })
    expect(begun.json).toMatchObject({ done: false, metadata: { verb: 'create', target: `${where}/instances/r` } })
    expect((await ask('GET', `http://redis.sandbox/v1/${begun.json.name}`)).json).toMatchObject({
      ...{ done: true, response: { name: `${where}/instances/r`, memorySizeGb: 1 } },
    })
  })

  test('takes a project by its number, and a resource by its numeric id where the API does', async () => {
    const { ask } = await box()
    const networks = 'http://compute.sandbox/compute/v1/projects/acme-prod/global/networks'
    await ask('POST', networks, { name: 'n' })
    const { json } = await ask('GET', `${networks}/n`)
    const { id } = json as unknown as { id: string }
    expect((await ask('GET', `${networks}/${id}`)).json).toEqual(json)
    expect((await ask('GET', `${networks.replace('acme-prod', '100000000001')}/n`)).json).toEqual(json)
  })

  test('keeps a policy with its resource, and has none for a resource that is not there', async () => {
    const { ask } = await box()
    const topic = 'http://pubsub.sandbox/v1/projects/acme-prod/topics/t'
    const policy = { bindings: [{ role: 'roles/viewer', members: ['allUsers'] }] }
    expect((await ask('POST', `${topic}:setIamPolicy`, { policy })).status).toBe(404)
    await ask('PUT', topic, {})
    expect((await ask('POST', `${topic}:setIamPolicy`, { policy })).json).toMatchObject(policy)
    expect((await ask('GET', `${topic}:getIamPolicy`)).json).toMatchObject(policy)
    await ask('DELETE', topic)
    expect((await ask('GET', `${topic}:getIamPolicy`)).status).toBe(404)
    await ask('PUT', topic, {})
    expect((await ask('GET', `${topic}:getIamPolicy`)).json).not.toHaveProperty('bindings')
  })

  test('keeps no credential, and its log has no body', async () => {
    const { ask, logged } = await box()
    const users = 'http://sqladmin.sandbox/sql/v1beta4/projects/acme-prod/instances/db/users'
    await ask('POST', users, { name: 'u', password: 'hunter2' })
    expect(JSON.stringify([(await ask('GET', users)).body, logged])).not.toContain('hunter2')
  })

  test('refuses a verb whose effect nobody knows, and never answers that it succeeded', async () => {
    const { ask, logged } = await box()
    const vm = 'http://compute.sandbox/compute/v1/projects/acme-prod/zones/us-central1-a/instances'
    await ask('POST', vm, { name: 'vm' })
    const { status, json } = await ask('POST', `${vm}/vm/reportHostAsFaulty`, {})
    const what = 'compute.instances.reportHostAsFaulty'
    expect([status, json.error.message]).toEqual([501, expect.stringContaining(what)])
    expect(logged.at(-1)).toMatchObject({ mutating: true, committed: false, notSimulated: what })
  })

  test('changes nothing in a project that does not exist', async () => {
    const { ask } = await box()
    expect((await ask('PUT', 'http://pubsub.sandbox/v1/projects/nowhere/topics/t', {})).status).toBe(403)
  })

  test('is not there without a token, and is not simulated where the SDK has no such API', async () => {
    const { ask } = await box()
    const topic = 'http://pubsub.sandbox/v1/projects/acme-prod/topics/t'
    expect((await ask('GET', topic, undefined, { authorization: '' })).status).toBe(401)
    expect((await ask('GET', 'http://nosuchapi.sandbox/v1/projects/acme-prod/things/t')).status).toBe(501)
  })

  test('is read from the SDK once, and kept by its version', async () => {
    await (await box()).ask('GET', 'http://pubsub.sandbox/v1/projects/acme-prod/topics/t')
    expect(readdirSync(join(cache, 'breakglass', 'apis'), { recursive: true })).toContainEqual(
      expect.stringMatching(/^[\d.]+-\d+\/pubsub-v1\.json$/),
    )
  })

  test('is read again where what was kept is damaged', async () => {
    const topics = 'http://pubsub.sandbox/v1/projects/acme-prod/topics'
    await (await box()).ask('GET', topics)
    const folder = join(cache, 'breakglass', 'apis')
    const [kept = ''] = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('pubsub-v1.json'),
    )
    truncateSync(join(folder, kept), 1000)
    const { ask } = await startBox(scenarioWith(), undefined, newDescriber())
    expect((await ask('GET', topics)).status).toBe(200)
    expect(statSync(join(folder, kept)).size).toBeGreaterThan(1000)
  })
})

test('an API that the sandbox simulates itself has its other collections too, but no second state of its own', async () => {
  const { ask } = await box()
  const role = 'http://iam.sandbox/v1/projects/acme-prod/roles'
  expect((await ask('POST', role, { roleId: 'deployer', role: { title: 'Deployer' } })).status).toBe(200)
  expect((await ask('GET', `${role}/deployer`)).json).toMatchObject({ title: 'Deployer' })
  expect((await ask('GET', 'http://secretmanager.sandbox/v1/projects/acme-prod/secrets/api-key')).status).toBe(200)
  expect((await ask('GET', 'http://run.sandbox/v2/projects/acme-prod/locations/us-central1/services')).status).toBe(501)
})
