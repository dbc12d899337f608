import { chmodSync, existsSync, mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { makeWorkspace } from '../command-line/workspace.ts'

vi.setConfig({ testTimeout: 60_000 })

const workspace = makeWorkspace()
for (const program of ['bash', 'env', 'touch'])
  symlinkSync(`/usr/bin/${program}`, join(workspace.folder, 'bin', program))
mkdirSync(join(workspace.folder, 'scripts'))
workspace.write('scripts/check.sh', '#!/usr/bin/env bash\ntouch "${0%/*}/it-ran"\n')
chmodSync(join(workspace.folder, 'scripts/check.sh'), 0o755)
const head = (name: string) => `apiVersion: breakglass/v1
kind: Runbook
metadata: { name: ${name}, title: Parity, description: The team's own script., risk: low }
`
const step = `  - id: script
    title: the script passes
    script: { run: [./scripts/check.sh], exitCodes: { drift: [1] } }
`
workspace.write('runbooks/parity.yaml', `${head('parity')}verify:\n${step}`)
workspace.write('runbooks/stepped.yaml', `${head('stepped')}steps:\n${step}`)
workspace.write(
  'runbooks/outer.yaml',
  `${head('outer')}verify:\n  - id: gate\n    title: the gate passes\n    gate: { runbook: parity }\n`,
)
const ran = () => existsSync(join(workspace.folder, 'scripts/it-ran'))
const where = ['--env', 'prod', '--sandbox', 'conformant']

test.each([
  ['check', 'parity'],
  ['check', 'outer'],
  ['check', 'stepped'],
  ['plan', 'stepped'],
])('%s %s --no-scripts starts no script, calls what it would tell unknown and exits 1', async (command, runbook) => {
  const { exit, stdout, stderr } = await workspace.breakglass(command, runbook, ...where, '--no-scripts')
  expect(exit).toBe(1)
  expect(`${stdout}${stderr}`.replaceAll(/\s+/g, ' ')).toContain(
    './scripts/check.sh was not started: --no-scripts allows no script',
  )
  expect(stdout).not.toMatch(/[1-9]\d* conformant/)
  expect(ran()).toBe(false)
})

test('a JUnit report of it has an error, and no case that passed', async () => {
  const { exit, stdout } = await workspace.breakglass('check', 'parity', ...where, '--no-scripts', '--format', 'junit')
  expect(exit).toBe(1)
  expect(stdout).toContain('tests="1" failures="0" errors="1"')
})

test('without the option the script runs', async () => {
  expect(await workspace.breakglass('check', 'parity', ...where)).toMatchObject({ exit: 0 })
  expect(ran()).toBe(true)
})
