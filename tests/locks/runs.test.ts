import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, expect, test } from 'vitest'
import { verifyLog } from '../../engine/audit/verify.ts'
import { breakglass, entriesOf, folder, holdSandbox, locks, started } from './command-line.ts'

const shipped = fileURLToPath(new URL('../../runbooks/', import.meta.url))
const limit = { timeout: 240_000 }
const logs = join(folder, 'logs')
/** Two sandboxes of one scenario, in which the first look at a service never ends, so that a run stays at work. */
let addresses: string[] = []

beforeAll(async () => {
  const text = readFileSync(join(shipped, 'scenarios', 'incident-2026-02-27.yaml'), 'utf8')
  const scenario = join(folder, 'slow.yaml')
  const fault =
    '[{ on: { service: run, method: services.get, resource: frontend-app, project: jualuma-prod }, answer: { hang: true } }]'
  writeFileSync(
    scenario,
    text
      .replace(/^inventory: .*$/m, `inventory: ${join(shipped, 'inventory.yaml')}`)
      .replace(/^faults: \[\]$/m, `faults: ${fault}`),
  )
  addresses = await Promise.all([holdSandbox(scenario), holdSandbox(scenario)])
})

const run = (incident: string, address: string, ...more: string[]): string[] => [
  ...['run', 'access-posture', '--env', 'prod', '--sandbox', address, '--incident', incident],
  ...['--reason', 'a test', '--yes', '--logs', logs, ...more],
]

/** Starts a run that has its locks and looks at the cloud. */
const atWork = async (incident: string, address: string): Promise<ChildProcess> =>
  (await started(run(incident, address), /SANDBOX/)).child

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL')
  await once(child, 'exit')
}

test(
  'two runs at one project: one proceeds, the other exits 6 and names the owner; killed, it is taken over when told to',
  limit,
  async () => {
    const [address = '', other = ''] = addresses
    const owner = await atWork('INC-1', address)

    const second = await breakglass(run('INC-2', address, '--json'))
    expect(second.exit).toBe(6)
    expect(second.stderr).toMatch(`Project jualuma-prod is locked by an active run`)
    expect(second.stderr).toMatch(`process ${owner.pid} on `)
    expect(second.stderr).toMatch('incident INC-1, since 20')
    expect(JSON.parse(second.stdout)).toMatchObject({
      exitCode: 6,
      lock: { state: 'alive', owner: { pid: owner.pid } },
    })
    expect(existsSync(join(logs, 'INC-2'))).toBe(false)
    expect(await breakglass(run('INC-2', address, '--take-over'))).toMatchObject({
      exit: 6,
      stderr: expect.stringContaining('cannot be taken over'),
    })
    expect(await breakglass(run('INC-1', address))).toMatchObject({
      exit: 6,
      stderr: expect.stringContaining('Incident INC-1 is locked by an active run'),
    })

    const [listed] = JSON.parse((await breakglass(['locks', '--json'])).stdout)
    expect(listed).toMatchObject({
      ...{ project: 'jualuma-prod', environment: 'prod', incident: 'INC-1', state: 'alive', owner: { pid: owner.pid } },
      cloud: 'sandbox incident-2026-02-27',
    })
    expect(Date.parse(listed.since)).toBeLessThan(Date.now())

    // Another sandbox has another project of that name.
    await kill(await atWork('INC-3', other))

    await kill(owner)
    const { stdout } = await breakglass(['locks'])
    expect(stdout).toMatch(new RegExp(`^dead +jualuma-prod .*process ${owner.pid} on .*incident INC-1`, 'm'))
    const third = await breakglass(run('INC-2', address))
    expect(third.exit).toBe(6)
    expect(third.stderr).toMatch(/an interrupted run: .*incident INC-1.*\n.*audit show INC-1.* --take-over/)

    const fourth = await breakglass(run('INC-1', address, '--take-over'))
    expect(fourth.exit, fourth.stderr).toBe(0)
    const takeOvers = entriesOf(logs, 'INC-1').filter(({ type }) => type === 'lock.taken-over')
    expect(takeOvers.map(({ body }) => body)).toMatchObject([
      { lock: 'incident', name: 'INC-1', owner: { pid: owner.pid, incident: 'INC-1' } },
      { lock: 'project', name: 'jualuma-prod', owner: { pid: owner.pid, incident: 'INC-1' } },
    ])
    expect(verifyLog(readFileSync(join(logs, 'INC-1', 'audit.jsonl'))).damage).toEqual([])
    const record = readFileSync(join(logs, 'INC-1', 'record.md'), 'utf8')
    expect(
      record.match(new RegExp(`took over the lock on project jualuma-prod from .*process ${owner.pid} `, 'g')),
    ).toHaveLength(2)
    expect((await breakglass(['audit', 'show', 'INC-1', '--logs', logs])).stdout).toMatch(
      /lock\.taken-over .*took over/,
    )
    expect((await breakglass(['locks'])).stdout).not.toContain('INC-2')
  },
)

test('a take-over that no log has kept does not count', limit, async () => {
  const incident = join(logs, 'INC-4')
  const [address = ''] = addresses
  mkdirSync(incident, { recursive: true })
  const dead = { pid: 999_999_999, host: 'h', boot: '', namespace: '', started: '1', user: 'u', incident: 'INC-4' }
  const here = JSON.parse(readFileSync(join(locks, (await lockFiles())[0]!), 'utf8')).owner
  const owner = { ...here, ...dead, host: here.host, boot: here.boot, namespace: here.namespace }
  writeFileSync(join(incident, 'lock'), JSON.stringify({ id: 'old', owner }))
  const stopped = await breakglass(run('INC-4', address, '--take-over', '--input', 'nothing=1'))
  expect(stopped.exit, stopped.stderr).toBe(2)
  expect(await breakglass(run('INC-4', address))).toMatchObject({
    exit: 6,
    stderr: expect.stringContaining('999999999'),
  })
})

async function lockFiles(): Promise<string[]> {
  const { stdout } = await breakglass(['locks', '--json'])
  return (JSON.parse(stdout) as { file: string }[]).map(({ file }) => file.slice(locks.length + 1))
}

test('a folder of locks that somebody else could write to is refused', limit, async () => {
  const open = join(folder, 'open')
  mkdirSync(open)
  chmodSync(open, 0o777)
  symlinkSync(locks, join(folder, 'linked'))
  writeFileSync(join(folder, 'file'), '')
  const [address = ''] = addresses
  for (const [name, why] of [
    ['open', 'can be written to by others'],
    ['linked', 'is a symbolic link'],
    ['file', 'is not a folder'],
  ] as const) {
    const given = { BREAKGLASS_LOCKS: join(folder, name) }
    expect(await breakglass(['locks'], given)).toMatchObject({ exit: 1, stderr: expect.stringContaining(why) })
    expect(await breakglass(run('INC-5', address), given)).toMatchObject({
      exit: 1,
      stderr: expect.stringContaining(why),
    })
  }
  expect(existsSync(join(logs, 'INC-5'))).toBe(false)
  rmSync(open, { recursive: true })
})
