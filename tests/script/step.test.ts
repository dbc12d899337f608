import { chmodSync, mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, test } from 'vitest'
import { toVariables } from '../../engine/runbook/expressions/cel-value.ts'
import { readRunbook } from '../../engine/runbook/read-runbook.ts'
import { bindScriptArgv } from '../../engine/steps/arguments.ts'
import { statusOf } from '../../engine/steps/compare.ts'
import { observe } from '../../engine/steps/index.ts'
import type { BoundScriptStep } from '../../engine/steps/types.ts'
import type { ScriptResult } from '../../engine/steps/world.ts'
import { makeWorkspace } from '../command-line/workspace.ts'
import { findingsIn, gcloudStep, worldOf } from '../samples/samples.ts'

const { reads: _, select: __, expect: ___, apply: ____, undo: _____, variables: ______, ...common } = gcloudStep('x')
const step: BoundScriptStep = {
  ...common,
  kind: 'script',
  argv: ['./check.sh'],
  environment: {},
  exitCodes: { pass: [0], drift: [1] },
}

describe('the exit code of a script decides', () => {
  const failure = { cause: 'timeout' as const, reason: 'too slow' }
  it.each<[string, ScriptResult, string]>([
    ['pass', { exitCode: 0, output: '' }, 'conformant'],
    ['drift', { exitCode: 1, output: '' }, 'drift'],
    ['neither, which is unknown', { exitCode: 2, output: '' }, 'unknown'],
    ['not found, which is unknown', { exitCode: 127, output: '' }, 'unknown'],
    ['a signal, which is unknown', { exitCode: null, output: '' }, 'unknown'],
    ['a timeout, which is unknown', { exitCode: null, output: '', failure }, 'unknown'],
  ])('%s', async (_, result, status) => {
    const { observation, expectation } = await observe(
      step,
      worldOf(async () => expect.unreachable(), { script: async () => result }),
    )
    expect(statusOf(observation, expectation)).toBe(status)
  })

  it('and what it printed last is told beside it', async () => {
    const script = async () => ({ exitCode: 1, output: 'web differs' })
    expect(
      (
        await observe(
          step,
          worldOf(async () => expect.unreachable(), { script }),
        )
      ).note,
    ).toBe('web differs')
  })
})

const runbook = (script: string, where = 'verify', more = '') => `apiVersion: breakglass/v1
kind: Runbook
metadata: { name: parity, title: Parity, description: The team's own script., risk: low }
${where}:
  - id: script
    title: the script passes
    script: ${script}${more}
`
const problems = (text: string) => findingsIn(readRunbook({ name: 'parity.yaml', text })).join('\n')

describe('a script step is refused', () => {
  it.each([
    [
      'where a value chooses what is run',
      `{ run: ["\${{ env.name }}"], exitCodes: { drift: [1] } }`,
      /7:21 the script must be a literal path/,
    ],
    [
      'where a code stands for two things',
      '{ run: [./x], exitCodes: { pass: [0, 1], drift: [1] } }',
      /exit code 1 is in both `pass` and `drift`/,
    ],
    [
      'where it says where gcloud goes',
      '{ run: [./x], environment: { CLOUDSDK_CONFIG: x }, exitCodes: { drift: [1] } }',
      /`CLOUDSDK_CONFIG` is reserved/,
    ],
    [
      'where it says what bash runs first',
      '{ run: [./x], environment: { BASH_ENV: x }, exitCodes: { drift: [1] } }',
      /`BASH_ENV` is reserved/,
    ],
    [
      'where it names a variable that there is not',
      `{ run: [./x, "\${{ env.nmae }}"], exitCodes: { drift: [1] } }`,
      /nmae/,
    ],
    ['where it is one text', '{ run: ./x --all, exitCodes: { drift: [1] } }', /run/],
  ])('%s', (_, script, message) => {
    expect(problems(runbook(script))).toMatch(message)
  })

  it('where it would change something', () => {
    const more = '\n    apply: { gcloud: [run, services, update, x] }\n    undo: { cannotBeUndone: no }'
    expect(problems(runbook('{ run: [./x], exitCodes: { drift: [1] } }', 'steps', more))).toMatch(/apply/)
  })
})

test.each(['steps', 'verify'])('a script step may stand under %s', (where) => {
  expect(problems(runbook('{ run: [./x], exitCodes: { drift: [1] } }', where))).toBe('')
})

test.each([
  ['--all', /hyphen/],
  ['a\nb', /line break/],
  ['a\0b', /NUL/],
])('a value that is %j is refused', (value, message) => {
  expect(() => bindScriptArgv(['./x', '${{ v }}'], toVariables({ v: value }))).toThrow(message)
})

test('a value may hold what only a shell would read', () => {
  expect(bindScriptArgv(['./x', '--url=${{ v }}'], toVariables({ v: 'https://x/?a=1&b=$(id)' }))).toEqual([
    './x',
    '--url=https://x/?a=1&b=$(id)',
  ])
})

test('check runs the script in the workspace, and exits as its code says', { timeout: 240_000 }, async () => {
  const workspace = makeWorkspace()
  for (const program of ['bash', 'env']) symlinkSync(`/usr/bin/${program}`, join(workspace.folder, 'bin', program))
  mkdirSync(join(workspace.folder, 'scripts'))
  workspace.write(
    'scripts/check.sh',
    '#!/usr/bin/env bash\necho "looked at $1 through $CLOUDSDK_PROXY_ADDRESS"\nexit $2\n',
  )
  chmodSync(join(workspace.folder, 'scripts/check.sh'), 0o755)
  workspace.write(
    'runbooks/parity.yaml',
    runbook(`
      run: [./scripts/check.sh, "\${{ env.project }}", "\${{ inputs.code }}"]
      exitCodes: { drift: [1] }
inputs: { code: { type: string } }`),
  )
  const check = (code: number) =>
    workspace.breakglass('check', 'parity', '--env', 'prod', '--sandbox', 'conformant', '--input', `code=${code}`)
  const ended = await Promise.all([0, 1, 2].map(check))
  expect(ended.map(({ exit }) => exit)).toEqual([0, 3, 1])
  expect(ended[1]?.stdout).toContain('looked at jualuma-prod through 127.0.0.1')
})
