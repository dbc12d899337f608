import { expect, test } from 'vitest'
import type { JsonObject } from '../../engine/base/json.ts'
import { type Box, scenarioWith, startBox } from './proxy-client.ts'

const run = 'http://us-central1-run.sandbox/apis/serving.knative.dev/v1/namespaces/acme-prod/services'
const secrets = 'http://secretmanager.sandbox/v1/projects/acme-prod/secrets'
const project = 'http://cloudresourcemanager.sandbox/v1/projects/acme-prod'
const accounts = 'http://iam.sandbox/v1/projects/acme-prod/serviceAccounts'
const entries = 'http://logging.sandbox/v2/entries:list'
const activity = 'logName="projects/acme-prod/logs/cloudaudit.googleapis.com%2Factivity"'

type Page = { entries?: JsonObject[]; nextPageToken?: string }

const page = async (box: Box, body: object = {}): Promise<Page> =>
  (
    await box.ask('POST', entries, {
      resourceNames: ['projects/acme-prod'],
      orderBy: 'timestamp asc',
      filter: activity,
      ...body,
    })
  ).json as unknown as Page

/** Summarizes the entries: who called what, and how it ended. */
const facts = ({ entries: found = [] }: Page) =>
  found.map(({ protoPayload }) => {
    const { methodName, resourceName, authenticationInfo, status } = protoPayload as Record<string, JsonObject>
    return [authenticationInfo?.principalEmail, methodName, resourceName, status?.code ?? 0]
  })

const mine = 'sandbox-operator@example.com'
const theirs = 'concurrent-writer@example.com'

test('each mutating call has an entry in the form of Cloud Audit Logs; reads have none', async () => {
  const box = await startBox()
  const { json: shop } = await box.ask('GET', `${run}/shop`)
  await box.ask(
    'PUT',
    `${run}/shop`,
    { ...shop, metadata: { ...shop.metadata, annotations: {} } },
    { 'user-agent': 'a-client/1' },
  )
  await box.ask('POST', `${secrets}/api-key:addVersion`, {
    payload: { data: Buffer.from('do-not-keep').toString('base64') },
  })
  await box.ask('GET', `${secrets}/api-key/versions/1:access`)
  const first = await page(box)
  expect(facts(first)).toEqual([
    [mine, 'google.cloud.run.v1.Services.ReplaceService', 'namespaces/acme-prod/services/shop', 0],
    [
      mine,
      'google.cloud.secretmanager.v1.SecretManagerService.AddSecretVersion',
      'projects/100000000001/secrets/api-key',
      0,
    ],
  ])
  expect(first.entries?.[0]).toEqual({
    insertId: expect.stringMatching(/^[0-9a-z]{13}$/),
    logName: 'projects/acme-prod/logs/cloudaudit.googleapis.com%2Factivity',
    protoPayload: {
      '@type': 'type.googleapis.com/google.cloud.audit.AuditLog',
      authenticationInfo: { principalEmail: mine },
      authorizationInfo: [
        { permission: 'run.services.update', resource: 'namespaces/acme-prod/services/shop', granted: true },
      ],
      methodName: 'google.cloud.run.v1.Services.ReplaceService',
      request: expect.objectContaining({ spec: expect.anything() }),
      requestMetadata: {
        callerIp: expect.any(String),
        callerSuppliedUserAgent: 'a-client/1',
        destinationAttributes: {},
        requestAttributes: { auth: {}, time: '2026-03-01T12:00:00.000000Z' },
      },
      resourceName: 'namespaces/acme-prod/services/shop',
      serviceName: 'run.googleapis.com',
      status: {},
    },
    receiveTimestamp: '2026-03-01T12:00:00.000000Z',
    resource: {
      type: 'cloud_run_revision',
      labels: {
        configuration_name: '',
        location: 'us-central1',
        project_id: 'acme-prod',
        revision_name: '',
        service_name: 'shop',
      },
    },
    severity: 'NOTICE',
    timestamp: '2026-03-01T12:00:00.000000Z',
  })
  expect(JSON.stringify(first)).not.toContain(Buffer.from('do-not-keep').toString('base64'))
})

test('policies and accounts have the resource names of their APIs', async () => {
  const box = await startBox()
  await box.ask('POST', `${project}:setIamPolicy`, { policy: { bindings: [] } })
  await box.ask('POST', accounts, { accountId: 'cr-fresh' })
  await box.ask('DELETE', `${accounts}/cr-fresh@acme-prod.iam.gserviceaccount.com`)
  const { entries: found = [] } = await page(box)
  const [policy, created, deleted] = found as { resource: { type: string; labels: Record<string, string> } }[]
  expect(facts({ entries: found })).toEqual([
    [mine, 'SetIamPolicy', 'projects/acme-prod', 0],
    [mine, 'google.iam.admin.v1.CreateServiceAccount', 'projects/acme-prod', 0],
    [
      mine,
      'google.iam.admin.v1.DeleteServiceAccount',
      `projects/-/serviceAccounts/${deleted?.resource.labels.unique_id}`,
      0,
    ],
  ])
  expect(policy?.resource).toEqual({ type: 'project', labels: { project_id: 'acme-prod' } })
  expect(created?.resource).toEqual(deleted?.resource)
  expect(created?.resource.labels).toMatchObject({ email_id: 'cr-fresh@acme-prod.iam.gserviceaccount.com' })
})

test('a refused call has an entry with its status; one that never arrived or had no login has none', async () => {
  const box = await startBox(
    scenarioWith({}, [
      { on: { service: 'secretmanager', method: 'versions.add', calls: 1 }, answer: { drop: 'before' } },
      { on: { service: 'secretmanager', method: 'versions.add', calls: 2 }, answer: { status: 403 } },
      { on: { service: 'secretmanager', method: 'versions.add', calls: 3 }, answer: { status: 401 } },
      { on: { service: 'secretmanager', method: 'versions.add', calls: 4 }, answer: { html: 200 } },
      { on: { service: 'secretmanager', method: 'versions.add', calls: 5 }, answer: { drop: 'after' } },
      { on: { service: 'secretmanager', method: 'versions.add', calls: 6 }, answer: { status: 503, applied: true } },
    ]),
  )
  for (let call = 1; call <= 6; call++)
    await box.ask('POST', `${secrets}/api-key:addVersion`, { payload: { data: 'eA==' } }).catch(() => {})
  expect(facts(await page(box)).map(([, , , code]) => code)).toEqual([7, 0, 0])
})

test('a concurrent writer has its own entry, just before ours', async () => {
  const box = await startBox(
    scenarioWith({}, [{ on: { service: 'run', method: 'services.replace' }, answer: { concurrentWriter: true } }]),
  )
  const { json: shop } = await box.ask('GET', `${run}/shop`)
  await box.ask('PUT', `${run}/shop`, { ...shop, metadata: { ...shop.metadata, annotations: {} } })
  const method = 'google.cloud.run.v1.Services.ReplaceService'
  const found = await page(box)
  expect(facts(found)).toEqual([
    [theirs, method, 'namespaces/acme-prod/services/shop', 0],
    [mine, method, 'namespaces/acme-prod/services/shop', 10],
  ])
})

test('entries are listed in pages, in the requested order, by the filter', async () => {
  const box = await startBox()
  for (let call = 1; call <= 7; call++)
    await box.ask('POST', `${secrets}/api-key:addVersion`, { payload: { data: 'eA==' } })
  const pages: JsonObject[][] = []
  for (let next: object | undefined = {}; next; ) {
    const { entries: found = [], nextPageToken }: Page = await page(box, { pageSize: 1000, ...next })
    pages.push(found)
    next = nextPageToken === undefined ? undefined : { pageToken: nextPageToken }
  }
  expect(pages.map(({ length }) => length)).toEqual([3, 3, 1])
  expect(new Set(pages.flat().map(({ insertId }) => insertId)).size).toBe(7)
  expect(await page(box, { filter: `${activity} AND timestamp<="2026-03-01T11:59:59Z"` })).toEqual({})
  const refused = async (body: object) =>
    (await box.ask('POST', entries, { resourceNames: ['projects/acme-prod'], ...body })).status
  expect(await refused({ filter: 'severity>=ERROR' })).toBe(400)
  expect(await refused({ resourceNames: ['projects/acme-elsewhere'] })).toBe(403)
})
