import { expect, test } from 'vitest'
import { makeWorkspace } from './workspace.ts'

const { breakglass } = makeWorkspace()
const prod = ['--env', 'prod', '--sandbox', 'conformant']

test.each<[what: string, argv: string[], said: RegExp]>([
  [
    'a mistyped secret',
    ['secret-parity', ...prod, '--input', 'secrets=PLAID_SECERT'],
    /`secrets`: PLAID_SECERT is not in the inventory\nhint: did you mean PLAID_SECRET\?/,
  ],
  [
    'a mistyped trusted environment',
    ['secret-parity', ...prod, '--input', 'trust=stgae'],
    /`trust`: stgae is not in the inventory\nhint: did you mean stage\?/,
  ],
  [
    'a mistyped environment of a gate',
    ['run-parity', ...prod, '--input', 'environments=dev,prdo'],
    /`environments`: prdo is not in the inventory\nhint: did you mean prod\?/,
  ],
  [
    'a mistyped environment of another gate',
    ['gcp-drift', ...prod, '--input', 'environments=nowhere'],
    /nowhere is not in the inventory\nhint: valid values: dev, stage, prod/,
  ],
  [
    'a mistyped environment of the key gate',
    ['identity-key-drift', ...prod, '--input', 'environments=x,y'],
    /x, y are not/,
  ],
  ['a mistyped service', ['access-posture', ...prod, '--input', 'services=frontend-ap'], /did you mean frontend-app\?/],
  [
    'a mistyped service of the verification',
    ['release-verification', ...prod, '--input', 'services=x'],
    /`services`: x is/,
  ],
  [
    'a mistyped gate',
    ['release-verification', ...prod, '--input', 'gates=gcp-drfit'],
    /gcp-drfit is not one of its choices\nhint: did you mean gcp-drift\?/,
  ],
  [
    'a mistyped identity',
    ['runtime-identity', ...prod, '--input', 'identities=cr-backnd'],
    /did you mean cr-backend\?/,
  ],
  [
    'a role that is none',
    ['runtime-identity', ...prod, '--input', 'removeRoles=owner'],
    /`removeRoles`: at 0 must match/,
  ],
  [
    'an empty list',
    ['secret-parity', ...prod, '--input', 'secrets='],
    /would observe nothing in prod.*\nhint: empty: input `secrets`/,
  ],
  [
    'an environment in which the runbook is about nothing',
    ['secret-parity', '--env', 'dev', '--sandbox', 'conformant'],
    /would observe nothing in dev.*\nhint: empty: input `secrets` \(its default finds nothing in the inventory\)/,
  ],
  [
    'a runbook that is about nothing beside one that is',
    ['access-posture', 'secret-parity', ...prod, '--input', 'secrets='],
    /secret-parity would observe nothing/i,
  ],
])('%s is bad usage, never conformant', async (_, argv, said) => {
  const { exit, stdout, stderr } = await breakglass('check', ...argv)
  expect(stderr).toMatch(said)
  expect([exit, stdout]).toEqual([2, ''])
})

test('names that the inventory has are looked at', async () => {
  const { exit, stdout } = await breakglass('check', 'secret-parity', ...prod, '--input', 'secrets=PLAID_SECRET')
  expect(stdout).toContain('conformant')
  expect(exit).toBe(0)
})

test('a runbook about which the inventory says nothing is told of, beside one that is about something', async () => {
  const { exit, stdout } = await breakglass(
    'check',
    'access-posture',
    'secret-parity',
    '--env',
    'dev',
    '--sandbox',
    'conformant',
  )
  expect(stdout).toContain('secret-parity has nothing to do in dev')
  expect(exit).toBe(0)
})
