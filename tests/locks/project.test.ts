import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { Cloud, Runtime } from '../../engine/session/host/runtime.ts'
import { lockProject } from '../../engine/session/locks/acquire-locks.ts'

const root = mkdtempSync(join(tmpdir(), 'breakglass-project-lock-'))
afterAll(() => rmSync(root, { recursive: true }))
const locks = join(root, 'locks')
const said: string[] = []
const runtime = {
  locks,
  pid: process.pid,
  operator: 'somebody',
  now: () => new Date('2026-02-27T00:00:00Z'),
  err: (text: string) => void said.push(text),
} as unknown as Runtime

const live = { name: { kind: 'live' }, lockedAs: 'live' } as Cloud
const sandbox = (lockedAs?: string) =>
  ({ name: { kind: 'sandbox', scenario: 's' }, ...(lockedAs === undefined ? {} : { lockedAs }) }) as Cloud
const lock = (cloud: Cloud, project: string, incident: string) =>
  lockProject(cloud, project, { incident, env: 'prod' }, runtime)

test('the lock is the project’s: not the incident’s, not the runbook’s, and of its own world', async () => {
  const first = await lock(live, 'p-prod', 'INC-1')
  expect(first.ok).toBe(true)
  expect(statSync(locks).mode & 0o777).toBe(0o700)
  expect(await lock(live, 'p-prod', 'INC-2')).toEqual({ ok: false, exitCode: 6 })
  expect(said.at(-1)).toContain(`somebody (process ${process.pid} on `)
  expect(said.at(-1)).toContain('incident INC-1, since 2026-02-27T00:00:00.000Z')

  const others = [await lock(live, 'p-stage', 'INC-2'), await lock(sandbox('sandbox-1-a'), 'p-prod', 'INC-2')]
  expect(others.map(({ ok }) => ok)).toEqual([true, true])
  expect((await lock(sandbox('sandbox-1-b'), 'p-prod', 'INC-3')).ok).toBe(true)
  expect((await lock(sandbox('sandbox-1-a'), 'p-prod', 'INC-3')).ok).toBe(false)

  if (first.ok) await first.release()
  expect((await lock(live, 'p-prod', 'INC-2')).ok).toBe(true)
})

test('a sandbox of the run’s own leaves no lock; a project’s name stays inside the folder', async () => {
  const before = readdirSync(locks)
  expect((await lock(sandbox(), 'p-prod', 'INC-4')).ok).toBe(true)
  expect(readdirSync(locks)).toEqual(before)
  expect((await lock(live, '../../escaped', 'INC-4')).ok).toBe(true)
  expect(readdirSync(root)).toEqual(['locks'])
  expect(readdirSync(locks)).toHaveLength(before.length + 1)
})
