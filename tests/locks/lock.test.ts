import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { acquireLock, type Locked, type LockOwner, readLock } from '../../engine/disk/lock.ts'
import { identify, livenessOf } from '../../engine/disk/process-identity.ts'

const root = mkdtempSync(join(tmpdir(), 'breakglass-locks-'))
const children: ChildProcess[] = []
afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(root, { recursive: true })
})

type Try = { child: ChildProcess; got: { ok: boolean; from?: number } }
const script = fileURLToPath(new URL('take-one.ts', import.meta.url))

/** Starts a process that tries for a lock, and waits until it has said what it got. */
async function tryIn(path: string, ...more: string[]): Promise<Try> {
  const child = spawn(process.execPath, [script, path, ...more], { stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  const [line] = await once(child.stdout!.setEncoding('utf8'), 'data')
  return { child, got: JSON.parse(line) }
}

async function kill({ child }: Try): Promise<void> {
  child.kill('SIGKILL')
  await once(child, 'exit')
}

const me = (): LockOwner => ({
  ...identify(process.pid)!,
  user: 'me',
  incident: 'INC-1',
  environment: 'prod',
  project: 'p-prod',
  cloud: 'live',
  since: '2026-02-27T00:00:00.000Z',
})

/** A lock's file without the id, which is the lock's own business. */
const ownerIn = (path: string): LockOwner => JSON.parse(readFileSync(path, 'utf8')).owner

test('of many processes at once exactly one gets the lock', { timeout: 240_000 }, async () => {
  const path = join(root, 'race.lock')
  const at = String(Date.now() + 2500)
  const tries = await Promise.all(Array.from({ length: 12 }, () => tryIn(path, 'wait', at)))
  const winners = tries.filter(({ got }) => got.ok)
  expect(winners).toHaveLength(1)
  expect(ownerIn(path).pid).toBe(winners[0]!.child.pid)
  expect(readdirSync(root)).toEqual(['race.lock'])
  await Promise.all(tries.map(kill))
})

test('of many that take over a dead lock exactly one gets it, again and again', { timeout: 240_000 }, async () => {
  const path = join(root, 'take-over.lock')
  let last = await tryIn(path)
  for (let round = 1; round <= 2; round++) {
    await kill(last)
    const at = String(Date.now() + 2000)
    const tries = await Promise.all(Array.from({ length: 10 }, () => tryIn(path, 'take-over', at)))
    const [winner, ...others] = tries.filter(({ got }) => got.ok)
    expect(others).toEqual([])
    expect(winner!.got.from).toBe(last.child.pid)
    expect(ownerIn(path).pid).toBe(winner!.child.pid)
    await Promise.all(tries.filter((each) => each !== winner).map(kill))
    last = winner!
  }
  await kill(last)
  expect(readdirSync(root).filter((name) => name.startsWith('take-over'))).toEqual(['take-over.lock'])
})

test('the lock of a dead owner is not taken over unless it is said; that of a live one never', async () => {
  const path = join(root, 'owner.lock')
  const owner = await tryIn(path)
  for (const takeOver of [false, true])
    expect(await acquireLock(path, me(), takeOver)).toMatchObject({
      ok: false,
      holder: { liveness: 'alive', owner: { pid: owner.child.pid } },
    })
  await kill(owner)
  expect(await readLock(path)).toMatchObject({ liveness: 'dead' })
  expect(await acquireLock(path, me(), false)).toMatchObject({ ok: false, holder: { liveness: 'dead' } })
  expect(ownerIn(path).pid).toBe(owner.child.pid)
  const taken = (await acquireLock(path, me(), true)) as Extract<Locked, { ok: true }>
  expect(taken.takenFrom).toMatchObject({ pid: owner.child.pid, incident: `INC-${owner.child.pid}` })
  await taken.takenFrom!.restore()
  expect(ownerIn(path).pid).toBe(owner.child.pid)
  const again = (await acquireLock(path, me(), true)) as Extract<Locked, { ok: true }>
  await again.release()
  expect(await readLock(path)).toBeUndefined()
})

test('a take-over that was itself cut off does not stand in the way of the next', async () => {
  const path = join(root, 'cut-off.lock')
  await kill(await tryIn(path))
  await kill(await tryIn(`${path}.take-over`))
  expect(await acquireLock(path, me(), true)).toMatchObject({ ok: true })
  expect(readdirSync(root).filter((name) => name.startsWith('cut-off'))).toEqual(['cut-off.lock'])
})

test('a release takes away no lock but its own', async () => {
  const path = join(root, 'release.lock')
  const mine = (await acquireLock(path, me(), false)) as Extract<Locked, { ok: true }>
  rmSync(path)
  const other = await tryIn(path)
  await mine.release()
  expect(await readLock(path)).toMatchObject({ liveness: 'alive', owner: { pid: other.child.pid } })
})

test('a process is told from another with its number, from one before a reboot, and from one elsewhere', () => {
  const self = identify(process.pid)!
  expect(livenessOf(self)).toBe('alive')
  expect(livenessOf({ ...self, started: `${self.started}1` })).toBe('dead')
  expect(livenessOf({ ...self, boot: 'an earlier one' })).toBe('dead')
  expect(livenessOf({ ...self, boot: 'another', host: 'another-machine' })).toBe('elsewhere')
  expect(livenessOf({ ...self, namespace: 'pid:[1]' })).toBe('elsewhere')
  expect(livenessOf({ ...self, started: '' })).toBe('elsewhere')
  expect(livenessOf({ ...self, host: 'renamed-meanwhile' })).toBe('alive')
})

test('a process that has ended but was not waited for is dead', async () => {
  const { stdout } = spawn('sh', ['-c', 'sleep 0.01 & echo $!; exec sleep 5'], { stdio: ['ignore', 'pipe', 'ignore'] })
  const [line] = await once(stdout!.setEncoding('utf8'), 'data')
  await expect.poll(() => identify(Number(line))).toBeUndefined()
})

test('a lock that cannot be understood is for nobody to take', async () => {
  for (const [index, text] of ['', '{', '{"id":"x","owner":{"pid":1}}', 'null'].entries()) {
    const path = join(root, `strange-${index}.lock`)
    writeFileSync(path, text)
    expect(await acquireLock(path, me(), true)).toMatchObject({ ok: false, holder: { liveness: 'unknown' } })
    expect(readFileSync(path, 'utf8')).toBe(text)
  }
  mkdirSync(join(root, 'folder.lock'))
  expect(await acquireLock(join(root, 'folder.lock'), me(), true)).toMatchObject({ holder: { liveness: 'unknown' } })
})
