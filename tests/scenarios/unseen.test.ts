import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test, vi } from 'vitest'
import { finish, main, root } from '../incident/cli.ts'

vi.setConfig({ testTimeout: 900_000 })

const folder = mkdtempSync(join(tmpdir(), 'breakglass-unseen-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('a value that ends in a line feed is said to before consent, in the log, the record and --json, and nothing of it is', async () => {
  mkdirSync(join(folder, 'bin'))
  symlinkSync(process.execPath, join(folder, 'bin/node'))
  cpSync(join(root, 'runbooks'), join(folder, 'runbooks'), { recursive: true })
  const scenario = join(folder, 'runbooks/scenarios/incident-2026-02-27.yaml')
  const text = readFileSync(scenario, 'utf8')
  writeFileSync(
    scenario,
    text.replaceAll('text: fake-plaid-secret-shared-0002', 'text: "fake-plaid-secret-shared-0002\\n"'),
  )
  expect(readFileSync(scenario, 'utf8')).not.toBe(text)
  const environment = {
    PATH: join(folder, 'bin'),
    HOME: folder,
    LANG: 'C.UTF-8',
    BREAKGLASS_LOCKS: join(folder, 'locks'),
  }
  const breakglass = (...argv: string[]) => finish([process.execPath, main, ...argv], folder, environment)
  const where = ['secret-parity', '--env', 'prod', '--sandbox', 'incident-2026-02-27']
  const says = 'the value in stage and dev ends in a line feed: check that this is intended'

  const planned = await breakglass('plan', ...where, '--json')
  const { plan } = JSON.parse(planned.stdout) as { plan: { steps: { note?: string }[] } }
  expect(plan.steps.map(({ note }) => note)).toEqual([says])
  expect(planned.stderr).toContain(`note: ${says}`)

  const ran = await breakglass('run', ...where, '--incident', 'INC-1', '--reason', 'r', '--yes')
  expect(ran.exit).toBe(0)
  expect(ran.stdout.indexOf(says)).toBeGreaterThan(0)
  expect(ran.stdout.indexOf(says)).toBeLessThan(ran.stdout.indexOf('applied'))
  const log = readFileSync(join(folder, 'logs/INC-1/audit.jsonl'), 'utf8')
  const record = readFileSync(join(folder, 'logs/INC-1/record.md'), 'utf8')
  expect(log).toContain(says)
  expect(record).toContain(says)
  for (const each of [planned.stdout, planned.stderr, ran.stdout, ran.stderr, log, record])
    expect(each).not.toContain('fake-plaid')
})
