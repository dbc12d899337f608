import { expect, test } from 'vitest'
import { type Box, scenarioWith, startBox } from './proxy-client.ts'

const project = 'http://cloudresourcemanager.sandbox/v1/projects/acme-prod'
const service = 'http://run.sandbox/v1/projects/acme-prod/locations/us-central1/services/shop'
const runner = 'serviceAccount:runner@acme-prod.iam.gserviceaccount.com'

const getPolicy = async (box: Box, url: string, version = 3) =>
  (url === project
    ? await box.ask('POST', `${url}:getIamPolicy`, { options: { requestedPolicyVersion: version } })
    : await box.ask('GET', `${url}:getIamPolicy?options.requestedPolicyVersion=${version}`)
  ).json

test.each([
  ['project', project],
  ['service', service],
])('a %s policy is read, changed and read again', async (_, url) => {
  const box = await startBox()
  const before = await getPolicy(box, url)
  const bindings = [
    { role: 'roles/viewer', members: [runner, 'allUsers', runner] },
    { role: 'roles/empty', members: [] },
  ]
  const set = await box.ask('POST', `${url}:setIamPolicy`, { policy: { ...before, bindings } })
  expect(set.status).toBe(200)
  const after = await getPolicy(box, url)
  expect(after.bindings).toEqual([{ role: 'roles/viewer', members: ['allUsers', runner] }])
  expect(after.etag).not.toBe(before.etag)
  expect(set.json).toEqual(after)
})

test.each([
  ['project', project],
  ['service', service],
])('a stale etag on a %s is a conflict', async (_, url) => {
  const box = await startBox()
  const stale = await getPolicy(box, url)
  await box.ask('POST', `${url}:setIamPolicy`, { policy: { ...stale, bindings: [] } })
  const refused = await box.ask('POST', `${url}:setIamPolicy`, { policy: { ...stale, bindings: [] } })
  expect(refused.json.error).toEqual({
    code: 409,
    status: 'ABORTED',
    message: 'There were concurrent policy changes. Please retry the whole read-modify-write with exponential backoff.',
  })
})

test('an etag may come back in the URL-safe alphabet, and may be left out', async () => {
  const box = await startBox()
  let { etag } = await getPolicy(box, project)
  while (!/[+/]/.test(etag)) etag = (await box.ask('POST', `${project}:setIamPolicy`, { policy: {} })).json.etag
  const urlSafe = etag.replaceAll('+', '-').replaceAll('/', '_')
  expect((await box.ask('POST', `${project}:setIamPolicy`, { policy: { etag: urlSafe } })).status).toBe(200)
  expect((await box.ask('POST', `${project}:setIamPolicy`, { policy: {} })).status).toBe(200)
})

test.each([
  [
    'serviceAccount:gone@acme-prod.iam.gserviceaccount.com',
    400,
    'Service account gone@acme-prod.iam.gserviceaccount.com does not exist.',
  ],
  ['serviceAccount:100000000001-compute@developer.gserviceaccount.com', 200, undefined],
  ['serviceAccount:service-100000000001@gcp-sa-iap.iam.gserviceaccount.com', 200, undefined],
  ['serviceAccount:other@elsewhere.iam.gserviceaccount.com', 200, undefined],
  ['deleted:serviceAccount:gone@acme-prod.iam.gserviceaccount.com?uid=1', 200, undefined],
  ['somebody@example.com', 400, 'The member somebody@example.com is of an unknown type.'],
])('the member %s answers %i', async (member, status, message) => {
  const box = await startBox()
  const set = await box.ask('POST', `${project}:setIamPolicy`, {
    policy: { bindings: [{ role: 'roles/viewer', members: [member] }] },
  })
  expect(set.status).toBe(status)
  expect(set.json.error?.message).toBe(message)
})

test('conditions need version 3, and older readers see a substitute role', async () => {
  const condition = { title: 'soon', expression: 'request.time < timestamp("2027-01-01T00:00:00Z")' }
  const binding = { role: 'roles/viewer', members: [runner], condition }
  const box = await startBox(scenarioWith({ iamBindings: [binding] }))
  expect(await getPolicy(box, project)).toMatchObject({ version: 3, bindings: [binding] })
  expect((await getPolicy(box, project, 1)).bindings[0]?.role).toMatch(/^roles\/viewer_withcond_[0-9a-f]{20}$/)
  const refused = await box.ask('POST', `${project}:setIamPolicy`, { policy: { version: 1, bindings: [binding] } })
  expect(refused.json.error.message).toContain('version 3')
})

test('turning IAP on adds its agent to the invokers', async () => {
  const box = await startBox(
    scenarioWith({ services: { shop: { region: 'us-central1', iap: true, invokers: ['allUsers'] } } }),
  )
  expect((await getPolicy(box, service)).bindings).toEqual([
    {
      role: 'roles/run.invoker',
      members: ['allUsers', 'serviceAccount:service-100000000001@gcp-sa-iap.iam.gserviceaccount.com'],
    },
  ])
})

test('every tested permission is granted', async () => {
  const box = await startBox()
  const permissions = ['run.services.get', 'run.services.setIamPolicy']
  for (const url of [project, service])
    expect((await box.ask('POST', `${url}:testIamPermissions`, { permissions })).json).toEqual({ permissions })
})

test('a project is found by id and by number', async () => {
  const box = await startBox()
  const expected = { projectId: 'acme-prod', projectNumber: '100000000001', lifecycleState: 'ACTIVE' }
  expect((await box.ask('GET', project)).json).toMatchObject(expected)
  expect((await box.ask('GET', project.replace('acme-prod', '100000000001'))).json).toMatchObject(expected)
  expect((await box.ask('GET', 'http://cloudresourcemanager.sandbox/v1/projects')).json.projects).toHaveLength(1)
})
