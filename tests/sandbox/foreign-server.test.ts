import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, expect, test, vi } from 'vitest'
import { makeWorkspace } from '../command-line/workspace.ts'

vi.setConfig({ testTimeout: 60_000 })

const { breakglass } = makeWorkspace()
const sound = { name: 's', scenario: 'heron', token: 'abc', account: 'a@b.example', now: '2026-02-27T10:00:00.000Z' }
let parts: unknown
const server = createServer((asked, answer) => {
  answer.statusCode = asked.url === '/sandbox' ? 200 : 404
  answer.end(typeof parts === 'string' ? parts : JSON.stringify(parts))
})
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
afterAll(() => server.close())

const check = () => breakglass('check', 'access-posture', '--env', 'prod', '--sandbox', address)
const refused = {
  exit: 2,
  stdout: '',
  stderr: expect.stringMatching(/^error: no sandbox answers at http:\/\/127\.0\.0\.1:\d+/),
}

test.each<[string, unknown]>([
  ['clears the screen with its name', { ...sound, scenario: '\x1b[2J\x1b[HLIVE' }],
  ['has a name of two lines', { ...sound, scenario: 'heron\nLIVE jualuma-prod' }],
  ['has an account that turns the direction of text', { ...sound, account: 'a\u202e@b' }],
  ['has a token of several headers', { ...sound, token: 'abc\r\nHost: elsewhere' }],
  ['has a token that is a number', { ...sound, token: 5 }],
  ['has no time', { ...sound, now: 'soon' }],
  ['has an inventory that is no path', { ...sound, inventory: {} }],
  ['has lines for people that are none', { ...sound, drawn: 'text' }],
  ['says nothing', null],
  ['says a list', []],
  ['never ends what it says', `"${'x'.repeat(65 * 2 ** 20)}"`],
])('a server at the address that %s is not a sandbox', async (_, info) => {
  parts = info
  expect(await check()).toMatchObject(refused)
})

test("a sandbox's drawn faults cannot control the terminal", async () => {
  parts = { ...sound, drawn: ['\x1b]0;title\x07drawn'] }
  const { stdout, stderr } = await check()
  expect(stdout + stderr).toContain('drawn')
  expect(stdout + stderr).not.toContain('\x1b')
})
