import { type RequestOptions, request } from 'node:http'
import { expect, test } from 'vitest'
import type { Fault, FaultTarget } from '../../engine/sandbox/model/fault.ts'
import { type Box, scenarioWith, startBox } from './proxy-client.ts'

const secret = 'http://secretmanager.sandbox/v1/projects/acme-prod/secrets/api-key'
const policy = 'http://cloudresourcemanager.sandbox/v1/projects/acme-prod'
const shop = 'http://us-central1-run.sandbox/apis/serving.knative.dev/v1/namespaces/acme-prod/services/shop'
const shopPolicy = 'http://run.sandbox/v1/projects/acme-prod/locations/us-central1/services/shop'

const boxWith = (on: FaultTarget, answer: Fault) => startBox(scenarioWith({}, [{ on, answer }]))
const adding: FaultTarget = { service: 'secretmanager', method: 'versions.add' }
const add = (box: Box) => box.ask('POST', `${secret}:addVersion`, { payload: { data: 'eA==' } })
const secretAdd = ({ address, token }: Box): RequestOptions => ({
  hostname: '127.0.0.1',
  port: new URL(address).port,
  method: 'POST',
  path: `${secret}:addVersion`,
  headers: { authorization: `Bearer ${token}` },
})
const versions = async (box: Box) => (await box.ask('GET', `${secret}/versions`)).json.versions.length

test.each<[Fault, number, string, number]>([
  [{ status: 403 }, 403, 'PERMISSION_DENIED', 2],
  [{ status: 429 }, 429, 'RESOURCE_EXHAUSTED', 2],
  [{ status: 503 }, 503, 'UNAVAILABLE', 2],
  [{ status: 500, reason: 'DATA_LOSS', message: 'Gone.' }, 500, 'DATA_LOSS', 2],
  [{ status: 503, applied: true }, 503, 'UNAVAILABLE', 3],
])('the answer %j', async (answer, status, word, left) => {
  const box = await boxWith(adding, answer)
  expect((await add(box)).json.error).toMatchObject({ code: status, status: word })
  expect(await versions(box)).toBe(left)
  expect(box.logged[0]).toMatchObject({ status, fault: expect.stringContaining(`status ${status}`) })
})

test('an error can have a Retry-After header', async () => {
  const box = await boxWith(adding, { status: 429, retryAfter: '1500ms' })
  expect((await add(box)).headers['retry-after']).toBe('2')
})

test.each<[Fault, number]>([
  [{ drop: 'before' }, 2],
  [{ drop: 'after' }, 3],
  [{ truncate: true }, 3],
])('the broken connection %j', async (answer, left) => {
  const box = await boxWith(adding, answer)
  await expect(add(box)).rejects.toThrow(/hang up|aborted|ECONNRESET/)
  expect(await versions(box)).toBe(left)
})

test('a captive portal answers with a page and changes nothing', async () => {
  const box = await boxWith(adding, { html: 200 })
  expect(await add(box)).toMatchObject({ status: 200, body: expect.stringContaining('<html>') })
  expect(await versions(box)).toBe(2)
})

test('a slow answer arrives late, and the change is made at once', async () => {
  const box = await boxWith(adding, { slow: '5m' })
  let answered = false
  const adds = add(box).then((reply) => {
    answered = true
    return reply
  })
  await expect.poll(() => versions(box)).toBe(3)
  expect(answered).toBe(false)
  await box.advance(5 * 60_000)
  expect((await adds).status).toBe(200)
})

test('a client that disconnects before a slow answer gets none, and the change is made', async () => {
  const box = await boxWith(adding, { slow: '5m' })
  const impatient = request(secretAdd(box)).end('{"payload":{"data":"eA=="}}')
  const gone = new Promise((resolve) => impatient.once('error', resolve))
  await expect.poll(() => versions(box)).toBe(3)
  impatient.destroy(new Error('Gone.'))
  await gone
  await expect.poll(() => box.logged).toContainEqual(expect.objectContaining({ rpc: 'versions.add', status: null }))
})

test('a call that hangs gets no answer, and the sandbox still closes', async () => {
  const box = await boxWith(adding, { hang: true })
  const failure = add(box).catch((error: Error) => error)
  await expect.poll(async () => (await box.control('GET', '/sandbox/requests')).json).toHaveLength(1)
  await box.close()
  expect(await failure).toBeInstanceOf(Error)
  await expect.poll(() => box.logged).toMatchObject([{ status: null, fault: 'hang' }])
})

test.each<[FaultTarget['method'], FaultTarget['service'], (box: Box) => Promise<number>]>([
  [
    'projects.setIamPolicy',
    'cloudresourcemanager',
    async (box) => {
      const { json } = await box.ask('POST', `${policy}:getIamPolicy`)
      return (await box.ask('POST', `${policy}:setIamPolicy`, { policy: json })).status
    },
  ],
  [
    'services.setIamPolicy',
    'run',
    async (box) => {
      const { json } = await box.ask('GET', `${shopPolicy}:getIamPolicy`)
      return (await box.ask('POST', `${shopPolicy}:setIamPolicy`, { policy: json })).status
    },
  ],
  ['services.replace', 'run', async (box) => (await box.ask('PUT', shop, (await box.ask('GET', shop)).json)).status],
])('a concurrent writer makes %s of %s a conflict, once', async (method, service, write) => {
  const box = await boxWith({ service, method }, { concurrentWriter: true })
  expect(await write(box)).toBe(409)
  expect(await write(box)).toBe(200)
})

test.each<[Fault, string, string | undefined]>([
  [{ readyFalse: 'The container failed to start.' }, 'False', 'The container failed to start.'],
  [{ readyUnknown: true }, 'Unknown', undefined],
])('an update that ends %j', async (answer, status, message) => {
  const box = await boxWith({ service: 'run', method: 'services.replace' }, answer)
  const service = (await box.ask('GET', shop)).json
  service.metadata.annotations.changed = 'yes'
  expect((await box.ask('PUT', shop, service)).status).toBe(200)
  await box.advance(3_600_000)
  const { conditions } = (await box.ask('GET', shop)).json.status
  expect(conditions[0]).toMatchObject({ type: 'Ready', status, ...(message && { message }) })
})

test.each<[Partial<FaultTarget>, number[]]>([
  [{}, [503, 200, 200]],
  [{ calls: 2 }, [200, 503, 200]],
  [{ calls: [1, 3] }, [503, 200, 503]],
  [{ calls: 'every' }, [503, 503, 503]],
  [{ calls: { from: 2 } }, [200, 503, 503]],
  [{ calls: { from: 1, to: 2 } }, [503, 503, 200]],
  [{ resource: 'api-key', project: 'acme-prod' }, [503, 200, 200]],
  [{ resource: 'other' }, [200, 200, 200]],
  [{ project: 'acme-dev' }, [200, 200, 200]],
])('%j applies to the calls %j', async (target, statuses) => {
  const box = await boxWith({ ...adding, ...target }, { status: 503 })
  expect([(await add(box)).status, (await add(box)).status, (await add(box)).status]).toEqual(statuses)
})

test("a service's own URL can fail too", async () => {
  const box = await boxWith({ service: 'web', method: 'get', resource: 'shop' }, { status: 502 })
  const { url } = (await box.ask('GET', shop)).json.status
  expect([(await box.ask('GET', url)).status, (await box.ask('GET', url)).status]).toEqual([502, 200])
})
