import { readFileSync, writeFileSync } from 'node:fs'
import { afterEach, describe, expect, test } from 'vitest'
import type { Protection } from '../../engine/approval/protection.ts'
import { inOrder } from '../in-order.ts'
import { ofType } from '../incident/cli.ts'
import { sit } from '../terminal/held-terminal.ts'
import { everybody, makeTeam, principalOf } from './people.ts'

inOrder()

const team = await makeTeam()
const limit = { timeout: 240_000 }
const file = team.at('runbooks/inventory.yaml')
const inventory = readFileSync(file, 'utf8').replace('protected: true', 'protected: false')
const oneLine = (text: string) => text.replaceAll(/\s+/g, ' ')
const run = (incident: string, ...more: string[]) => [
  ...['run', 'access-posture', '--env', 'prod', '--input', 'services=frontend-app', '--policy'],
  ...['--incident', incident, '--reason', 'r', '--key', team.key('operator'), '--override', 'nobody answers', ...more],
]
const protectionOf = (incident: string): Protection | undefined =>
  ofType(team.entries(incident), 'run.opened')[0]?.body.protection

afterEach(() => {
  writeFileSync(file, inventory)
  team.allow(everybody)
  team.revoke('outsider')
})

describe('a protection that was lowered since the last run', limit, async () => {
  writeFileSync(file, inventory.replace('protected: false', 'protected: true'))
  team.revoke('outsider')
  const first = sit(team, run('INC-1'), 100)
  await first.type('Project id', 'jualuma-prod')
  await first.choose('What now?', 'abort')
  await first.ended
  const strict = inventory.replace('protected: false', 'protected: true')

  const lowered: [string, () => void, RegExp][] = [
    ['an environment that is no longer protected', () => writeFileSync(file, inventory), /is no longer protected/],
    [
      'fewer approvals',
      () => writeFileSync(file, inventory.replace('{ platform: 1, security: 1 }', '{ platform: 1 }')),
      /a high-risk change needs 0 from security instead of 1/,
    ],
    [
      'a rule that no longer fits',
      () => writeFileSync(file, inventory.replaceAll('environments: [prod]', 'environments: [stage]')),
      /a low-risk change needs 0 from platform instead of 1/,
    ],
    [
      'another approver',
      () => writeFileSync(file, inventory.replace('security: [', 'security: [outsider@team.example, ')),
      /security has more approvers: outsider@team\.example/,
    ],
    [
      'another signer',
      () => team.allow([...everybody, { principal: principalOf('outsider'), key: 'outsider' }]),
      /more people may sign: outsider@team\.example \(key SHA256:/,
    ],
    [
      'another key of somebody',
      () => team.allow([...everybody, { principal: principalOf('security-1'), key: 'outsider' }]),
      /more people may sign: security-1@team\.example \(key SHA256:/,
    ],
    ['a key that is no longer revoked', () => team.revoke(), /some keys are no longer revoked/],
    [
      'no list of revoked keys',
      () => writeFileSync(file, inventory.replace('  revokedKeys: revoked_keys\n', '')),
      /the list of revoked keys was removed/,
    ],
    [
      'another name for the same project',
      () => writeFileSync(file, inventory.replace(/^ {2}prod:/m, '  production:').replaceAll('[prod]', '[production]')),
      /is no longer protected/,
    ],
  ]

  test.each(lowered)('is refused with --yes, and nothing is changed: %s', async (_, lower, what) => {
    lower()
    const environment = readFileSync(file, 'utf8').includes('  production:') ? 'production' : 'prod'
    const argv = run('INC-no', '--yes').map((word) => (word === 'prod' ? environment : word))
    const { exit, stderr } = await team.breakglass(...argv)
    expect({ exit, stderr }).toMatchObject({ exit: 4, stderr: expect.stringMatching(what) })
    expect(stderr).toMatch(/PROTECTION LOWERED: prod\w* is less protected than at its last run \(INC-1, /)
    expect(await team.changes()).toEqual([])
    expect(() => team.entries('INC-no')).toThrow('ENOENT')
  })

  test('is shown at the terminal, where the default answer stops', async () => {
    const terminal = sit(team, run('INC-no'), 100)
    await terminal.waitFor('PROTECTION LOWERED')
    await terminal.goOn('Is the lower protection intended?')
    expect((await terminal.ended).exitCode).toBe(4)
    expect(() => team.entries('INC-no')).toThrow('ENOENT')
  })

  test('a stricter policy, a revoked key or a signer less is none', async () => {
    writeFileSync(file, strict.replace('{ platform: 1 } }', '{ platform: 2 } }'))
    team.allow(everybody.filter(({ key }) => key !== 'both-1'))
    team.revoke('outsider', 'platform-1-second')
    const { exit, stdout, stderr } = await team.breakglass(...run('INC-no', '--yes'))
    expect(exit).toBe(4)
    expect(stdout + stderr).not.toContain('PROTECTION LOWERED')
  })

  test('is in the log and in the record once somebody has said that it is meant', async () => {
    const terminal = sit(team, run('INC-2'), 100)
    await terminal.choose('Is the lower protection intended?', 'yes')
    await terminal.choose('What now?', 'abort')
    await terminal.ended
    expect(protectionOf('INC-2')?.lowered).toEqual(['the environment is no longer protected'])
    expect(oneLine(team.record('INC-2'))).toContain(
      'PROTECTION LOWERED since the previous run, as the operator was shown: the environment is no longer protected',
    )
    const again = await team.breakglass(...run('INC-3', '--yes'))
    expect(again).toMatchObject({ exit: 0, stdout: expect.not.stringContaining('PROTECTION LOWERED') })
  })

  test('whoever undoes meets it too', async () => {
    team.revoke()
    expect(await team.breakglass('undo', 'INC-3', '--yes', '--key', team.key('operator'))).toMatchObject({
      exit: 4,
      stderr: expect.stringContaining('keys are no longer revoked'),
    })
  })
})
