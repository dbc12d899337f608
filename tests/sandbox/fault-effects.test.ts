import { expect, test } from 'vitest'
import type { Fault, FaultTarget } from '../../engine/sandbox/model/fault.ts'
import type { RequestEntry } from '../../engine/sandbox/model/request-log.ts'
import type { ScenarioProject } from '../../engine/sandbox/model/scenario.ts'
import { type Box, scenarioWith, startBox } from './proxy-client.ts'

const secret = 'http://secretmanager.sandbox/v1/projects/acme-prod/secrets/api-key'
const policy = 'http://cloudresourcemanager.sandbox/v1/projects/acme-prod'
const accounts = 'http://iam.sandbox/v1/projects/acme-prod/serviceAccounts'
const shop = 'http://us-central1-run.sandbox/apis/serving.knative.dev/v1/namespaces/acme-prod/services/shop'
const shopPolicy = 'http://run.sandbox/v1/projects/acme-prod/locations/us-central1/services/shop'
const fresh = 'cr-fresh@acme-prod.iam.gserviceaccount.com'

const boxWith = (on: FaultTarget, answer: Fault, more: Partial<ScenarioProject> = {}) =>
  startBox(scenarioWith(more, [{ on, answer }]))
const minutes = 60_000

const createAccount = (box: Box) => box.ask('POST', accounts, { accountId: 'cr-fresh' })
const readAccount = async (box: Box) => (await box.ask('GET', `${accounts}/${fresh}`)).status
const readPolicy = async (box: Box) => (await box.ask('POST', `${policy}:getIamPolicy`)).json
const grant = async (box: Box, member: string, role = 'roles/viewer') => {
  const read = await readPolicy(box)
  const bindings = [...(read.bindings ?? []), { role, members: [member] }]
  return box.ask('POST', `${policy}:setIamPolicy`, { policy: { ...read, bindings } })
}
const update = async (box: Box, annotations: Record<string, string>) => {
  const service = (await box.ask('GET', shop)).json
  Object.assign(service.metadata.annotations, annotations)
  return box.ask('PUT', shop, service)
}
const addVersion = (box: Box) => box.ask('POST', `${secret}:addVersion`, { payload: { data: 'eA==' } })
const latest = async (box: Box) => (await box.ask('GET', `${secret}/versions/latest`)).json.name.split('/').at(-1)

test.each<[FaultTarget, (box: Box) => Promise<unknown>, string]>([
  [
    { service: 'run', method: 'services.get' },
    (box) => box.ask('GET', shop),
    "Permission 'run.services.get' denied on resource 'namespaces/acme-prod/services/shop' (or resource may not exist).",
  ],
  [
    { service: 'run', method: 'services.replace' },
    (box) => update(box, { a: 'b' }),
    "Permission 'run.services.update' denied on resource 'namespaces/acme-prod/services/shop' (or resource may not exist).",
  ],
  [
    { service: 'secretmanager', method: 'versions.add' },
    addVersion,
    "Permission 'secretmanager.versions.add' denied for resource 'projects/acme-prod/secrets/api-key' (or it may not exist).",
  ],
  [
    { service: 'iam', method: 'serviceAccounts.create' },
    createAccount,
    "Permission 'iam.serviceAccounts.create' denied on resource (or it may not exist).",
  ],
  [
    { service: 'cloudresourcemanager', method: 'projects.getIamPolicy' },
    (box) => box.ask('POST', `${policy}:getIamPolicy`),
    'The caller does not have permission',
  ],
])('a refusal has the wording of its API: %j', async (on, ask, message) => {
  const box = await boxWith(on, { status: 403 })
  expect(await ask(box)).toMatchObject({ status: 403, json: { error: { status: 'PERMISSION_DENIED', message } } })
})

test('an exceeded quota names itself and when to retry', async () => {
  const box = await boxWith({ service: 'secretmanager', method: 'versions.add' }, { status: 429, retryAfter: '30s' })
  expect(await addVersion(box)).toMatchObject({
    headers: { 'retry-after': '30' },
    json: {
      error: { status: 'RESOURCE_EXHAUSTED', details: [{ reason: 'RATE_LIMIT_EXCEEDED' }, expect.anything()] },
    },
  })
})

test('an invalid token is reported in a header too', async () => {
  const box = await boxWith({ service: 'secretmanager', method: 'versions.add' }, { status: 401 })
  const { headers } = await addVersion(box)
  expect(headers['www-authenticate']).toContain('invalid_token')
})

test('a disabled API is refused by name, with a link to enable it', async () => {
  const box = await boxWith({ service: 'secretmanager', method: 'versions.add' }, { apiDisabled: true })
  const { status, json } = await addVersion(box)
  expect(status).toBe(403)
  expect(json.error).toMatchObject({
    status: 'PERMISSION_DENIED',
    details: [{ reason: 'SERVICE_DISABLED', metadata: { service: 'secretmanager.googleapis.com' } }, expect.anything()],
  })
})

test.each<[FaultTarget, (box: Box) => Promise<unknown>, RegExp]>([
  [
    { service: 'run', method: 'services.replace' },
    (box) => update(box, { a: 'b' }),
    /violated one or more Org Policies/,
  ],
  [
    { service: 'cloudresourcemanager', method: 'projects.setIamPolicy' },
    (box) => grant(box, 'allUsers'),
    /do not belong to a permitted customer/,
  ],
  [{ service: 'iam', method: 'serviceAccounts.create' }, createAccount, /creation is not allowed/],
])('an organization policy refuses %j and names its constraint', async (on, ask, message) => {
  const box = await boxWith(on, { orgPolicy: 'constraints/run.allowedIngress' })
  const before = (await box.control('GET', '/sandbox/state')).body
  expect(await ask(box)).toMatchObject({
    status: 400,
    json: {
      error: {
        status: 'FAILED_PRECONDITION',
        message: expect.stringMatching(message),
        details: [{ violations: [{ type: 'constraints/run.allowedIngress' }] }],
      },
    },
  })
  expect((await box.control('GET', '/sandbox/state')).body).toBe(before)
})

test("a concurrent writer's change of a service is kept, and the loser of the race changes nothing", async () => {
  const box = await boxWith(
    { service: 'run', method: 'services.replace' },
    { concurrentWriter: { ingress: 'internal', invokerCheck: true, iap: true, annotations: { team: 'other' } } },
  )
  expect((await update(box, { mine: 'yes' })).status).toBe(409)
  expect(box.logged.at(-1)).toMatchObject({ rpc: 'services.replace', committed: false, fault: 'concurrentWriter' })
  const { annotations } = (await box.ask('GET', shop)).json.metadata
  expect(annotations).toMatchObject({
    'run.googleapis.com/ingress': 'internal',
    'run.googleapis.com/invoker-iam-disabled': 'false',
    'run.googleapis.com/iap-enabled': 'true',
    team: 'other',
  })
  expect(annotations).not.toHaveProperty('mine')
})

test("the policy has a concurrent writer's added and removed bindings", async () => {
  const runner = 'serviceAccount:runner@acme-prod.iam.gserviceaccount.com'
  const box = await boxWith(
    { service: 'cloudresourcemanager', method: 'projects.setIamPolicy' },
    {
      concurrentWriter: {
        bind: [{ role: 'roles/editor', members: ['user:a@example.com'] }],
        unbind: [{ role: 'roles/secretmanager.secretAccessor', members: [runner] }],
      },
    },
  )
  expect((await grant(box, 'user:b@example.com')).status).toBe(409)
  expect((await readPolicy(box)).bindings).toEqual([{ role: 'roles/editor', members: ['user:a@example.com'] }])
})

test("a concurrent writer's version precedes ours, without a conflict", async () => {
  const box = await boxWith({ service: 'secretmanager', method: 'versions.add' }, { concurrentWriter: { text: 'x' } })
  expect((await addVersion(box)).json.name).toMatch(/versions\/4$/)
})

test("an account created by a concurrent writer is a conflict, and it is the writer's", async () => {
  const box = await boxWith(
    { service: 'iam', method: 'serviceAccounts.create' },
    { concurrentWriter: { displayName: 'Theirs' } },
  )
  expect(await createAccount(box)).toMatchObject({ status: 409, json: { error: { status: 'ALREADY_EXISTS' } } })
  expect((await box.ask('GET', `${accounts}/${fresh}`)).json).toMatchObject({ displayName: 'Theirs' })
})

test('a new account is invisible for a while, then flaps, and cannot be bound meanwhile', async () => {
  const box = await boxWith(
    { service: 'iam', method: 'serviceAccounts.create' },
    { newAccount: { visibleAfter: '30s', flapsFor: '10s' } },
  )
  expect((await createAccount(box)).status).toBe(200)
  expect(await readAccount(box)).toBe(404)
  const early = await grant(box, `serviceAccount:${fresh}`)
  expect(early).toMatchObject({ status: 400, json: { error: { message: `Service account ${fresh} does not exist.` } } })
  await box.advance(30_000)
  expect([await readAccount(box), await readAccount(box), await readAccount(box)]).toEqual([200, 404, 200])
  await box.advance(10_000)
  expect([await readAccount(box), await readAccount(box)]).toEqual([200, 200])
  expect((await grant(box, `serviceAccount:${fresh}`)).status).toBe(200)
})

test('a new account can be visible before policies accept it', async () => {
  const box = await boxWith(
    { service: 'iam', method: 'serviceAccounts.create' },
    { newAccount: { bindableAfter: '40s' } },
  )
  await createAccount(box)
  expect(await readAccount(box)).toBe(200)
  expect((await grant(box, `serviceAccount:${fresh}`)).status).toBe(400)
  await box.advance(40_000)
  expect((await grant(box, `serviceAccount:${fresh}`)).status).toBe(200)
})

test('ingress-status and the URL follow a change after its seven minutes', async () => {
  const box = await boxWith({ service: 'run', method: 'services.replace' }, { propagation: '7m' })
  await update(box, { 'run.googleapis.com/ingress': 'internal' })
  const read = async () => {
    const { metadata, status } = (await box.ask('GET', shop)).json
    const { annotations } = metadata
    return [
      annotations['run.googleapis.com/ingress'],
      annotations['run.googleapis.com/ingress-status'],
      (await box.ask('GET', status.url)).status,
    ]
  }
  expect(await read()).toEqual(['internal', 'all', 200])
  await box.advance(7 * minutes - 1)
  expect(await read()).toEqual(['internal', 'all', 200])
  await box.advance(1)
  expect(await read()).toEqual(['internal', 'internal', 404])
})

test("a service's policy reaches its URL late too", async () => {
  const closed = { shop: { region: 'us-central1' } }
  const box = await boxWith(
    { service: 'run', method: 'services.setIamPolicy' },
    { propagation: '2m' },
    { services: closed },
  )
  const { url } = (await box.ask('GET', shop)).json.status
  const bindings = [{ role: 'roles/run.invoker', members: ['allUsers'] }]
  await box.ask('POST', `${shopPolicy}:setIamPolicy`, { policy: { bindings } })
  expect((await box.ask('GET', url)).status).toBe(403)
  await box.advance(2 * minutes)
  expect((await box.ask('GET', url)).status).toBe(200)
})

test("a project's policy is readable at once and takes effect later", async () => {
  const box = await boxWith(
    { service: 'cloudresourcemanager', method: 'projects.setIamPolicy' },
    { propagation: '7m' },
    { iamBindings: [] },
  )
  const runner = 'runner@acme-prod.iam.gserviceaccount.com'
  await grant(box, `serviceAccount:${runner}`, 'roles/secretmanager.secretAccessor')
  expect((await readPolicy(box)).bindings).toHaveLength(1)
  const deploy = async (number: number) => {
    const service = (await box.ask('GET', shop)).json
    service.spec.template.spec.serviceAccountName = runner
    service.spec.template.metadata = { labels: { try: String(number) } }
    await box.ask('PUT', shop, service)
    await box.advance(1000)
    return (await box.ask('GET', shop)).json.status.conditions[0]
  }
  expect(await deploy(1)).toMatchObject({ status: 'False', message: expect.stringContaining('Permission denied') })
  await box.advance(7 * minutes)
  expect(await deploy(2)).toMatchObject({ status: 'True' })
})

test('`latest` means the previous version for a while; the new one is available by number and in lists', async () => {
  const box = await boxWith({ service: 'secretmanager', method: 'versions.add' }, { latestLags: '2m' })
  await addVersion(box)
  expect(await latest(box)).toBe('2')
  expect((await box.ask('GET', `${secret}/versions/3`)).status).toBe(200)
  expect((await box.ask('GET', `${secret}/versions`)).json.versions).toHaveLength(3)
  await box.advance(2 * minutes)
  expect(await latest(box)).toBe('3')
})

test('a list can lag behind a new version as well', async () => {
  const box = await boxWith({ service: 'secretmanager', method: 'versions.add' }, { latestLags: '2m', listToo: true })
  await addVersion(box)
  const listed = async () => (await box.ask('GET', `${secret}/versions`)).json.versions.length
  expect([await listed(), (await box.ask('GET', `${secret}/versions/3`)).status]).toEqual([2, 200])
  await box.advance(2 * minutes)
  expect(await listed()).toBe(3)
})

test.each<[Fault, boolean]>([
  [{ status: 503 }, false],
  [{ status: 503, applied: true }, true],
  [{ drop: 'before' }, false],
  [{ drop: 'after' }, true],
  [{ truncate: true }, true],
  [{ html: 200 }, false],
  [{ latestLags: '1s' }, true],
])('the request log records for %j whether the change was made: %s', async (answer, committed) => {
  const box = await boxWith({ service: 'secretmanager', method: 'versions.add' }, answer)
  await addVersion(box).catch(() => undefined)
  expect(box.logged[0]).toMatchObject({ committed, fault: expect.any(String) })
  await addVersion(box)
  expect(box.logged[1]).toMatchObject({ committed: true })
  expect(box.logged[1]).not.toHaveProperty('fault')
  await latest(box)
  expect(box.logged[2]).not.toHaveProperty('committed')
})

test('a change that hangs may have been made', async () => {
  const box = await boxWith({ service: 'secretmanager', method: 'versions.add' }, { hang: true, applied: true })
  const hanging = addVersion(box).catch((error: Error) => error)
  await expect.poll(async () => (await box.ask('GET', `${secret}/versions`)).json.versions.length).toBe(3)
  const [entry] = (await box.control('GET', '/sandbox/requests')).json as unknown as RequestEntry[]
  expect(entry).toMatchObject({ rpc: 'versions.add', fault: 'hang, applied', committed: true, status: null })
  await box.close()
  expect(await hanging).toBeInstanceOf(Error)
})
