import { expect, test } from 'vitest'
import { scenarioWith, startBox } from './proxy-client.ts'

const secret = 'http://secretmanager.sandbox/v1/projects/acme-prod/secrets/api-key'

test('the sandbox describes itself, directly and through its own proxy', async () => {
  const box = await startBox()
  const about = {
    name: 'breakglass sandbox',
    scenario: 'test',
    inventory: '/somewhere/inventory.yaml',
    token: box.token,
    account: 'sandbox-operator@example.com',
    now: '2026-03-01T12:00:00.000Z',
  }
  expect((await box.control('GET', '/sandbox')).json).toEqual(about)
  expect((await box.control('GET', `${box.address}/sandbox`)).json).toEqual(about)
  expect((await box.control('GET', `${box.address.replace('127.0.0.1', 'localhost')}/sandbox`)).json).toEqual(about)
  expect(box.logged).toEqual([])
})

test('the clock advances on request', async () => {
  const box = await startBox()
  expect((await box.control('POST', '/sandbox/clock', { advanceMs: 420_000 })).json.now).toBe(
    '2026-03-01T12:07:00.000Z',
  )
  expect((await box.control('GET', '/sandbox')).json.now).toBe('2026-03-01T12:07:00.000Z')
  const advanceTo = async (time: string) => (await box.control('POST', '/sandbox/clock', { advanceTo: time })).json.now
  expect(await advanceTo('2026-03-01T12:08:00Z')).toBe('2026-03-01T12:08:00.000Z')
  expect(await advanceTo('2026-03-01T12:00:00Z')).toBe('2026-03-01T12:08:00.000Z')
  for (const bad of [{ advanceTo: 'soon' }, { advanceMs: -1 }, { advanceMs: 'x' }, {}, '{'])
    expect((await box.control('POST', '/sandbox/clock', bad)).status).toBe(400)
})

test.each(['/', '/sandbox/other', '/v1/projects'])('%s is not a control path', async (path) => {
  const box = await startBox()
  expect(await box.control('GET', path)).toMatchObject({
    status: 404,
    json: { message: `The sandbox has no GET ${path}.` },
  })
})

test('the state changes only with a change, and contains no payload', async () => {
  const box = await startBox(scenarioWith({ secrets: { 'api-key': { versions: [{ text: 'hunter-two' }] } } }))
  const state = async () => (await box.control('GET', '/sandbox/state')).body
  const before = await state()
  await box.ask('GET', `${secret}/versions/latest:access`)
  expect(await state()).toBe(before)
  expect(before).not.toContain('hunter-two')
  expect(before).not.toContain(Buffer.from('hunter-two').toString('base64'))
  await box.ask('POST', `${secret}:addVersion`, { payload: { data: 'eA==' } })
  expect(await state()).not.toBe(before)
  const { projects } = JSON.parse(await state())
  expect(Object.keys(projects['acme-prod'])).toEqual([
    'apis',
    'iamPolicy',
    'number',
    'secrets',
    'serviceAccounts',
    'services',
  ])
  expect(projects['acme-prod'].secrets['api-key'][1]).toEqual({
    version: '2',
    state: 'ENABLED',
    size: 1,
    sha256: '2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881',
  })
})

test('two sandboxes with the same time and random bytes are equal', async () => {
  const [one, other] = [await startBox(), await startBox()]
  expect((await one.control('GET', '/sandbox/state')).body).toBe((await other.control('GET', '/sandbox/state')).body)
})

test('the request log has every request, without tokens and secrets', async () => {
  const box = await startBox()
  await box.ask(
    'POST',
    `${secret}:addVersion`,
    { payload: { data: Buffer.from('hunter-two').toString('base64'), dataCrc32c: '0' } },
    { 'user-agent': 'tester/1' },
  )
  await box.ask('GET', `${secret}/versions/2`)
  const entries = (await box.control('GET', '/sandbox/requests')).json
  expect(entries).toEqual(box.logged)
  expect(entries).toMatchObject([
    {
      n: 1,
      arrived: '2026-03-01T12:00:00.000Z',
      finished: '2026-03-01T12:00:00.000Z',
      method: 'POST',
      url: `${secret}:addVersion`,
      service: 'secretmanager',
      rpc: 'versions.add',
      resource: 'api-key',
      project: 'acme-prod',
      mutating: true,
      userAgent: 'tester/1',
      status: 400,
      body: { payload: { data: '(left out, 10 bytes)' } },
    },
    { n: 2, rpc: 'versions.get', resource: 'api-key', mutating: false, status: 200 },
  ])
  const text = JSON.stringify(entries)
  for (const left of [box.token, 'hunter', Buffer.from('hunter-two').toString('base64'), 'Bearer'])
    expect(text).not.toContain(left)
})
