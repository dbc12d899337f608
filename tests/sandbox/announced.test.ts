import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { runProgram } from '../../engine/cli/program.ts'
import type { Runtime } from '../../engine/session/host/runtime.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** Connects while the event loop is blocked, so that the sandbox can't start listening meanwhile. */
const connects = (address: string): boolean => {
  const { port } = new URL(address)
  const script = `require('node:net').connect(${port}, '127.0.0.1').on('connect', () => process.exit(0)).on('error', () => process.exit(1))`
  try {
    execFileSync(process.execPath, ['-e', script], { env: {} })
    return true
  } catch {
    return false
  }
}

test.each([[], ['--json']])('a sandbox listens before it prints its address (%j)', async (...more) => {
  const stop = new AbortController()
  const heard: boolean[] = []
  const print = (text: string) => {
    const [address] = /http:\/\/127\.0\.0\.1:\d+/.exec(text) ?? []
    if (address) heard.push(connects(address))
    if (text.startsWith('Press Ctrl-C')) stop.abort()
  }
  const runtime = {
    environment: {},
    cwd: root,
    packageFolder: root,
    terminal: { interactive: false, columns: 80, colour: false },
    keyboard: { take: () => {} },
    out: print,
    err: print,
    now: () => new Date(),
    random: (bytes: number) => randomBytes(bytes),
    stopping: stop.signal,
  } as unknown as Runtime
  expect(await runProgram(['sandbox', 'conformant', ...more], runtime)).toBe(0)
  expect(heard.length).toBeGreaterThan(1)
  expect(heard).not.toContain(false)
})
