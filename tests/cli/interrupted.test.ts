import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { finish, folderOf, main } from '../incident/cli.ts'

const folder = mkdtempSync(join(tmpdir(), 'breakglass-interrupted-'))
const environment = { PATH: [folderOf('gcloud'), '/usr/bin', '/bin'].join(':'), HOME: folder }
const names = Array.from({ length: 200 }, (_, n) => `busy-${n}`)
const list = (length: number) => `[${Array.from({ length }, (_, n) => n).join(', ')}]`

/** A runbook that takes most of what its evaluation may take, and is right. */
const busy = (name: string) => `apiVersion: breakglass/v1
kind: Runbook
metadata: { name: ${name}, title: Busy, description: It keeps the engine busy., risk: low }
steps:
  - id: one
    title: One
    forEach: { x: "\${{ ${list(900)}.map(a, ${list(750)}.map(b, b).size()).size() > 0 ? ['web'] : [] }}" }
    subject: \${{ x }}
    observe:
      gcloud: [run, services, describe, "\${{ 'w' + env.name }}", --region, "\${{ env.region }}"]
      select: { name: '\${{ result.metadata.name }}' }
    expect: { name: web }
`

beforeAll(async () => {
  await finish([process.execPath, main, 'init'], folder, environment)
  for (const name of names) writeFileSync(join(folder, 'runbooks', `${name}.yaml`), busy(name))
}, 240_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Sends a signal after so long; answers how long the process then took to end, and how it ended. */
async function interrupted(argv: string[], signal: NodeJS.Signals, afterMs: number) {
  const child = spawn(process.execPath, [main, ...argv], { cwd: folder, env: environment, stdio: 'ignore' })
  const ended = new Promise<{ code: number | null; by: string | null }>((resolve) =>
    child.on('exit', (code, by) => resolve({ code, by })),
  )
  await sleep(afterMs)
  expect({ code: child.exitCode, by: child.signalCode }).toEqual({ code: null, by: null })
  const start = performance.now()
  child.kill(signal)
  const end = await ended
  return { ms: performance.now() - start, ...end }
}

test.each<NodeJS.Signals>(['SIGINT', 'SIGTERM'])(
  '%s ends validate at once, whatever it evaluates',
  async (signal) => {
    const { ms, by } = await interrupted(['validate'], signal, 4000)
    expect(ms).toBeLessThan(20_000)
    expect(by).toBe(signal)
  },
  240_000,
)

test.each(['check', 'plan'])(
  'Ctrl-C ends %s soon, while it binds runbooks that keep the engine busy',
  async (command) => {
    const { ms, code } = await interrupted(
      [command, ...names, '--env', 'prod', '--sandbox', 'first-rehearsal'],
      'SIGINT',
      5000,
    )
    expect(ms).toBeLessThan(30_000)
    expect(code).not.toBe(0)
  },
  240_000,
)
