import { expect, test } from 'vitest'
import { isDryRun } from '../../engine/sandbox/dry-run.ts'
import { methods, mutates } from '../../engine/sandbox/model/methods.ts'
import { routes } from '../../engine/sandbox/services/apis.ts'
import { type Box, scenarioWith, startBox } from './proxy-client.ts'

const knative = 'http://us-central1-run.sandbox/apis/serving.knative.dev/v1/namespaces/acme-prod'
const shop = `${knative}/services/shop`
const made = {
  apiVersion: 'serving.knative.dev/v1',
  kind: 'Service',
  metadata: { name: 'made', annotations: { 'run.googleapis.com/ingress': 'internal' } },
  spec: { template: { spec: { containers: [{ image: 'gcr.io/a/b' }] } } },
}

const state = async (box: Box) => (await box.control('GET', '/sandbox/state')).body
const audited = async (box: Box) =>
  (
    await box.ask('POST', 'http://logging.sandbox/v2/entries:list', {
      resourceNames: ['projects/acme-prod'],
      filter: '',
    })
  ).json

test('a dry run of a creation returns the new resource and creates nothing', async () => {
  const box = await startBox()
  const before = await state(box)
  const answer = await box.ask('POST', `${knative}/services?dryRun=all`, made)
  expect(answer).toMatchObject({ status: 200, json: { metadata: { name: 'made', generation: 1 } } })
  expect(await state(box)).toBe(before)
  expect((await box.ask('GET', `${knative}/services/made`)).status).toBe(404)
  expect(box.logged[0]).toMatchObject({ rpc: 'services.create', dryRun: true, committed: false })
  expect(await audited(box)).toEqual({})
})

test('a dry run of a replacement or a deletion answers like the call and changes nothing', async () => {
  const box = await startBox()
  const before = await state(box)
  const service = (await box.ask('GET', shop)).json
  service.metadata.annotations['run.googleapis.com/ingress'] = 'internal'
  const replaced = await box.ask('PUT', `${shop}?dryRun=all`, service)
  expect(replaced.json.metadata).toMatchObject({
    generation: 2,
    annotations: { 'run.googleapis.com/ingress': 'internal' },
  })
  expect((await box.ask('DELETE', `${shop}?dry_run=all`)).status).toBe(200)
  expect((await box.ask('DELETE', `${knative}/services/none?dryRun=all`)).status).toBe(404)
  expect(
    (await box.ask('POST', `${knative}/services?dryRun=all`, { ...made, metadata: { name: 'shop' } })).status,
  ).toBe(409)
  expect(await state(box)).toBe(before)
  expect(await audited(box)).toEqual({})
})

test('a dry run takes no random bytes from later calls', async () => {
  const [one, other] = [await startBox(), await startBox()]
  await one.ask('POST', `${knative}/services?dryRun=all`, made)
  const [a, b] = [
    await one.ask('POST', `${knative}/services`, made),
    await other.ask('POST', `${knative}/services`, made),
  ]
  expect(a.json).toEqual(b.json)
})

test('a dry run changes nothing even with a fault that applies the change', async () => {
  const box = await startBox(
    scenarioWith({}, [{ on: { service: 'run', method: 'services.create' }, answer: { status: 503, applied: true } }]),
  )
  const before = await state(box)
  expect((await box.ask('POST', `${knative}/services?dryRun=all`, made)).status).toBe(503)
  expect(await state(box)).toBe(before)
})

const change = routes.filter(({ service, method }) => service !== 'github' && mutates(method))
const bodies: Record<string, unknown> = {
  'services.create': made,
  'services.replace': made,
  'services.delete': undefined,
}

test('every mutating method has a route', () => {
  const names = Object.values(methods)
    .flat()
    .filter((name) => mutates(name))
  expect(new Set(change.map(({ method }) => method))).toEqual(new Set(names))
})

const flags = ['dryRun=all', 'dryRun=true', 'dry_run=all', 'validateOnly=true', 'validate_only=true', 'validateOnly=1']

test.each(change.map((route) => [`${route.service} ${route.method}`, route] as const))(
  '%s changes nothing when it is asked only to try, in whatever spelling',
  async (_, { service, method, verb, path }) => {
    const box = await startBox()
    const before = await state(box)
    const url = path
      .replace('{project}', 'acme-prod')
      .replace('{location}', 'us-central1')
      .replace('{service}', 'shop')
      .replace('{secret}', 'api-key')
      .replace('{version}', '1')
      .replace('{email}', 'runner@acme-prod.iam.gserviceaccount.com')
      .replace('{api}', 'pubsub.googleapis.com')
    const host = service === 'run' ? 'us-central1-run' : service
    const id = method === 'secrets.create' ? '&secretId=NEW' : ''
    for (const flag of flags) {
      const body = method in bodies ? bodies[method] : verb === 'DELETE' ? undefined : {}
      const answer = await box.ask(verb, `http://${host}.sandbox${url}?${flag}${id}`, body)
      expect(answer.status === 200 || answer.status === 400, `${flag}: ${answer.body}`).toBe(true)
      if (verb !== 'DELETE')
        await box.ask(verb, `http://${host}.sandbox${url}?${id}`, { ...(body as object), validateOnly: true })
    }
    expect(await state(box)).toBe(before)
  },
)

test.each([
  [{ validateOnly: true }, true],
  [{ validateOnly: 'true' }, true],
  [{ dryRun: true }, true],
  [{ validateOnly: false }, false],
  [{}, false],
])('a body %j is a dry run: %s', (body, dry) => expect(isDryRun(new URLSearchParams(), body)).toBe(dry))
