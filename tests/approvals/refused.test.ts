import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { afterEach, describe, expect, test } from 'vitest'
import { type ApprovalStatement, statementText } from '../../engine/approval/statement.ts'
import { everybody, makeTeam, principalOf } from './people.ts'

const team = await makeTeam()
const limit = { timeout: 240_000 }
const plan = await team.plan('plan.json', 'frontend-app')
const other = await team.plan('other.json', 'support-portal')
const by = {
  platform: await team.approve(plan, 'platform-1'),
  second: await team.approve(plan, 'platform-1-second'),
  security: await team.approve(plan, 'security-1'),
  both: await team.approve(plan, 'both-1'),
  operator: await team.approve(plan, 'operator'),
  outsider: await team.approve(plan, 'outsider'),
  other: await team.approve(other, 'platform-1'),
}
afterEach(() => {
  team.allow(everybody)
  team.revoke()
})

/** Runs the plan with approvals that must not be enough: nothing is changed or logged, and why is named. */
async function refuses(approvals: string[], why: string | RegExp, ...more: string[]): Promise<void> {
  const before = await team.changes()
  const { exit, stderr } = await team.run(plan, 'INC-refused', approvals, ...more)
  expect({ exit, stderr }).toMatchObject({ exit: 4, stderr: expect.stringMatching(why) })
  expect(await team.changes()).toEqual(before)
  expect(existsSync(team.at('logs/INC-refused'))).toBe(false)
}

/** Signs an approval of the plan by hand, so that it can say what `approve` never would. */
function forge(file: string, key: string, namespace: string, change: Partial<ApprovalStatement> = {}): string {
  const { signature: _, ...approval } = JSON.parse(readFileSync(team.at(by.platform), 'utf8'))
  const statement = { ...approval, ...change }
  const argv = ['-q', '-Y', 'sign', '-n', namespace, '-f', team.key(key)]
  const signature = execFileSync('ssh-keygen', argv, { input: statementText(statement), encoding: 'utf8' })
  writeFileSync(team.at(file), JSON.stringify({ ...statement, signature }))
  return file
}

const without = (person: string) => everybody.filter(({ key }) => key !== person)
const platform1 = principalOf('platform-1')

describe('an approval that does not count is refused', limit, () => {
  test('by the operator themselves, though the operator is of the group', () =>
    refuses([by.operator, by.security], /operator@team\.example is the operator; nobody can approve their own run/))

  test('by another key of the operator', async () => {
    team.allow([...without('platform-1'), { principal: principalOf('operator'), key: 'platform-1' }])
    await refuses([by.platform, by.security], /operator@team\.example is the operator/)
  })

  test("by the operator's key under another principal", async () => {
    team.allow([...everybody, { principal: principalOf('platform-2'), key: 'operator' }])
    await refuses([by.operator, by.security], /platform-2@team\.example is the operator/)
  })

  test('of another plan', () =>
    refuses(
      [by.other, by.security],
      new RegExp(`it approves another plan \\(${team.saved(other).id}\\); this one is ${team.saved(plan).id}`),
    ))

  test('of another plan that was given the same id', () => {
    const digest = `sha256:${'0'.repeat(64)}`
    const file = forge('digest.json', 'platform-1', 'breakglass-plan', { plan: { id: team.saved(plan).id, digest } })
    return refuses([file, by.security], new RegExp(`a plan with another digest \\(${digest}`))
  })

  test('by a key in a list of revoked keys', async () => {
    team.revoke('platform-1')
    await refuses([by.platform, by.security], /the key SHA256:\S+ is revoked/)
  })

  test('by a key in a KRL', async () => {
    execFileSync('ssh-keygen', ['-q', '-k', '-f', team.at('runbooks/revoked_keys'), `${team.key('platform-1')}.pub`])
    await refuses([by.platform, by.security], /the key SHA256:\S+ is revoked/)
  })

  test('by a key that has expired', async () => {
    const options = 'valid-before="20200101"'
    team.allow([...without('platform-1'), { principal: platform1, key: 'platform-1', options }])
    await refuses([by.platform, by.security], /the key SHA256:\S+ is not valid: key has expired/)
  })

  test('by a key that is not valid yet', async () => {
    const options = 'valid-after="29990101"'
    team.allow([...without('platform-1'), { principal: platform1, key: 'platform-1', options }])
    await refuses([by.platform, by.security], /the key SHA256:\S+ is not valid: key is not yet valid/)
  })

  test('by an unknown key', () =>
    refuses([by.outsider, by.security], /the key SHA256:\S+ is not among the allowed signers/))

  test('by a key that is allowed for other namespaces', async () => {
    const options = 'namespaces="git"'
    team.allow([...without('platform-1'), { principal: platform1, key: 'platform-1', options }])
    await refuses([by.platform, by.security], /key is not permitted for use in signature namespace/)
  })

  test('with a signature that was made for another namespace', () =>
    refuses([forge('git.json', 'platform-1', 'git'), by.security], /is for `git` instead of `breakglass-plan`/))

  test('with a text that was changed after it was signed', async () => {
    const text = readFileSync(team.at(by.platform), 'utf8')
    writeFileSync(team.at('changed.json'), text.replace(/"at": "20/, '"at": "19'))
    await refuses(['changed.json', by.security], /it was changed after it was signed/)
  })

  test('with something else in place of the signature', async () => {
    const approval = JSON.parse(readFileSync(team.at(by.platform), 'utf8'))
    writeFileSync(team.at('unsigned.json'), JSON.stringify({ ...approval, signature: 'yes' }))
    await refuses(['unsigned.json', by.security], /is not an SSH signature/)
  })

  test('that was made before its plan, by its own account', () => {
    const file = forge('early.json', 'platform-1', 'breakglass-plan', { at: '2020-01-01T00:00:00.000Z' })
    return refuses([file, by.security], /before the plan .*one of the clocks is wrong/)
  })

  test('by the same person twice', () =>
    refuses([by.platform, by.platform, by.security], /platform-1@team\.example already approved/))

  test('by the same person with two keys', () =>
    refuses([by.platform, by.second, by.security], /platform-1@team\.example already approved/))

  test('by somebody who is in no group', async () => {
    team.allow([...everybody, { principal: principalOf('outsider'), key: 'outsider' }])
    await refuses([by.outsider, by.security], /outsider@team\.example is in no group of approvers/)
  })

  test('that is no approval at all', async () => {
    writeFileSync(team.at('note.json'), '{"approved": true}')
    await refuses(['note.json'], /note\.json is not an approval/)
    await refuses([plan], /plan\.json is not an approval/)
  })
})

describe('too few approvals are refused', limit, () => {
  test.each([
    ['one group short', [by.platform], /lacks approval by 1 from security/],
    ['the other group short', [by.security], /lacks approval by 1 from platform/],
    ['one person who is in both groups stands for one of them', [by.both], /lacks approval by 1 from security/],
  ])('%s', (_, approvals, why) => refuses(approvals, why))

  test('none at all', () => refuses([], /prod is protected, so --yes is not enough/i))

  test('a reason to go on alone is not enough where nobody is asked', () =>
    refuses([by.platform], /--override and --yes together are not enough/, '--override', 'nobody answers'))
})

describe('an operator who cannot be told is refused', limit, () => {
  const approvals = [by.platform, by.security]

  test('with an unknown key', () =>
    refuses(
      approvals,
      /your signature does not count: the key SHA256:\S+ is not among the allowed signers/,
      '--key',
      team.key('outsider'),
    ))

  test('with a revoked key', async () => {
    team.revoke('operator')
    await refuses(approvals, /your signature does not count: the key SHA256:\S+ is revoked/)
  })

  test('with no key at all', async () => {
    const told = ['run', '--plan', plan, '--incident', 'INC-refused', '--reason', 'r', '--yes', '--policy']
    const ended = await team.breakglass(...told, ...approvals.flatMap((file) => ['--approval', file]))
    expect(ended).toMatchObject({ exit: 4, stderr: expect.stringContaining('no SSH key to sign with') })
  })
})

test('a policy whose files are not there, or not as they must be, lets nobody through', limit, async () => {
  writeFileSync(team.at('runbooks/revoked_keys'), `# none\n${team.publicKey('outsider')}\nSHA256:abc\n`)
  await refuses(
    [by.platform, by.security],
    /cannot read the policy's file runbooks\/revoked_keys: line 3 is not a public key/,
  )
  rmSync(team.at('runbooks/revoked_keys'))
  await refuses([by.platform, by.security], /cannot read the policy's file runbooks\/revoked_keys/i)
})

test('approvals are for a saved plan', limit, async () => {
  const told = ['run', 'access-posture', '--env', 'prod', '--incident', 'INC-refused', '--reason', 'r', '--yes']
  const ended = await team.breakglass(...told, '--approval', by.platform)
  expect(ended).toMatchObject({ exit: 2, stderr: expect.stringContaining('--approval is for a saved plan') })
})

test('a plan whose files are not as mine is not there to be approved', limit, async () => {
  const inventory = readFileSync(team.at('runbooks/inventory.yaml'), 'utf8')
  writeFileSync(
    team.at('runbooks/inventory.yaml'),
    inventory.replace('{ platform: 1, security: 1 }', '{ platform: 1 }'),
  )
  const ended = await team.breakglass('approve', plan, '--key', team.key('platform-1'), '--out', 'no.json')
  expect(ended).toMatchObject({ exit: 4, stderr: expect.stringMatching(/inventory jualuma .*sha256:\w{64} → sha256/) })
  writeFileSync(team.at('runbooks/inventory.yaml'), inventory)
  expect(existsSync(team.at('no.json'))).toBe(false)
})
