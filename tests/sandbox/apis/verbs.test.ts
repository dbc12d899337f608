import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findGcloud } from '../../../engine/gcloud/find.ts'
import type { DescribeApi } from '../../../engine/sandbox/apis/load.ts'
import { describeFrom } from '../../../engine/sandbox/apis/sdk.ts'
import { scenarioWith, startBox } from '../proxy-client.ts'

const packageFolder = new URL('../../../', import.meta.url).pathname
const compute = 'http://compute.sandbox/compute/v1/projects/acme-prod'
const zone = `${compute}/zones/us-central1-a`
const sql = 'http://sqladmin.sandbox/sql/v1beta4/projects/acme-prod/instances'
const gke = 'http://container.sandbox/v1/projects/acme-prod/locations/us-central1/clusters'
const policy = `${compute}/global/securityPolicies`
const network = `${compute}/global/networks`

let cache: string
let describeApi: DescribeApi

beforeAll(() => {
  cache = mkdtempSync(join(tmpdir(), 'apis-'))
  const installed = findGcloud(process.env.PATH)
  if (installed === undefined) throw new Error('There is no gcloud on PATH: its SDK is what describes the APIs.')
  describeApi = describeFrom(installed, { packageFolder, environment: { XDG_CACHE_HOME: cache } }).describe!
})
afterAll(() => rmSync(cache, { recursive: true, force: true }))

const box = () => startBox(scenarioWith(), undefined, describeApi)

type Asked = [verb: string, url: string, body?: object]

/** A verb: what is created first, the call, where its effect is read, and what that shows. */
type Verb = { name: string; given: Asked[]; call: Asked; at: string; shows: object }

const rules = [{ priority: 10, action: 'deny(403)' }]

const verbs: Verb[] = [
  {
    name: 'a rule is added in the order of priorities',
    given: [['POST', policy, { name: 'p', rules }]],
    call: ['POST', `${policy}/p/addRule`, { priority: 5, action: 'allow' }],
    at: `${policy}/p`,
    shows: { rules: [{ priority: 5, action: 'allow' }, { priority: 10 }] },
  },
  {
    name: 'a rule is changed at its priority',
    given: [['POST', policy, { name: 'p', rules }]],
    call: ['POST', `${policy}/p/patchRule?priority=10`, { action: 'allow' }],
    at: `${policy}/p/getRule?priority=10`,
    shows: { priority: 10, action: 'allow' },
  },
  {
    name: 'a peering is removed by its name',
    given: [['POST', network, { name: 'n', peerings: [{ name: 'a' }, { name: 'b' }] }]],
    call: ['POST', `${network}/n/removePeering`, { name: 'a' }],
    at: `${network}/n`,
    shows: { peerings: [{ name: 'b' }] },
  },
  {
    name: 'a disk is attached',
    given: [['POST', `${zone}/instances`, { name: 'vm' }]],
    call: ['POST', `${zone}/instances/vm/attachDisk`, { deviceName: 'data' }],
    at: `${zone}/instances/vm`,
    shows: { disks: [{ deviceName: 'data' }] },
  },
  {
    name: 'metadata is set as a whole, with a new fingerprint',
    given: [['POST', `${zone}/instances`, { name: 'vm' }]],
    call: ['POST', `${zone}/instances/vm/setMetadata`, { items: [{ key: 'k', value: 'v' }] }],
    at: `${zone}/instances/vm`,
    shows: { metadata: { items: [{ key: 'k', value: 'v' }], fingerprint: expect.any(String) } },
  },
  {
    name: 'a group is resized by a parameter of the query',
    given: [['POST', `${zone}/instanceGroupManagers`, { name: 'g', targetSize: 1 }]],
    call: ['POST', `${zone}/instanceGroupManagers/g/resize?size=4`],
    at: `${zone}/instanceGroupManagers/g`,
    shows: { targetSize: 4 },
  },
  {
    name: 'a snapshot is another resource, which names its disk',
    given: [['POST', `${zone}/disks`, { name: 'd', sizeGb: '10' }]],
    call: ['POST', `${zone}/disks/d/createSnapshot`, { name: 's' }],
    at: `${compute}/global/snapshots/s`,
    shows: { name: 's', sourceDisk: expect.stringMatching(/zones\/us-central1-a\/disks\/d$/) },
  },
  {
    name: 'a clone is as its source is',
    given: [['POST', sql, { name: 'db', settings: { tier: 'db-f1-micro' } }]],
    call: ['POST', `${sql}/db/clone`, { cloneContext: { destinationInstanceName: 'copy' } }],
    at: `${sql}/copy`,
    shows: { name: 'copy', settings: { tier: 'db-f1-micro' } },
  },
  {
    name: 'the node pools of a cluster are resources',
    given: [['POST', gke, { cluster: { name: 'c', nodePools: [{ name: 'np', initialNodeCount: 1 }] } }]],
    call: ['POST', `${gke}/c/nodePools/np:setSize`, { nodeCount: 3 }],
    at: `${gke}/c`,
    shows: { nodePools: [{ name: 'np', initialNodeCount: 3 }] },
  },
]

describe('a verb of a described API', () => {
  test.each(verbs)('$name', async ({ given, call, at, shows }) => {
    const { ask, logged } = await box()
    for (const each of given) expect((await ask(...each)).status).toBe(200)
    expect((await ask(...call)).status).toBe(200)
    expect(logged.at(-1)).toMatchObject({ mutating: true, committed: true })
    expect((await ask('GET', at)).json).toMatchObject(shows)
  })

  test.each<[string, Asked, number]>([
    ['of an item that is not there', ['POST', `${policy}/p/removeRule?priority=99`], 400],
    ['of an item that is there already', ['POST', `${policy}/p/addRule`, { priority: 10, action: 'allow' }], 400],
    ['of a resource that is not there', ['POST', `${policy}/q/removeRule?priority=10`], 404],
    ['based on an older state', ['PATCH', `${policy}/p`, { description: 'x', fingerprint: 'AAAA' }], 412],
  ])('%s is refused and changes nothing', async (_, call, status) => {
    const { ask } = await box()
    await ask('POST', policy, { name: 'p', rules })
    const before = (await ask('GET', `${policy}/p`)).body
    expect((await ask(...call)).status).toBe(status)
    expect((await ask('GET', `${policy}/p`)).body).toBe(before)
  })
})

describe('a request to a described API', () => {
  test.each<[string, Asked, string]>([
    ['an unknown field', ['POST', network, { name: 'n', mut: 1400 }], 'Unknown name "mut"'],
    ['a value of another type', ['POST', network, { name: 'n', mtu: 'large' }], "Invalid value at 'network.mtu'"],
    ['an unknown enum value', ['POST', sql, { name: 'db', state: 'FINE' }], 'TYPE_ENUM'],
    ['an unknown parameter', ['GET', `${network}?maxresults=5`], 'Cannot bind query parameter'],
  ])('with %s is refused in Google’s words and changes nothing', async (_, call, says) => {
    const { ask } = await box()
    const { status, json } = await ask(...call)
    expect([status, json.error.message]).toEqual([400, expect.stringContaining(says)])
    expect((await ask('GET', network)).json).not.toHaveProperty('items')
  })

  test('finds zones and public images, which nobody creates, and they stay as they are', async () => {
    const { ask } = await box()
    const image = 'http://compute.sandbox/compute/v1/projects/debian-cloud/global/images/family/debian-12'
    const found = await ask('GET', image)
    expect(found.json).toMatchObject({ kind: 'compute#image', status: 'READY' })
    expect((await ask('GET', image)).body).toBe(found.body)
    expect((await ask('GET', zone)).json).toMatchObject({ name: 'us-central1-a', status: 'UP' })
    expect((await ask('GET', `${compute}/zones/nowhere`)).status).toBe(404)
  })
})

test('what is in use stays, and what only seems deleted is still there', async () => {
  const { ask } = await box()
  await ask('POST', network, { name: 'n' })
  await ask('POST', `${compute}/regions/us-central1/subnetworks`, {
    ...{ name: 's', ipCidrRange: '10.0.0.0/24' },
    network: 'projects/acme-prod/global/networks/n',
  })
  expect((await ask('DELETE', `${network}/n`)).status).toBe(400)
  const role = 'http://iam.sandbox/v1/projects/acme-prod/roles'
  await ask('POST', role, { roleId: 'deployer', role: { title: 'Deployer' } })
  await ask('DELETE', `${role}/deployer`)
  expect((await ask('GET', `${role}/deployer`)).json).toMatchObject({ deleted: true })
})

test('a project is created, has resources, and is deleted but for a while still there', async () => {
  const { ask } = await box()
  const projects = 'http://cloudresourcemanager.sandbox/v1/projects'
  const begun = await ask('POST', projects, { projectId: 'acme-new', name: 'New' })
  const done = await ask('GET', `http://cloudresourcemanager.sandbox/v1/${begun.json.name}`)
  expect(done.json).toMatchObject({ done: true, response: { projectId: 'acme-new', lifecycleState: 'ACTIVE' } })
  expect((await ask('PUT', 'http://pubsub.sandbox/v1/projects/acme-new/topics/t', {})).status).toBe(200)
  expect((await ask('POST', projects, { projectId: 'acme-new' })).status).toBe(409)
  await ask('DELETE', `${projects}/acme-new`)
  expect((await ask('GET', `${projects}/acme-new`)).json).toMatchObject({ lifecycleState: 'DELETE_REQUESTED' })
})

test('enum values are numbers for a caller that asks for numbers, in every API', async () => {
  const { ask } = await box()
  const numbers = '?$alt=json;enum-encoding=int'
  const instances = 'http://redis.sandbox/v1/projects/acme-prod/locations/us-central1/instances'
  await ask('POST', `${instances}?instanceId=r`, { tier: 'STANDARD_HA', memorySizeGb: 1 })
  expect((await ask('GET', `${instances}/r${numbers}`)).json).toMatchObject({ tier: expect.any(Number) })
  const version = 'http://secretmanager.sandbox/v1/projects/acme-prod/secrets/api-key/versions/1'
  expect((await ask('GET', version)).json).toMatchObject({ state: 'ENABLED' })
  expect((await ask('GET', `${version}${numbers}`)).json).toMatchObject({ state: 1 })
})
