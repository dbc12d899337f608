import { execFile } from 'node:child_process'
import { createServer, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { workspaceAt } from '../../engine/disk/workspace.ts'
import { startSandbox } from '../../engine/sandbox/server.ts'
import { loadScenario } from '../../engine/session/host/load.ts'
import { makeWorkspace } from '../command-line/workspace.ts'
import { junitProblems, sarifProblems } from './published-schemas.ts'

const workspace = makeWorkspace()
const { folder, environment, breakglass } = workspace
const limit = { timeout: 240_000 }
const main = fileURLToPath(new URL('../../engine/main.ts', import.meta.url))

let sandbox: Awaited<ReturnType<typeof startSandbox>>
beforeAll(async () => {
  const shared = workspaceAt(folder)
  const { file, value } = await loadScenario('incident-2026-02-27', shared, folder)
  sandbox = await startSandbox(value, {
    scenarioName: value.metadata.name,
    inventory: join(file, '..', value.inventory ?? ''),
    now: Date.now,
    random: (bytes) => new Uint8Array(bytes).fill(7),
  })
})
afterAll(() => sandbox.close())

/** Opens a door before the sandbox; `meet` is called for each time that a command introduces itself, and says whether it may come in. */
async function openDoor(meet: (visit: number) => boolean) {
  let visits = 0
  let served = 0
  const { port } = new URL(sandbox.address)
  const server = createServer((incoming, outgoing: ServerResponse) => {
    const introduces = incoming.url === '/sandbox'
    if (!introduces) served += 1
    if (introduces && !meet(++visits)) return void outgoing.writeHead(503).end()
    const { method, headers, url: path } = incoming
    const on = request({ host: '127.0.0.1', port, method, path, headers, agent: false }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    })
    on.on('error', () => outgoing.destroy())
    incoming.pipe(on)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    visits: () => visits,
    served: () => served,
    close: () => void server.close(),
  }
}

const checked = (address: string, ...more: string[]) => ['check', 'access-posture', '--sandbox', address, ...more]

/** The first visit asks for the inventory, the second for the scenario's name; then each environment takes two to open the cloud. */
const firstVisitOf = (environment: number): number => 3 + 2 * environment

describe('of several environments, each gets its result', () => {
  test.each([
    { failing: 0, order: 'prod,stage,dev', exit: 1, verdicts: ['failed', 'conformant', 'conformant'] },
    { failing: 1, order: 'prod,stage,dev', exit: 3, verdicts: ['drift', 'failed', 'conformant'] },
    { failing: 2, order: 'stage,prod,dev', exit: 3, verdicts: ['conformant', 'drift', 'failed'] },
  ])('where environment $failing of $order fails midway', limit, async ({ failing, order, exit, verdicts }) => {
    const door = await openDoor((visit) => visit !== firstVisitOf(failing))
    const names = order.split(',')
    const ended = await breakglass(...checked(door.address, '--env', order, '--json'))
    door.close()
    const { environments, exitCode } = JSON.parse(ended.stdout)
    expect(environments.map((each: { environment: string }) => each.environment)).toEqual(names)
    expect(environments.map((each: { verdict: string }) => each.verdict)).toEqual(verdicts)
    expect(environments[failing].error.message).toContain('no sandbox answers')
    expect([ended.exit, exitCode]).toEqual([exit, exit])
    expect(ended.stderr).toContain('Could not be observed: no sandbox answers')
    expect(ended.stderr.match(/\d+ conformant, \d+ drifted/g)).toHaveLength(2)
  })

  test('in every other format too', limit, async () => {
    const formats = await Promise.all(
      ['text', 'junit', 'sarif', 'github'].map(async (format) => {
        const door = await openDoor((visit) => visit !== firstVisitOf(1))
        const ended = await breakglass(...checked(door.address, '--env', 'dev,stage', '--format', format))
        door.close()
        expect(ended.exit).toBe(1)
        return ended.stdout
      }),
    )
    const [text = '', junit = '', sarif = '', github = ''] = formats
    expect(text).toContain('Could not be observed: no sandbox answers')
    expect(text).toMatch(/\d+ conformant, 0 drifted/)
    expect(await junitProblems(junit)).toEqual([])
    expect(junit).toMatch(/<testsuite name="dev" tests="[1-9]\d*" failures="0" errors="0">/)
    expect(junit).toMatch(/<testsuite name="stage" tests="1" failures="0" errors="1">/)
    expect(sarifProblems(JSON.parse(sarif))).toEqual([])
    expect(sarif).toContain('stage unknown: Observe stage: no sandbox answers')
    expect(github).toContain('stage unknown%3A Observe stage')
  })

  test('those that Ctrl-C left out are named, and what was seen before stays', limit, async () => {
    const argv = (address: string) => [main, ...checked(address, '--env', 'prod,stage,dev', '--json')]
    let stop = () => {}
    const door = await openDoor((visit) => {
      if (visit === firstVisitOf(1)) stop()
      return true
    })
    const { exit, stdout } = await new Promise<{ exit: unknown; stdout: string }>((resolve) => {
      const child = execFile(process.execPath, argv(door.address), { env: environment, cwd: folder }, (error, stdout) =>
        resolve({ exit: error?.code, stdout }),
      )
      stop = () => void child.kill('SIGINT')
    })
    door.close()
    const { environments, exitCode } = JSON.parse(stdout)
    expect(environments.map(({ verdict }: { verdict: string }) => verdict)).toEqual([
      'drift',
      'interrupted',
      'interrupted',
    ])
    expect([exit, exitCode]).toEqual([130, 130])
  })
})

describe('before anything is read, all that is wrong with what was asked is refused', () => {
  test.each([
    [
      'one unknown environment',
      ['--env', 'prod,nosuch,dev'],
      /no environment `nosuch`\nhint: it has: dev, stage, prod/,
    ],
    ['several', ['--env', 'nosuch,prod', '--env', 'nope'], /no environment `nosuch`, `nope`/],
    ['an environment named twice', ['--env', 'prod,dev', '--env', 'prod'], /environment prod is named twice/],
    ['twice in one list', ['--env', 'dev,dev'], /environment dev is named twice/],
    ['an empty element', ['--env', 'dev,,prod'], /--env dev,,prod has an empty element/],
    ['a comma at the end', ['--env', 'dev,'], /--env dev, has an empty element/],
    ['an input that nothing knows', ['--env', 'dev,prod', '--input', 'nosuch=1'], /no runbook has an input `nosuch`/],
    [
      'another environment that a runbook is about nothing in',
      ['secret-parity', '--env', 'dev,prod', '--input', 'secrets='],
      /secret-parity would observe nothing/i,
    ],
  ])('%s', limit, async (_, argv, said) => {
    const door = await openDoor(() => true)
    const { exit, stdout, stderr } = await breakglass(...checked(door.address, ...argv, '--json'))
    door.close()
    expect(stderr).toMatch(said)
    expect(JSON.parse(stdout)).toEqual({ error: expect.objectContaining({ exitCode: 2 }) })
    expect([exit, door.served()]).toEqual([2, 0])
  })
})
