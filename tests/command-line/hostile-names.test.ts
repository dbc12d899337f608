import { expect, test, vi } from 'vitest'
import { makeWorkspace } from './workspace.ts'

vi.setConfig({ testTimeout: 60_000 })

test('what files are called and what they call themselves does nothing to the terminal in a list', async () => {
  const { write, breakglass } = makeWorkspace()
  const titled = (kind: string, name: string, more: string) =>
    `apiVersion: breakglass/v1\nkind: ${kind}\nmetadata: { name: ${name}, title: "T \\e[2J\\u202e", ${more}\n`
  write('runbooks/\x1b[2Jcleared.yaml', 'x')
  write('runbooks/two\nlines.yaml', 'x')
  write('runbooks/scenarios/\x1b]0;title\x07.yaml', 'x')
  const step = '{ id: a, title: a, script: { run: [a], exitCodes: { drift: [1] } } }'
  write('runbooks/titled.yaml', titled('Runbook', 'titled', `description: d, risk: low }\nsteps: [${step}]`))
  write(
    'runbooks/scenarios/also-titled.yaml',
    titled('Scenario', 'also-titled', '}\nprojects: { heron-live: { number: "271828182845" } }'),
  )
  const { exit, stdout } = await breakglass('list')
  expect(exit).toBe(0)
  expect(stdout).toMatch(/^ {2}titled +T ␛\[2J/m)
  expect(stdout).toMatch(/^ {2}also-titled +T ␛\[2J/m)
  expect(stdout.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u)
  expect(stdout).not.toMatch(/^lines/m)
})
