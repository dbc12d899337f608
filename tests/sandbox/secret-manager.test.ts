import { expect, test } from 'vitest'
import { crc32c } from '../../engine/steps/secrets/crc32c.ts'
import { type ApiJson, scenarioWith, startBox } from './proxy-client.ts'

const at = 'http://secretmanager.sandbox/v1/projects/acme-prod/secrets'
const base64 = (text: string | Buffer) => Buffer.from(text).toString('base64')

test('the checksum is CRC-32C', () => {
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283)
  expect(crc32c(Buffer.alloc(0))).toBe(0)
})

test('an added version is read back byte for byte, under the project number', async () => {
  const box = await startBox()
  const payload = Buffer.from([0, 255, 10, 13, 0x80, 0xc3, 0x28])
  const added = await box.ask('POST', `${at}/api-key:addVersion`, {
    payload: { data: base64(payload), dataCrc32c: String(crc32c(payload)) },
  })
  expect(added.json).toMatchObject({
    name: 'projects/100000000001/secrets/api-key/versions/3',
    state: 'ENABLED',
    clientSpecifiedPayloadChecksum: true,
  })
  const read = await box.ask('GET', `${at}/api-key/versions/3:access`)
  expect(read.json).toEqual({
    name: 'projects/100000000001/secrets/api-key/versions/3',
    payload: { data: base64(payload), dataCrc32c: String(crc32c(payload)) },
  })
})

test('a version added without a checksum does not report one', async () => {
  const box = await startBox()
  const added = await box.ask('POST', `${at}/api-key:addVersion`, { payload: { data: base64('x') } })
  expect(added.json).not.toHaveProperty('clientSpecifiedPayloadChecksum')
})

test('latest is the newest version, whatever its state', async () => {
  const box = await startBox()
  expect((await box.ask('GET', `${at}/api-key/versions/latest:access`)).json.payload.data).toBe(base64('two'))
  await box.ask('POST', `${at}/api-key/versions/2:disable`)
  expect(await box.ask('GET', `${at}/api-key/versions/latest:access`)).toMatchObject({
    status: 400,
    json: {
      error: {
        status: 'FAILED_PRECONDITION',
        message: 'Secret Version [projects/100000000001/secrets/api-key/versions/2] is in DISABLED state.',
      },
    },
  })
  await box.ask('POST', `${at}/api-key/versions/2:enable`)
  expect((await box.ask('GET', `${at}/api-key/versions/latest:access`)).json.payload.data).toBe(base64('two'))
})

test('a destroyed version can neither be read nor restored', async () => {
  const box = await startBox()
  expect((await box.ask('POST', `${at}/api-key/versions/1:destroy`)).json).toMatchObject({ state: 'DESTROYED' })
  expect((await box.ask('GET', `${at}/api-key/versions/1:access`)).status).toBe(400)
  expect((await box.ask('POST', `${at}/api-key/versions/1:enable`)).json.error.status).toBe('FAILED_PRECONDITION')
  expect((await box.ask('GET', `${at}/api-key/versions/1`)).json.destroyTime).toMatch(/^2026-03-01/)
})

test('versions are listed newest first, in pages', async () => {
  const box = await startBox(
    scenarioWith({ secrets: { s: { versions: [{ text: 'a' }, { text: 'b' }, { text: 'c' }] } } }),
  )
  const numbers = ({ versions }: ApiJson) => versions.map(({ name }) => name.split('/').at(-1))
  expect(numbers((await box.ask('GET', `${at}/s/versions?pageSize=0`)).json)).toEqual(['3', '2', '1'])
  const first = (await box.ask('GET', `${at}/s/versions?pageSize=2`)).json
  expect(numbers(first)).toEqual(['3', '2'])
  const rest = (await box.ask('GET', `${at}/s/versions?pageSize=2&pageToken=${first.nextPageToken}`)).json
  expect(numbers(rest)).toEqual(['1'])
  expect(rest).not.toHaveProperty('nextPageToken')
})

test('a secret is created once and starts without versions', async () => {
  const box = await startBox()
  const created = await box.ask('POST', `${at}?secretId=fresh`, { replication: { automatic: {} } })
  expect(created.json).toMatchObject({ name: 'projects/100000000001/secrets/fresh', replication: { automatic: {} } })
  expect((await box.ask('POST', `${at}?secretId=fresh`)).json.error).toMatchObject({
    code: 409,
    status: 'ALREADY_EXISTS',
  })
  expect((await box.ask('GET', `${at}/fresh/versions/latest:access`)).json.error.message).toContain('has no versions')
  await box.ask('DELETE', `${at}/fresh`)
  expect((await box.ask('GET', `${at}/fresh`)).status).toBe(404)
})

test.each([
  ['an empty payload', Buffer.alloc(0), 200],
  ['65,536 bytes', Buffer.alloc(65_536, 1), 200],
  ['65,537 bytes', Buffer.alloc(65_537, 1), 400],
])('adding %s answers %3$i', async (_, payload, status) => {
  const box = await startBox()
  const added = await box.ask('POST', `${at}/api-key:addVersion`, { payload: { data: base64(payload) } })
  expect(added.status).toBe(status)
})

test.each([
  ['POST', 'api-key:addVersion', { payload: { data: base64('x'), dataCrc32c: '1' } }, 400, 'checksum'],
  ['POST', 'api-key:addVersion', { payload: { data: '%%%' } }, 400, 'base64'],
  ['GET', 'nothing', undefined, 404, 'Secret [projects/100000000001/secrets/nothing] not found.'],
  ['GET', 'api-key/versions/9', undefined, 404, '/secrets/api-key/versions/9] not found.'],
  ['GET', 'api-key/versions/9:access', undefined, 404, 'not found'],
])('%s %s with %j is refused', async (method, path, body, status, message) => {
  const box = await startBox()
  const refused = await box.ask(method, `${at}/${path}`, body)
  expect(refused.status).toBe(status)
  expect(refused.json.error.message).toContain(message)
  expect((await box.ask('GET', `${at}/api-key/versions`)).json.versions).toHaveLength(2)
})
