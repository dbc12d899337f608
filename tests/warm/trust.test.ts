import { spawn } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import { runGcloud } from '../../engine/gcloud/client.ts'
import { checkWarmSdk } from '../../engine/gcloud/warm/sdk.ts'
import type { Warm } from '../../engine/gcloud/warm/warm.ts'
import type { GcloudCall } from '../../engine/steps/world.ts'
import { isGone, lives } from '../is-gone.ts'
import { callOf, makeToySdk, runnerOf, warmUp } from './toy-sdk.ts'

const folder = mkdtempSync(join(tmpdir(), 'trust-'))
const path = makeToySdk(join(folder, 'sdk'))
afterAll(() => rmSync(folder, { recursive: true }))

const run = async (warm: Warm, argv: string[], more: Partial<GcloudCall> = {}) => {
  const { output, ...rest } = await runGcloud(callOf(argv, more), { ...runnerOf(path), warm, mask: (text) => text })
  return { ...rest, said: Buffer.from(output).toString().trim() }
}
const parentOf = async (warm: Warm): Promise<number> => Number((await run(warm, ['parent'])).said)

describe('gcloud is kept warm only if that is known to be safe', () => {
  const installed = { path, root: dirname(dirname(path)), version: '528.0.0', components: undefined }
  test('the test SDK is', () => expect(checkWarmSdk(installed, 'linux')).toEqual({ launcher: path }))
  test('through a link', () => {
    symlinkSync(path, join(folder, 'gcloud'))
    expect(checkWarmSdk({ ...installed, path: join(folder, 'gcloud') }, 'linux')).toEqual({ launcher: path })
  })
  test.each(['darwin', 'win32', 'freebsd'])('not on %s', (platform) =>
    expect(checkWarmSdk(installed, platform)).toEqual({ cold: expect.stringContaining('only on Linux') }),
  )
  test.each(['527.0.0', '529.0.0', 'unknown', ''])('not in version %j', (version) =>
    expect(checkWarmSdk({ ...installed, version }, 'linux')).toEqual({ cold: expect.stringContaining(version) }),
  )
  test('not if the program is elsewhere, as with a wrapper', () => {
    const wrapper = join(folder, 'wrapper', 'bin', 'gcloud')
    mkdirSync(dirname(wrapper), { recursive: true })
    writeFileSync(wrapper, `#!/bin/sh\nexec ${path} "$@"\n`, { mode: 0o755 })
    expect(checkWarmSdk({ ...installed, path: wrapper }, 'linux')).toEqual({
      cold: expect.stringContaining('unknown layout'),
    })
  })
})

describe('if it fails to load, commands start a new gcloud', () => {
  test.each([
    ['an import fails', { loading: 'raise ImportError()' }, 'it exited while loading'],
    ['it is another version', { version: '529.0.0' }, 'it reports version 529.0.0, not 528.0.0'],
    [
      'it has a thread, whose locks nobody would open in a copy',
      { loading: 'import threading, time\nthreading.Thread(target=lambda: time.sleep(60), daemon=True).start()' },
      'it exited while loading',
    ],
    ['what it needs has another name', { loading: 'del threading' }, 'it exited while loading'],
  ])('%s', async (name, change, why) => {
    const own = makeToySdk(join(folder, name), change)
    const warm = warmUp(own)
    expect(await run(warm, ['exit', '3'])).toMatchObject({ way: 'cold', exitCode: 3 })
    expect(await warm.whyCold()).toBe(why)
    await warm.close()
  })

  test('without a launcher', async () => {
    const warm = warmUp(join(folder, 'nowhere'))
    expect(await run(warm, ['exit', '3'])).toMatchObject({ way: 'cold', exitCode: 3 })
    expect(await warm.whyCold()).toContain('ENOENT')
    await warm.close()
  })
})

describe('if it is lost during a command', () => {
  test('a read runs again in a new gcloud, and so do all later commands', async () => {
    const warm = warmUp(path)
    const helper = await parentOf(warm)
    const mark = join(folder, 'read')
    const reading = run(warm, ['until', mark], { onlyReads: true })
    while (!existsSync(`${mark}.begun`)) await sleep(20)
    process.kill(helper, 'SIGKILL')
    writeFileSync(mark, '')
    expect(await reading).toMatchObject({ way: 'cold', exitCode: 0, said: mark })
    expect(await run(warm, ['exit', '4'])).toMatchObject({ way: 'cold', exitCode: 4 })
    await warm.close()
  })

  test('a change never runs again, and all its processes end', async () => {
    const warm = warmUp(path)
    const helper = await parentOf(warm)
    const notes = join(folder, 'notes')
    const changing = run(warm, ['note', notes, '30'])
    while (!existsSync(notes)) await sleep(20)
    process.kill(helper, 'SIGKILL')
    const { way, exitCode, failure } = await changing
    expect([way, exitCode, failure?.cause]).toEqual(['warm', null, 'other'])
    expect(readFileSync(notes, 'utf8')).toBe('did it\n')
    await warm.close()
  })

  test('one that stops responding is abandoned at the timeout', async () => {
    const warm = warmUp(path)
    const helper = await parentOf(warm)
    process.kill(helper, 'SIGSTOP')
    expect((await run(warm, ['exit', '0'], { timeoutMs: 300 })).failure?.cause).toBe('timeout')
    expect(await run(warm, ['exit', '0'])).toMatchObject({ way: 'cold', exitCode: 0 })
    expect(await isGone(helper)).toBe(true)
    await warm.close()
  })
})

describe('it ends with the engine', () => {
  test('when the engine closes it, with every running command', async () => {
    const warm = warmUp(path)
    const helper = await parentOf(warm)
    const mark = join(folder, 'closed')
    const running = run(warm, ['hang', mark])
    while (!existsSync(mark)) await sleep(20)
    await warm.close()
    expect((await running).failure?.cause).toBe('other')
    expect(await isGone(helper)).toBe(true)
    expect(await isGone(mark)).toBe(true)
  })

  test.each(['SIGKILL', 'SIGTERM', 'SIGSEGV'] as const)(
    'when that dies of %s, with whatever still runs',
    async (signal) => {
      const engine = spawn(process.execPath, [fileURLToPath(new URL('busy-engine.ts', import.meta.url)), path], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const pids = await new Promise<number[]>((resolve) =>
        engine.stdout.once('data', (data: Buffer) => resolve(JSON.parse(data.toString()) as number[])),
      )
      expect([pids.length, ...pids.map(lives)]).toEqual([2, true, true])
      engine.kill(signal)
      for (const pid of pids) expect(await isGone(pid)).toBe(true)
    },
  )
})

test('no one else can reach it: its sockets have no name and none listens', async () => {
  const warm = warmUp(path)
  const helper = await parentOf(warm)
  const inodes = readdirSync(`/proc/${helper}/fd`)
    .map((name) => /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${helper}/fd/${name}`))?.[1])
    .filter((inode) => inode !== undefined)
  expect(inodes.length).toBeGreaterThan(0)
  const sockets = readFileSync('/proc/net/unix', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , , , , , inode]) => inodes.includes(inode ?? ''))
  expect(sockets).toHaveLength(inodes.length)
  // The flags show whether it listens, and the eighth column is its name.
  for (const socket of sockets) expect([socket[3], socket[7]]).toEqual(['00000000', undefined])
  await warm.close()
})
