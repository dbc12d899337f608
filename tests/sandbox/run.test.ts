import { expect, test } from 'vitest'
import { type ApiJson, type Box, scenarioWith, startBox } from './proxy-client.ts'

const namespace = 'http://us-central1-run.sandbox/apis/serving.knative.dev/v1/namespaces/acme-prod'
const shop = `${namespace}/services/shop`
const runner = 'runner@acme-prod.iam.gserviceaccount.com'

const read = async (box: Box) => (await box.ask('GET', shop)).json
const ready = (service: ApiJson) => service.status.conditions.find(({ type }) => type === 'Ready')!

async function update(box: Box, change: (service: ApiJson) => unknown) {
  const service = await read(box)
  change(service)
  return box.ask('PUT', shop, service)
}

test("a service has the form of Cloud Run's", async () => {
  const box = await startBox()
  expect(await read(box)).toMatchObject({
    apiVersion: 'serving.knative.dev/v1',
    kind: 'Service',
    metadata: {
      name: 'shop',
      namespace: '100000000001',
      generation: 1,
      labels: { 'cloud.googleapis.com/location': 'us-central1' },
      annotations: {
        'run.googleapis.com/ingress': 'all',
        'run.googleapis.com/ingress-status': 'all',
        'run.googleapis.com/invoker-iam-disabled': 'true',
      },
    },
    spec: {
      template: { spec: { serviceAccountName: '100000000001-compute@developer.gserviceaccount.com' } },
      traffic: [{ percent: 100, latestRevision: true }],
    },
    status: {
      observedGeneration: 1,
      latestReadyRevisionName: expect.stringMatching(/^shop-00001-[a-z]{3}$/),
      url: expect.stringMatching(/^http:\/\/shop-[a-z0-9]{10}-uc\.a\.run\.app$/),
    },
  })
})

test('a change of annotations creates no revision and keeps unknown annotations', async () => {
  const box = await startBox()
  const before = await read(box)
  const answer = await update(box, (service) => {
    service.metadata.annotations['run.googleapis.com/ingress'] = 'internal'
    service.metadata.annotations['acme.example/owner'] = 'web'
    Object.assign(service.spec, { traffic: [{ percent: 100, latestRevision: true, tag: 'kept' }] })
    delete service.metadata.annotations['serving.knative.dev/creator']
  })
  expect(answer.status).toBe(200)
  const after = await read(box)
  expect(after.metadata.generation).toBe(2)
  expect(after.metadata.resourceVersion).not.toBe(before.metadata.resourceVersion)
  expect(after.metadata.annotations).toMatchObject({
    'run.googleapis.com/ingress-status': 'internal',
    'acme.example/owner': 'web',
    'serving.knative.dev/creator': 'deployer@example.com',
  })
  expect(after.spec).toMatchObject({ traffic: [{ percent: 100, latestRevision: true, tag: 'kept' }] })
  expect(after.status.latestCreatedRevisionName).toBe(before.status.latestCreatedRevisionName)
})

test('writing back what was read changes nothing', async () => {
  const box = await startBox()
  const before = await read(box)
  await update(box, () => {})
  expect(await read(box)).toEqual(before)
})

test('a stale resourceVersion is a conflict, and nothing is written', async () => {
  const box = await startBox()
  const stale = await read(box)
  await update(box, (service) => {
    service.metadata.annotations.first = 'yes'
  })
  const answer = await box.ask('PUT', shop, {
    ...stale,
    metadata: { ...stale.metadata, annotations: { second: 'yes' } },
  })
  expect(answer.json.error).toMatchObject({
    code: 409,
    status: 'ABORTED',
    message: expect.stringMatching(
      /^Conflict for resource 'shop': version '.+' was specified but current version is '.+'\.$/,
    ),
  })
  expect((await read(box)).metadata.annotations).not.toHaveProperty('second')
})

test('a new template creates a revision, which gets the traffic once it is ready', async () => {
  const box = await startBox()
  const before = (await read(box)).status.latestReadyRevisionName
  const answer = await update(box, (service) => {
    service.spec.template.spec.serviceAccountName = runner
  })
  expect(ready(answer.json).status).toBe('Unknown')
  expect(answer.json.status.latestReadyRevisionName).toBe(before)
  const after = await read(box)
  expect(ready(after).status).toBe('True')
  expect(after.status.latestReadyRevisionName).toMatch(/^shop-00002-/)
  const revision = (await box.ask('GET', `${namespace}/revisions/${after.status.latestReadyRevisionName}`)).json
  expect(revision.spec).toMatchObject({ serviceAccountName: runner })
  expect(revision.status.imageDigest).toMatch(/@sha256:[0-9a-f]{64}$/)
})

test('an update takes as long as the scenario says, by the clock of the sandbox', async () => {
  const box = await startBox(scenarioWith({ services: { shop: { region: 'us-central1', readyAfter: '7m' } } }))
  await update(box, (service) => {
    service.metadata.annotations.a = 'b'
  })
  expect(ready(await read(box)).status).toBe('Unknown')
  await box.advance(7 * 60_000)
  expect(ready(await read(box)).status).toBe('True')
})

test('an update of a moving clock is ready with its revision', async () => {
  let time = 0
  const box = await startBox(scenarioWith(), () => ++time)
  await update(box, (service) => {
    service.spec.template.spec.serviceAccountName = runner
  })
  const after = await read(box)
  expect(ready(after).status).toBe('True')
  expect(after.status.latestReadyRevisionName).toMatch(/^shop-00002-/)
})

test('revisions are found by their label', async () => {
  const box = await startBox()
  await update(box, (service) => {
    service.spec.template.metadata.labels = { 'client.knative.dev/nonce': 'abc' }
  })
  const selector = encodeURIComponent('client.knative.dev/nonce = abc')
  const found = await box.ask('GET', `${namespace}/revisions?labelSelector=${selector}`)
  expect(found.json.items.map(({ metadata }) => metadata.name)).toEqual([expect.stringMatching(/^shop-00002-/)])
})

test('an identity that does not exist is refused', async () => {
  const box = await startBox()
  const answer = await update(box, (service) => {
    service.spec.template.spec.serviceAccountName = 'nobody@acme-prod.iam.gserviceaccount.com'
  })
  expect(answer.json.error).toMatchObject({
    code: 403,
    message:
      "Permission 'iam.serviceaccounts.actAs' denied on service account nobody@acme-prod.iam.gserviceaccount.com (or it may not exist).",
  })
})

test('a revision whose identity cannot read its secret does not become ready', async () => {
  const box = await startBox(scenarioWith({ iamBindings: [] }))
  const before = (await read(box)).status.latestReadyRevisionName
  await update(box, (service) => {
    service.spec.template.spec.serviceAccountName = runner
  })
  const after = await read(box)
  expect(ready(after)).toMatchObject({
    status: 'False',
    message: expect.stringContaining('Permission denied on secret'),
  })
  expect(after.status.latestReadyRevisionName).toBe(before)
})

test.each([
  ['ingress', (service: ApiJson) => (service.metadata.annotations['run.googleapis.com/ingress'] = 'everybody')],
  ['template', (service: ApiJson) => Object.assign(service.spec, { template: null })],
])('a bad %s is refused', async (_, change) => {
  const box = await startBox()
  expect((await update(box, change)).status).toBe(400)
})

test('services are listed by region, or all of them by the global host', async () => {
  const box = await startBox(
    scenarioWith({ services: { here: { region: 'us-central1' }, there: { region: 'europe-west1' } } }),
  )
  const names = ({ items }: ApiJson) => items.map(({ metadata }) => metadata.name)
  expect(names((await box.ask('GET', `${namespace}/services`)).json)).toEqual(['here'])
  const all = await box.ask('GET', 'http://run.sandbox/v1/projects/acme-prod/locations/-/services')
  expect(names(all.json)).toEqual(['here', 'there'])
  expect((await box.ask('GET', `${namespace}/services/there`)).status).toBe(404)
})

test('a service is created, and deleted', async () => {
  const box = await startBox()
  const body = {
    apiVersion: 'serving.knative.dev/v1',
    kind: 'Service',
    metadata: { name: 'fresh' },
    spec: { template: { spec: { containers: [{ image: 'gcr.io/acme/fresh:1' }] } } },
  }
  expect((await box.ask('POST', `${namespace}/services`, body)).json.metadata).toMatchObject({
    name: 'fresh',
    generation: 1,
  })
  expect((await box.ask('POST', `${namespace}/services`, body)).status).toBe(409)
  expect((await box.ask('DELETE', `${namespace}/services/fresh`)).json).toMatchObject({ status: 'Success' })
  expect((await box.ask('GET', `${namespace}/services/fresh`)).status).toBe(404)
})

/** Creates a service with a second revision, and returns the names of both. */
async function twoRevisions(box: Box) {
  const first = (await read(box)).status.latestReadyRevisionName
  await update(box, (service) => {
    service.spec.template.spec.serviceAccountName = runner
  })
  return { first, second: (await read(box)).status.latestReadyRevisionName }
}

test('traffic follows the spec: one revision, several, a tag, and the latest again', async () => {
  const box = await startBox()
  const { first, second } = await twoRevisions(box)
  const send = async (traffic: object[]) => {
    await update(box, (service) => Object.assign(service.spec, { traffic }))
    return (await read(box)).status.traffic
  }
  expect(await send([{ revisionName: first, percent: 100 }])).toEqual([{ revisionName: first, percent: 100 }])
  const split = [
    { revisionName: first, percent: 90 },
    { latestRevision: true, percent: 10, tag: 'green' },
  ]
  expect(await send(split)).toMatchObject([
    { revisionName: first, percent: 90 },
    { revisionName: second, percent: 10, latestRevision: true, url: expect.stringContaining('://green---shop-') },
  ])
  expect(await send([{ latestRevision: true, percent: 100 }])).toMatchObject([{ revisionName: second, percent: 100 }])
})

test('a new revision without traffic gets none', async () => {
  const box = await startBox()
  const first = (await read(box)).status.latestReadyRevisionName
  await update(box, (service) => Object.assign(service.spec, { traffic: [{ revisionName: first, percent: 100 }] }))
  const { second } = await twoRevisions(box)
  expect(second).not.toBe(first)
  expect((await read(box)).status.traffic).toEqual([{ revisionName: first, percent: 100 }])
})

test.each([
  [
    'to a revision that is not there',
    [{ revisionName: 'shop-00009-abc', percent: 100 }],
    /does not exist or is deleted/,
  ],
  ['that is not all of it', [{ latestRevision: true, percent: 40 }], /add up to 40/],
])('traffic %s is refused, and nothing is written', async (_, traffic, says) => {
  const box = await startBox()
  const before = await read(box)
  const answer = await update(box, (service) => Object.assign(service.spec, { traffic }))
  expect(answer.status).toBe(400)
  expect(answer.json.error.message).toMatch(says)
  expect(await read(box)).toEqual(before)
})

test("a tag's URL answers for its service", async () => {
  const box = await startBox()
  const { first } = await twoRevisions(box)
  await update(box, (service) =>
    Object.assign(service.spec, {
      traffic: [
        { latestRevision: true, percent: 100 },
        { revisionName: first, tag: 'old' },
      ],
    }),
  )
  const url = (await read(box)).status.traffic.find(({ tag }) => tag === 'old')?.url
  expect(await box.ask('GET', `${url}/health`)).toMatchObject({ status: 200, body: 'shop\n' })
})
