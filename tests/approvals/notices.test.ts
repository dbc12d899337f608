import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { bodyOf, needsApproval, noticesOf } from '../../engine/notices/notice.ts'
import { makeNotifier } from '../../engine/notices/notifier.ts'
import type { NoticeKind, Webhook } from '../../engine/runbook/inventory.ts'
import { atTheEnd } from '../at-the-end.ts'
import { cpuMs } from '../cpu-time.ts'
import { makeTeam } from './people.ts'

const limit = { timeout: 240_000 }
const everything: NoticeKind[] = ['opened', 'needs-approval', 'applied', 'failed', 'solo-override', 'closed']
const about = {
  incident: 'INC-1',
  run: 'run-1',
  environment: 'prod',
  project: 'p',
  cloud: 'live',
  operator: 'me',
} as const

/** A webhook on this machine: what it was sent, and how it answers. */
async function holdWebhook(
  answer: (request: IncomingMessage, response: ServerResponse) => void = (_, response) => void response.end(),
) {
  const received: { path: string; body: Record<string, string> }[] = []
  const server = createServer(async (request, response) => {
    received.push({ path: request.url ?? '', body: JSON.parse(await text(request)) })
    answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  atTheEnd(() => {
    server.closeAllConnections()
    server.close()
  })
  return { received, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook-s3cr3t` }
}

const webhookAt = (url: string, more: Partial<Webhook> = {}): Webhook => ({
  address: { url },
  form: 'json',
  on: everything,
  ...more,
})
const host = {
  environment: {},
  mask: (body: string) => body.replaceAll('hunter22', '(secret)'),
  beyondThisMachine: true,
}

describe('the notifier', limit, () => {
  test('tells each webhook in order what it wants to hear, and nothing else', async () => {
    const [all, some] = [await holdWebhook(), await holdWebhook()]
    const notifier = makeNotifier([webhookAt(all.url), webhookAt(some.url, { on: ['closed'] })], host)
    const counts = {}
    for (const event of [
      { type: 'run.opened', body: {} } as never,
      { type: 'run.closed', body: { ending: 'failed', reason: 'x', counts } } as const,
    ])
      for (const notice of noticesOf(event, undefined, about)) notifier.tell(notice)
    expect(await notifier.settled()).toEqual([])
    expect(all.received.map(({ body }) => body.notice)).toEqual(['opened', 'failed', 'closed'])
    expect(some.received.map(({ body }) => body.notice)).toEqual(['closed'])
  })

  test('masks what must not be seen', async () => {
    const { received, url } = await holdWebhook()
    const notifier = makeNotifier([webhookAt(url)], host)
    notifier.tell(needsApproval('approval', { ...about, incident: 'INC-hunter22' }))
    await notifier.settled()
    expect(JSON.stringify(received)).not.toContain('hunter22')
  })

  test.each<[string, string, (request: IncomingMessage, response: ServerResponse) => void]>([
    ['refuses', 'it answered 500', (_, response) => void response.writeHead(500).end()],
    ['redirects', 'it answered 302', (_, response) => void response.writeHead(302, { location: '/other' }).end()],
    ['never answers', 'it did not answer in time', () => {}],
    ['hangs up', 'ECONNRESET', (request) => void request.socket.destroy()],
  ])(
    'says of a webhook that %s that it was not told, not where it is, and does not wait long',
    async (_, why, answer) => {
      const { received, url } = await holdWebhook(answer)
      const notifier = makeNotifier([webhookAt(url)], host)
      const [began, spent] = [performance.now(), cpuMs()]
      for (let times = 0; times < 5; times++) notifier.tell(needsApproval('approval', about))
      expect(cpuMs() - spent).toBeLessThan(500)
      expect(await notifier.settled()).toEqual([`webhook 1 did not receive every notice: ${why}.`])
      expect(performance.now() - began).toBeLessThan(30_000)
      expect(received.every(({ path }) => path === '/hook-s3cr3t')).toBe(true)
    },
  )

  test('says which variable is missing, or holds no address that can be used', async () => {
    const from = (urlFrom: string): Webhook => ({ address: { urlFrom }, form: 'json', on: everything })
    const environment = { PLAIN: 'http://hooks.example/s3cr3t', NONE: 's3cr3t' }
    const notifier = makeNotifier([from('UNSET'), from('PLAIN'), from('NONE')], { ...host, environment })
    notifier.tell(needsApproval('approval', about))
    const said = await notifier.settled()
    expect(said).toEqual([
      'webhook 1 (from UNSET) did not receive every notice: its variable is not set.',
      'webhook 2 (from PLAIN) did not receive every notice: its address is neither HTTPS nor on this machine.',
      'webhook 3 (from NONE) did not receive every notice: its address is neither HTTPS nor on this machine.',
    ])
  })

  test('reaches nothing beyond this machine out of a rehearsal', async () => {
    const { received, url } = await holdWebhook()
    // Were it reached, it would be a failure: no such name can be found.
    const webhooks = [webhookAt('https://hooks.invalid/x'), webhookAt(url)]
    const rehearsed = makeNotifier(webhooks, { ...host, beyondThisMachine: false })
    rehearsed.tell(needsApproval('approval', about))
    expect(await rehearsed.settled()).toEqual([])
    expect(received).toHaveLength(1)
  })
})

test("in Slack's form a notice is one line in which nothing is a mention or a link", () => {
  const notice = needsApproval('<!channel> & <https://x|y>\n', about)
  expect(bodyOf(notice, 'slack')).toEqual({
    text: 'INC-1, prod (p): a plan needs &lt;!channel&gt; &amp; &lt;https://x|y&gt;\u240a.',
  })
})

test('a run tells what happens as it happens, with known fields only and no address anywhere', limit, async () => {
  const team = await makeTeam()
  const [json, slack, slow] = [await holdWebhook(), await holdWebhook(), await holdWebhook(() => {})]
  const inventory = team.at('runbooks/inventory.yaml')
  writeFileSync(
    inventory,
    `${readFileSync(inventory, 'utf8').replace('protected: true', 'protected: false')}
notices:
  - { urlFrom: HOOK }
  - { url: '${new URL('/no-secret', slack.url)}', form: slack, on: [solo-override] }
  - { urlFrom: SLOW, on: [applied] }
`,
  )
  const argv = ['run', 'secret-parity', '--env', 'prod', '--incident', 'INC-1', '--reason', 'why-it-is', '--policy']
  const alone = ['--yes', '--override', 'why-alone', '--key', team.key('operator')]
  const ended = await team.breakglassIn({ HOOK: json.url, SLOW: slow.url }, ...argv, ...alone)
  expect(ended.exit).toBe(0)
  expect(ended.stderr).toBe('webhook 3 (from SLOW) did not receive every notice: it did not answer in time.\n')
  expect(json.received.map(({ body }) => body.notice)).toEqual([
    ...['needs-approval', 'opened', 'solo-override', 'applied', 'closed'],
  ])
  const known = [
    'apiVersion',
    'cloud',
    'ending',
    'environment',
    'incident',
    'kind',
    'notice',
    'operator',
    'project',
    'run',
    'step',
    'text',
  ]
  for (const { body } of json.received) expect(known).toEqual(expect.arrayContaining(Object.keys(body)))
  expect(slack.received.map(({ body }) => Object.keys(body))).toEqual([['text']])
  expect(slack.received[0]?.body.text).toContain('SOLO OVERRIDE: operator@team.example proceeds without approval')
  const sent = JSON.stringify([json.received, slack.received].flat().map(({ body }) => body))
  expect(sent).not.toMatch(/fake-plaid|why-it-is|why-alone/)
  const files = readdirSync(team.at('logs'), { recursive: true, withFileTypes: true }).filter((file) => file.isFile())
  const written = files.map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'utf8'))
  expect(`${written}${ended.stdout}${ended.stderr}`).not.toContain('hook-s3cr3t')
})
