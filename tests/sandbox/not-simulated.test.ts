import { request } from 'node:http'
import { expect, test } from 'vitest'
import { classifyFailure } from '../../engine/gcloud/failure.ts'
import { makeApi } from '../../engine/gcloud/fake/api.ts'
import { ApiError } from '../../engine/gcloud/fake/api-error.ts'
import { askSandboxGithub, askThroughSandbox } from '../../engine/sandbox/client/connect.ts'
import { formOf } from '../../engine/sandbox/routing.ts'
import { routes } from '../../engine/sandbox/services/apis.ts'
import { type Box, scenarioWith, startBox } from './proxy-client.ts'

const secrets = 'http://secretmanager.sandbox/v1/projects/acme-prod/secrets'
const knative = 'http://us-central1-run.sandbox/apis/serving.knative.dev/v1/namespaces/acme-prod'

const state = async (box: Box) => (await box.control('GET', '/sandbox/state')).body

test.each([
  // Methods, versions, resources, locations and APIs that the sandbox doesn't simulate.
  ['GET', 'http://run.sandbox/v2/projects/p/locations/l/workerPools', 'run.projects.locations.workerPools.list'],
  [
    'GET',
    'http://us-central1-run.sandbox/apis/run.googleapis.com/v1/namespaces/acme-prod/jobs/nope',
    'run.namespaces.jobs.get',
  ],
  ['DELETE', `${knative}/revisions/shop-00001-abc`, 'run.namespaces.revisions.delete'],
  ['GET', `${knative}/routes/shop`, 'run.namespaces.routes.get'],
  [
    'GET',
    'http://run.sandbox/v2/projects/acme-prod/locations/us-central1/services',
    'run.projects.locations.services.list of v2',
  ],
  ['GET', `${secrets}/api-key:getIamPolicy`, 'secretmanager.projects.secrets.getIamPolicy'],
  [
    'GET',
    'http://secretmanager.sandbox/v1/projects/acme-prod/locations/us-central1/secrets/REG',
    'secretmanager.projects.locations.secrets.get',
  ],
  ['GET', 'http://iam.sandbox/v1/projects/acme-prod/roles/deployer', 'iam.projects.roles.get'],
  [
    'GET',
    'http://orgpolicy.sandbox/v2/projects/acme-prod/policies/run.allowedIngress',
    'orgpolicy.projects.policies.get',
  ],
  [
    'POST',
    'http://cloudresourcemanager.sandbox/v1/projects/acme-prod:getAncestry',
    'cloudresourcemanager.projects.getAncestry',
  ],
  ['PATCH', 'http://cloudresourcemanager.sandbox/v3/projects/acme-prod', 'cloudresourcemanager.projects.patch'],
  ['GET', 'http://serviceusage.sandbox/v1/projects/1/services:batchGet', 'serviceusage.services.batchGet'],
  ['POST', 'http://iap.sandbox/v1/projects/1/iap_web:getIamPolicy', 'iap.getIamPolicy'],
  ['GET', 'http://compute.sandbox/compute/v1/projects/acme-prod/zones/z/instances/vm', 'compute'],
  [
    'GET',
    'http://us-central1-iam.sandbox/v1/projects/acme-prod/serviceAccounts',
    'iam.projects.serviceAccounts.list at us-central1-iam',
  ],
  // Requests that no API supports: other verbs, versions and paths, and batches.
  ['POST', `${secrets}/api-key`, 'POST /v1/projects/acme-prod/secrets/api-key of secretmanager'],
  ['PUT', `${secrets}/api-key`, 'PUT /v1/projects/acme-prod/secrets/api-key of secretmanager'],
  ['OPTIONS', secrets, 'OPTIONS /v1/projects/acme-prod/secrets of secretmanager'],
  ['GET', secrets.replace('v1', 'v9'), 'GET /v9/projects/acme-prod/secrets of secretmanager'],
  ['GET', `${secrets}/`, 'GET /v1/projects/acme-prod/secrets/ of secretmanager'],
  ['POST', 'http://run.sandbox/batch', 'POST /batch of run'],
  ['POST', 'http://secretmanager.sandbox/batch/secretmanager/v1', 'POST /batch/secretmanager/v1 of secretmanager'],
])('%s %s is answered as not simulated: %s', async (verb, url, what) => {
  const box = await startBox()
  const before = await state(box)
  const answer = await box.ask(verb, url, verb === 'POST' ? {} : undefined)
  expect(answer.status).toBe(501)
  expect(answer.json.error).toEqual({
    code: 501,
    status: 'UNIMPLEMENTED',
    message: `The sandbox does not simulate ${what}.`,
    details: [
      {
        '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
        reason: 'NOT_SIMULATED',
        domain: 'sandbox.breakglass',
        metadata: { service: expect.any(String), method: what },
      },
    ],
  })
  expect(await state(box)).toBe(before)
  expect(box.logged.at(-1)).toMatchObject({ rpc: 'unknown', status: 501, notSimulated: what })
})

test('method overrides, encodings and other answer formats are not simulated', async () => {
  const box = await startBox()
  const before = await state(box)
  const ask = (url: string, headers: Record<string, string>, body: unknown = {}) => box.ask('POST', url, body, headers)
  const add = `${secrets}/api-key:addVersion`
  const refused = [
    await ask(add, { 'x-http-method-override': 'DELETE' }),
    await ask(`${secrets}/api-key/versions/1:disable`, { 'x-http-method-override': 'GET' }),
    await ask(add, { 'content-encoding': 'gzip' }),
    await ask(`${add}?alt=media`, {}),
    await ask(`${add}?%24alt=proto`, {}),
    await box.ask('GET', `${secrets}/api-key?callback=f`),
  ]
  expect(refused.map(({ status }) => status)).toEqual(refused.map(() => 501))
  expect(refused.map(({ json }) => json.error.status)).toEqual(refused.map(() => 'UNIMPLEMENTED'))
  expect(refused[0]!.json.error.message).toBe(
    'The sandbox does not simulate X-HTTP-Method-Override of secretmanager.projects.secrets.addVersion.',
  )
  expect(await state(box)).toBe(before)
})

test('every simulated method has its API id and request fields', () => {
  const google = routes.filter(({ service }) => service !== 'github')
  expect(google.filter((route) => formOf(route) === undefined)).toEqual([])
})

test('an HTTP check and a workflow run report that the sandbox does not simulate the request', async () => {
  const box = await startBox()
  const http = (url: string) => askThroughSandbox(box.address, url, 5_000)
  expect(await http('http://iam.sandbox/v1/projects/p/roles/r')).toEqual({
    failed: 'the sandbox does not simulate iam.projects.roles.get',
    cause: 'other',
  })
  expect(await http('http://secretmanager.sandbox/v1/projects/acme-prod/secrets')).toEqual({ status: 401 })
  expect(await http('https://shop.example.com/health')).toEqual({
    failed: 'shop.example.com is outside the sandbox; nothing was sent there',
    cause: 'other',
  })
  expect(await askSandboxGithub(box.address, box.token, '/repos/acme/shop/pulls/1', 5_000)).toEqual({
    failed: 'the sandbox does not simulate GET /repos/acme/shop/pulls/1 of github',
    cause: 'other',
  })
})

test("a service's own 404 is passed on", async () => {
  const box = await startBox(scenarioWith())
  const { status } = (await box.ask('GET', `${knative}/services/shop`)).json
  expect(await askThroughSandbox(box.address, `${status.url}/nope`, 5_000)).toEqual({ status: 404 })
})

test('the fake gcloud reports it in the words of gcloud, and the engine reads the same reason', async () => {
  const box = await startBox()
  let waited = 0
  const api = makeApi(
    { address: box.address, token: box.token, userAgent: 'test' },
    new AbortController().signal,
    async (ms) => {
      waited += ms
    },
  )
  const error = await api.call('GET', 'http://run.sandbox/v2/projects/p/locations/l/workerPools').catch((e) => e)
  expect(error).toBeInstanceOf(ApiError)
  const stderr = `ERROR: (gcloud.beta.run.worker-pools.list) ${(error as Error).message}\n`
  expect(stderr).toContain('HttpError accessing <http://run.sandbox/v2/projects/p/locations/l/workerPools?alt=json>')
  expect(classifyFailure(1, stderr)).toEqual({
    cause: 'invalid',
    message: 'the sandbox does not simulate run.projects.locations.workerPools.list',
  })
  expect(waited).toBeGreaterThan(0)
})

test('an enormous body is refused while it is read, and the sandbox keeps running', { timeout: 60_000 }, async () => {
  const box = await startBox()
  const status = await new Promise((resolve, reject) => {
    const { hostname, port } = new URL(box.address)
    const headers = { authorization: `Bearer ${box.token}`, 'content-type': 'application/json' }
    const outgoing = request(
      { hostname, port, method: 'POST', path: `${secrets}?secretId=BIG`, headers, agent: false },
      (response) => resolve(response.resume().statusCode),
    )
    outgoing.on('error', reject)
    const piece = Buffer.alloc(1024 * 1024, 'x')
    outgoing.write('{"labels":{"a":"')
    for (let i = 0; i < 40; i++) outgoing.write(piece)
    outgoing.end('"}}')
  })
  expect(status).toBe(400)
  expect(box.logged.at(-1)).toMatchObject({ body: `(left out, ${40 * 1024 * 1024 + 19} bytes)`, committed: false })
  expect((await box.ask('GET', secrets)).status).toBe(200)
})
