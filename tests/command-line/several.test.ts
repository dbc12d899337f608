import { expect, test } from 'vitest'
import { makeWorkspace } from './workspace.ts'

const { breakglass, lines, write } = makeWorkspace()
const limit = { timeout: 240_000 }
const prod = ['--env', 'prod', '--sandbox', 'conformant']
const run = ['--incident', 'INC-1', '--reason', 'r', '--yes']

write('broken.yaml', 'apiVersion: breakglass/v1\nkind: Runbook\nmetadata:\n  nmae: broken\nsteps: []\n')
const inventory = lines('runbooks/inventory.yaml').join('\n')
write('doubled.yaml', inventory.replace(/^environments:$/m, 'environments:\n  prod: {}'))
const scenario = lines('runbooks/scenarios/conformant.yaml').join('\n')
write('expects-nothing.yaml', scenario.replace(/^expected:\n( .*\n)*/m, ''))

test.each<[what: string, argv: string[], said: RegExp]>([
  ['two forms of a test report', ['test', '--format', 'junit', '--json'], /--format.*--json/],
  ['two forms of a record', ['record', 'INC-1', '--format', 'html', '--json'], /--format.*--json/],
  [
    'a form for what only says yes or no',
    ['record', 'INC-1', '--format', 'html', '--verify', 'record.md'],
    /--format.*--verify/,
  ],
  [
    'two runbooks to read',
    ['show', 'run-parity', 'access-posture'],
    /takes one argument, and was given 2: run-parity, access-posture/,
  ],
  [
    'two logs to verify',
    ['audit', 'verify', 'INC-1', 'INC-2'],
    /`breakglass audit verify` takes one argument, and was given 2/,
  ],
  ['two incidents to undo', ['undo', 'INC-1', 'INC-2', '--yes'], /run `breakglass undo` once for each/i],
  [
    'a scenario without expectations, by name',
    ['test', 'conformant', 'expects-nothing.yaml'],
    /these scenarios have no `expected`: conformant/,
  ],
  [
    'an input that a snapshot would drop',
    ['snapshot', ...prod, '--input', 'services=web'],
    /no runbook has an input `services`/i,
  ],
  [
    'an input that no runbook of a scenario has',
    ['rehearse', 'conformant', '--yes', '--input', 'nosuch=1'],
    /no runbook has an input `nosuch`/i,
  ],
  [
    'a list with an empty element',
    ['plan', 'access-posture', ...prod, '--input', 'services=frontend-app,,marketing-site'],
    /an element is empty/,
  ],
  [
    'a list with an element twice',
    ['plan', 'access-posture', ...prod, '--input', 'services=frontend-app,frontend-app'],
    /frontend-app is there twice/,
  ],
  [
    'an input given twice',
    ['plan', 'access-posture', ...prod, '--input', 'services=a', '--input', 'services=b'],
    /--input services is given twice/,
  ],
  [
    'two environments to plan for',
    ['plan', 'run-parity', '--env', 'dev', '--env', 'prod'],
    /--env takes one value, and was given dev and prod/,
  ],
  ['two environments to run in', ['run', 'run-parity', ...prod, ...run, '--env', 'dev'], /once for each/],
  [
    'a command and JSON of a sandbox',
    ['sandbox', 'conformant', '--json', '--', 'true'],
    /--json is for a sandbox that is kept running/,
  ],
  [
    'an environment of an inventory that is there twice',
    ['check', 'run-parity', ...prod, '--inventory', 'doubled.yaml'],
    /duplicate key `prod`/,
  ],
  ['an option of another command', ['list', '--env', 'prod'], /unknown option --env/],
])('%s is refused, with nothing done', limit, async (_, argv, said) => {
  const { exit, stdout, stderr } = await breakglass(...argv)
  expect(stderr).toMatch(said)
  expect([exit, argv.includes('--json') ? JSON.parse(stdout).error.exitCode : stdout]).toEqual([
    2,
    argv.includes('--json') ? 2 : '',
  ])
})

test('of many files, one that can not be read hides no other', limit, async () => {
  const { exit, stdout } = await breakglass('validate', 'nowhere.yaml', 'broken.yaml', 'doubled.yaml', '--json')
  const { files, diagnostics } = JSON.parse(stdout)
  expect(new Set(diagnostics.map(({ file }: { file: string }) => file))).toEqual(
    new Set(['nowhere.yaml', 'broken.yaml', 'doubled.yaml']),
  )
  expect([exit, files]).toEqual([2, 3])
})

test('a test names the scenarios of the workspace that expect nothing', limit, async () => {
  write(
    'runbooks/scenarios/expects-nothing.yaml',
    lines('expects-nothing.yaml')
      .join('\n')
      .replace(/^( +name:) conformant$/m, '$1 expects-nothing'),
  )
  const { stdout } = await breakglass('test', '--json')
  expect(JSON.parse(stdout)).toMatchObject({
    passed: 2,
    failed: 0,
    untested: [],
    withoutExpectations: ['expects-nothing'],
  })
})

test('a snapshot keeps the inputs that its rehearsal is to have', limit, async () => {
  const { exit, stderr } = await breakglass(
    'snapshot',
    'access-posture',
    ...prod,
    '--input',
    'services=frontend-app',
    '--out',
    'taken.yaml',
  )
  expect([exit, stderr]).toEqual([0, ''])
  expect(lines('taken.yaml').join('\n')).toMatch(/inputs:\n +services: frontend-app\n/)
})
