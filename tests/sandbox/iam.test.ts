import { expect, test } from 'vitest'
import { type ApiJson, scenarioWith, startBox } from './proxy-client.ts'

const accounts = 'http://iam.sandbox/v1/projects/acme-prod/serviceAccounts'
const anywhere = 'http://iam.sandbox/v1/projects/-/serviceAccounts'
const runner = 'runner@acme-prod.iam.gserviceaccount.com'
const fresh = 'cr-fresh@acme-prod.iam.gserviceaccount.com'
const create = { accountId: 'cr-fresh', serviceAccount: { displayName: 'Fresh' } }

test('an account is created once, and found with and without its project', async () => {
  const box = await startBox()
  const created = await box.ask('POST', accounts, create)
  expect(created.json).toMatchObject({
    name: `projects/acme-prod/serviceAccounts/${fresh}`,
    email: fresh,
    displayName: 'Fresh',
    uniqueId: expect.stringMatching(/^1[0-9]{20}$/),
  })
  expect((await box.ask('GET', `${anywhere}/${fresh}`)).json).toEqual(created.json)
  expect((await box.ask('GET', `${accounts}/${encodeURIComponent(fresh)}`)).json).toEqual(created.json)
  expect((await box.ask('POST', accounts, create)).json.error).toMatchObject({
    code: 409,
    status: 'ALREADY_EXISTS',
    message: 'Service account cr-fresh already exists within project projects/acme-prod.',
  })
})

test('a new account is unknown until it is visible, then flaps for a while', async () => {
  const box = await startBox(scenarioWith({ newServiceAccounts: { visibleAfter: '8s', flapsFor: '4s' } }))
  await box.ask('POST', accounts, create)
  const read = () => box.ask('GET', `${anywhere}/${fresh}`)
  const bind = () =>
    box.ask('POST', 'http://cloudresourcemanager.sandbox/v1/projects/acme-prod:setIamPolicy', {
      policy: { bindings: [{ role: 'roles/viewer', members: [`serviceAccount:${fresh}`] }] },
    })
  expect((await read()).json.error).toEqual({ code: 404, message: 'Unknown service account', status: 'NOT_FOUND' })
  expect((await bind()).json.error.message).toBe(`Service account ${fresh} does not exist.`)
  await box.advance(8000)
  expect([(await read()).status, (await read()).status, (await read()).status]).toEqual([200, 404, 200])
  await box.advance(4000)
  expect([(await read()).status, (await read()).status, (await read()).status]).toEqual([200, 200, 200])
  expect((await bind()).status).toBe(200)
})

test('deleting an account leaves a deleted member in the policies', async () => {
  const box = await startBox()
  const { uniqueId } = (await box.ask('GET', `${anywhere}/${runner}`)).json
  expect((await box.ask('DELETE', `${anywhere}/${runner}`)).json).toEqual({})
  expect((await box.ask('GET', `${anywhere}/${runner}`)).status).toBe(404)
  const policy = await box.ask('POST', 'http://cloudresourcemanager.sandbox/v1/projects/acme-prod:getIamPolicy')
  expect(policy.json.bindings[0]?.members).toEqual([`deleted:serviceAccount:${runner}?uid=${uniqueId}`])
})

test('an account is disabled and enabled', async () => {
  const box = await startBox()
  await box.ask('POST', `${anywhere}/${runner}:disable`)
  expect((await box.ask('GET', `${anywhere}/${runner}`)).json.disabled).toBe(true)
  await box.ask('POST', `${anywhere}/${runner}:enable`)
  expect((await box.ask('GET', `${anywhere}/${runner}`)).json).not.toHaveProperty('disabled')
})

test('accounts and keys are listed', async () => {
  const box = await startBox()
  const emails = (await box.ask('GET', accounts)).json.accounts.map(({ email }) => email)
  expect(emails).toEqual(['100000000001-compute@developer.gserviceaccount.com', runner])
  const types = ({ keys }: ApiJson) => keys.map(({ keyType }) => keyType)
  expect(types((await box.ask('GET', `${anywhere}/${runner}/keys`)).json)).toEqual(['USER_MANAGED', 'SYSTEM_MANAGED'])
  expect(types((await box.ask('GET', `${anywhere}/${runner}/keys?keyTypes=USER_MANAGED`)).json)).toEqual([
    'USER_MANAGED',
  ])
})

test.each(['abc', 'Upper-case', 'ends-with-', 'a-name-that-is-longer-than-thirty-letters'])(
  'the account id %s is refused',
  async (accountId) => {
    const box = await startBox()
    expect((await box.ask('POST', accounts, { accountId })).status).toBe(400)
  },
)

test('enabled APIs are listed, and an API can be enabled', async () => {
  const box = await startBox(scenarioWith({ apis: ['serviceusage.googleapis.com'] }))
  const services = 'http://serviceusage.sandbox/v1/projects/acme-prod/services'
  const enabled = async () =>
    (await box.ask('GET', `${services}?filter=state%3AENABLED&pageSize=200`)).json.services.map(
      ({ config }) => config.name,
    )
  expect(await enabled()).toEqual(['serviceusage.googleapis.com'])
  expect((await box.ask('GET', `${services}/run.googleapis.com`)).json.state).toBe('DISABLED')
  await box.ask('POST', `${services}/run.googleapis.com:enable`)
  expect(await enabled()).toEqual(['run.googleapis.com', 'serviceusage.googleapis.com'])
})
