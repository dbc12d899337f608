import { describe, expect, test } from 'vitest'
import { splitGlobal } from '../../engine/cli/global-options.ts'
import { makeWorkspace } from './workspace.ts'

const { folder, write, breakglass } = makeWorkspace()
write('broken.yaml', 'apiVersion: breakglass/v1\nkind: Runbook\nmetadata:\n  nmae: broken\nsteps: []\n')
const sandbox = ['--env', 'prod', '--sandbox', 'conformant']

describe('with --json every failure is one JSON object on stdout', () => {
  test.each<[what: string, argv: string[], exitCode: number, message: RegExp, hint: RegExp]>([
    ['no command', ['--json'], 2, /no command/, /--help/],
    ['an unknown command', ['rehears', '--json'], 2, /unknown command `rehears`/, /`rehearse`/],
    ['an unknown option', ['list', '--json', '--jsno'], 2, /unknown option --jsno/, /--json/],
    ['an option without its value', ['check', 'run-parity', '--json', '--env'], 2, /--env lacks its value/, /--help/],
    ['a command without its own command', ['audit', '--json'], 2, /./, /--help/],
    ['an unknown runbook', ['show', 'run-partiy', '--json'], 2, /no runbook `run-partiy`/, /`run-parity`/],
    [
      'an unknown name',
      ['check', 'run-parity', ...sandbox, '--input', 'environments=prdo', '--json'],
      2,
      /prdo/,
      /prod/,
    ],
    ['no gcloud', ['check', 'run-parity', '--env', 'prod', '--json'], 1, /gcloud is not installed/, /Google Cloud SDK/],
    ['no log', ['audit', 'verify', 'INC-1', '--json'], 2, /no incident INC-1/, /--logs/],
    [
      'no terminal',
      ['run', 'run-parity', ...sandbox, '--incident', 'I', '--reason', 'r', '--json'],
      2,
      /terminal/,
      /--yes/,
    ],
  ])('%s', async (_, argv, exitCode, message, hint) => {
    const { exit, stdout, stderr } = await breakglass(...argv)
    expect(JSON.parse(stdout)).toEqual({
      error: { message: expect.stringMatching(message), hint: expect.stringMatching(hint), exitCode },
    })
    expect(exit).toBe(exitCode)
    expect(stderr).not.toBe('')
  })

  test('a file that is not valid comes with its diagnostics', async () => {
    const { exit, stdout, stderr } = await breakglass('check', './broken.yaml', ...sandbox, '--json')
    const { error } = JSON.parse(stdout)
    expect(error).toMatchObject({ exitCode: 2, message: expect.any(String), hint: expect.any(String) })
    expect(error.diagnostics).toContainEqual(
      expect.objectContaining({ file: 'broken.yaml', line: 4, column: 3, hint: expect.any(String) }),
    )
    expect(stderr).toContain('broken.yaml:4:3')
    expect(exit).toBe(2)
  })

  test('what is no failure stays as it is: help, and JSON after --', async () => {
    expect((await breakglass('list', '--json', '--help')).stdout).toContain('USAGE\n  breakglass list')
    const { stdout, exit } = await breakglass('sandbox', 'nowhere', '--', 'x', '--json')
    expect([stdout, exit]).toEqual(['', 2])
  })
})

describe('global options before the command', () => {
  test.each([
    [
      ['--json', 'list'],
      ['list', '--json'],
    ],
    [
      ['--workspace', folder, '--json', 'list'],
      ['list', '--json', '--workspace', folder],
    ],
    [
      [`--workspace=${folder}/nowhere`, 'list'],
      ['list', `--workspace=${folder}/nowhere`],
    ],
    [
      ['--logs', '/nowhere', '--json', 'audit', 'verify', 'I'],
      ['audit', 'verify', 'I', '--json', '--logs', '/nowhere'],
    ],
  ])('%j is as %j', async (before, after) => {
    const [one, other] = await Promise.all([breakglass(...before), breakglass(...after)])
    expect(one).toEqual(other)
    expect(one.stdout + one.stderr).not.toMatch(/unknown|no command/i)
  })

  test.each<[string[], ReturnType<typeof splitGlobal>]>([
    [['list', '--json'], { before: [], name: 'list', rest: ['--json'] }],
    [['--logs=a=b', 'list'], { before: ['--logs=a=b'], name: 'list', rest: [] }],
    [['--logs'], { before: ['--logs'], name: undefined, rest: [] }],
    [['--yes', 'list'], { before: [], name: '--yes', rest: ['list'] }],
  ])('%j', (argv, split) => expect(splitGlobal(argv)).toEqual(split))
})
