import { expect, test } from 'vitest'
import type { ScenarioService } from '../../engine/sandbox/model/scenario.ts'
import { type Box, scenarioWith, startBox } from './proxy-client.ts'

const shop = 'http://us-central1-run.sandbox/apis/serving.knative.dev/v1/namespaces/acme-prod/services/shop'
const urlOf = async (box: Box): Promise<string> => (await box.ask('GET', shop)).json.status.url

const boxWith = (service: Partial<ScenarioService>, faults = {}) =>
  startBox({ ...scenarioWith({ services: { shop: { region: 'us-central1', ...service } } }), ...faults })

/** Sends a request without a token, like an anonymous client on the internet. */
const visit = (box: Box, url: string, method = 'GET') => box.ask(method, url, undefined, { authorization: '' })

const open = { ingress: 'all', invokerCheck: false, iap: false } as const

test.each<[string, Partial<ScenarioService>, string, number]>([
  ['open', open, '/', 200],
  ['open, at its health path', { ...open, responds: { '/api/health': 204 } }, '/api/health', 204],
  ['open, at its root all the same', { ...open, responds: { '/api/health': 204 } }, '/', 200],
  ['open, at a path that it does not have', open, '/nothing', 404],
  ['internal', { ...open, ingress: 'internal' }, '/', 404],
  ['behind a load balancer', { ...open, ingress: 'internal-and-cloud-load-balancing' }, '/', 404],
  ['behind the invoker check', { ...open, invokerCheck: true }, '/', 403],
  ['behind the invoker check, which allUsers pass', { ...open, invokerCheck: true, invokers: ['allUsers'] }, '/', 200],
  ['behind IAP', { ...open, iap: true }, '/', 302],
  ['internal and behind IAP', { ingress: 'internal', iap: true }, '/', 404],
])('a service that is %s', async (_, service, path, status) => {
  const box = await boxWith(service)
  expect((await visit(box, (await urlOf(box)) + path)).status).toBe(status)
})

test('refusals have the wording of Google', async () => {
  const internal = await boxWith({ ingress: 'internal' })
  expect((await visit(internal, await urlOf(internal))).body).toContain('<title>404 Page not found</title>')
  const checked = await boxWith({})
  expect((await visit(checked, `${await urlOf(checked)}/a<b`)).body).toContain(
    'Your client does not have permission to get URL <code>/a',
  )
  const iap = await boxWith({ iap: true })
  expect((await visit(iap, await urlOf(iap))).headers.location).toMatch(/^https:\/\/accounts\.google\.com\//)
})

test('both of its hosts answer, over http and https, to HEAD too', async () => {
  const box = await boxWith(open)
  const url = await urlOf(box)
  expect((await visit(box, url.replace('http:', 'https:'))).status).toBe(200)
  expect((await visit(box, 'http://shop-100000000001.us-central1.run.app/')).status).toBe(200)
  expect(await visit(box, url, 'HEAD')).toMatchObject({ status: 200, body: '' })
  expect((await visit(box, url, 'POST')).status).toBe(405)
})

test('a change reaches the URL only after its propagation', async () => {
  const box = await boxWith({ ...open, ingress: 'internal', propagation: '7m' })
  const service = (await box.ask('GET', shop)).json
  service.metadata.annotations['run.googleapis.com/ingress'] = 'all'
  await box.ask('PUT', shop, service)
  const status = async () => (await visit(box, service.status.url)).status
  const observed = async () =>
    (await box.ask('GET', shop)).json.metadata.annotations['run.googleapis.com/ingress-status']
  expect([await status(), await observed()]).toEqual([404, 'internal'])
  await box.advance(7 * 60_000 - 1)
  expect([await status(), await observed()]).toEqual([404, 'internal'])
  await box.advance(1)
  expect([await status(), await observed()]).toEqual([200, 'all'])
})

test.each([
  ['everybody', undefined, 200],
  ['everybody until tomorrow', { title: 'soon', expression: 'request.time < timestamp("2026-03-02T00:00:00Z")' }, 403],
])('a policy that lets %s in', async (_, condition, status) => {
  const box = await boxWith({ ...open, invokerCheck: true })
  const url = await urlOf(box)
  await box.ask('POST', 'http://run.sandbox/v1/projects/acme-prod/locations/us-central1/services/shop:setIamPolicy', {
    policy: { version: 3, bindings: [{ role: 'roles/run.invoker', members: ['allUsers'], condition }] },
  })
  expect((await visit(box, url)).status).toBe(status)
})

test('a service that never had a ready revision is unavailable', async () => {
  const box = await boxWith(open)
  const services = shop.replace(/shop$/, '')
  await box.ask('POST', services.replace(/\/$/, ''), {
    metadata: { name: 'late', annotations: { 'run.googleapis.com/invoker-iam-disabled': 'True' } },
    spec: { template: { spec: { containers: [{ image: 'a' }] } } },
  })
  expect((await visit(box, 'http://late-100000000001.us-central1.run.app/')).status).toBe(503)
})
