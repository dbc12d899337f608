import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { refuseDumping } from '../../engine/no-dumps.ts'
import { main, makeDesk } from './cli.ts'

const desk = makeDesk()

/** Starts a rehearsal where core dumps are allowed, and waits until its log has lines. */
async function started(name: string, more: Record<string, string> = {}) {
  const cwd = join(desk.folder, name)
  mkdirSync(cwd)
  const logs = join(cwd, 'logs')
  const line = 'ulimit -c unlimited && exec "$@"'
  const argv = ['-c', line, 'sh', process.execPath, main, 'rehearse', 'incident-2026-02-27', '--yes', '--logs', logs]
  const child = spawn('/bin/sh', argv, { cwd, env: { ...desk.environment, ...more }, stdio: 'ignore' })
  const ended = new Promise<NodeJS.Signals | null>((resolve) => child.on('close', (_, signal) => resolve(signal)))
  const log = join(logs, 'rehearsal-incident-2026-02-27', 'audit.jsonl')
  while (!existsSync(log) || readFileSync(log, 'utf8') === '') await new Promise((resolve) => setTimeout(resolve, 20))
  return { child, cwd, ended, limits: () => readFileSync(`/proc/${child.pid}/limits`, 'utf8') }
}

test.each(['SIGABRT', 'SIGSEGV', 'SIGQUIT'] as const)(
  'an engine that is ended by %s leaves no core dump',
  async (signal) => {
    const { child, cwd, ended, limits } = await started(signal)
    const most = readFileSync('/proc/sys/kernel/core_pattern', 'utf8').startsWith('|') ? 1 : 0
    expect(limits()).toMatch(new RegExp(`^Max core file size +${most} +${most} `, 'm'))
    child.kill(signal)
    // SIGQUIT is heard: the engine gives the terminal back and exits by itself.
    expect(await ended).toBe(signal === 'SIGQUIT' ? null : signal)
    expect(readdirSync(cwd)).toEqual(['logs'])
  },
  240_000,
)

test('SIGUSR1 opens no debugger', async () => {
  const { child, ended } = await started('debugger')
  child.kill('SIGUSR1')
  await new Promise((resolve) => setTimeout(resolve, 300))
  const listening = readFileSync(`/proc/${child.pid}/net/tcp`, 'utf8')
  expect(listening).not.toMatch(/:240D [0-9A-F]+:0000 0A/)
  child.kill('SIGKILL')
  await ended
}, 240_000)

test.each([
  '--heapsnapshot-signal=SIGUSR2',
  '--inspect=0',
  '--report-on-fatalerror',
  '--max-old-space-size=100 --heap-prof',
])('NODE_OPTIONS=%s is refused for the real cloud', (nodeOptions) =>
  expect(() => refuseDumping({ pid: 1, platform: 'linux', execArgv: [], nodeOptions })).toThrow('nothing was done'),
)

test('other options of Node are none of its business', () =>
  refuseDumping({
    pid: 1,
    platform: 'linux',
    execArgv: ['--enable-source-maps'],
    nodeOptions: '--max-old-space-size=100',
  }))
