import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import canonicalize from 'canonicalize'
import { beforeAll, expect, test } from 'vitest'
import type { Entry } from '../../engine/audit/entry.ts'
import { inOrder } from '../in-order.ts'
import { ofType } from '../incident/cli.ts'
import { makeTeam, principalOf } from './people.ts'

inOrder()

const team = await makeTeam()
const limit = { timeout: 240_000 }
const folder = (incident: string) => team.at(`logs/${incident}`)
/** Copies of incidents lie apart, since a log is only of the incident whose folder it is in. */
const copies = team.at('copies')
const oneLine = (text: string) => text.replaceAll(/\s+/g, ' ')

/** Verifies as machines do. */
async function verified(given: string, ...more: string[]) {
  const { exit, stdout } = await team.breakglass('audit', 'verify', given, '--json', ...more)
  return {
    exit,
    ...(JSON.parse(stdout) as {
      wrong: string[]
      people: { by: { entry: number; who: string }[]; unchecked: string[] }
    }),
  }
}

beforeAll(async () => {
  const inventory = readFileSync(team.at('runbooks/inventory.yaml'), 'utf8')
  writeFileSync(team.at('runbooks/inventory.yaml'), inventory.replace('protected: true', 'protected: false'))
  for (const incident of ['INC-2', 'INC-3']) {
    const service = incident === 'INC-2' ? 'frontend-app' : 'marketing-site'
    await team.breakglass(
      ...[
        'run',
        'access-posture',
        '--env',
        'prod',
        '--input',
        `services=${service}`,
        '--policy',
        '--incident',
        incident,
      ],
      ...['--reason', 'r', '--key', team.key('operator'), '--yes', '--override', 'the others are asleep'],
    )
  }
  writeFileSync(team.at('runbooks/inventory.yaml'), inventory)
  const plan = await team.plan('plan-1', 'support-portal')
  const approvals = [await team.approve(plan, 'platform-1'), await team.approve(plan, 'security-1')]
  const ended = await team.run(plan, 'INC-1', approvals)
  expect(ended.exit, ended.stdout + ended.stderr).toBe(0)
  expect((await team.breakglass('countersign', 'INC-2', '--key', team.key('platform-1'))).exit).toBe(0)
}, 240_000)

test(
  'the log says who signed, and verify finds that out itself: whose, for what, when, by which list',
  limit,
  async () => {
    const { exit, stdout } = await team.breakglass('audit', 'verify', 'INC-1')
    expect(exit).toBe(0)
    for (const [as, person] of [
      ['Operator', 'operator'],
      ['Approved', 'platform-1'],
      ['Approved', 'security-1'],
    ] as const)
      expect(oneLine(stdout)).toMatch(
        new RegExp(
          `${as} in entry \\d+: signed by ${principalOf(person)} with SHA256:\\S+ \\(breakglass-plan\\), as of \\S+, according to the list that the run used`,
        ),
      )
    expect((await verified('INC-2')).people.by.map(({ who }) => who)).toEqual([
      principalOf('operator'),
      principalOf('platform-1'),
    ])
  },
)

test('the same with a list of one’s own, and from an archive elsewhere', limit, async () => {
  const list = team.at('own-signers')
  writeFileSync(
    list,
    ['operator', 'platform-1', 'security-1'].map((name) => `${name}@mine ${team.publicKey(name)}\n`).join(''),
  )
  const mine = await verified('INC-2', '--allowed-signers', list)
  expect(mine.people.by.map(({ who }) => who)).toEqual(['operator@mine', 'platform-1@mine'])
  await team.breakglass('audit', 'export', 'INC-1', '--out', 'INC-1.tar')
  const packed = await verified('INC-1.tar')
  expect({ exit: packed.exit, who: packed.people.by.length, unchecked: packed.people.unchecked }).toEqual({
    exit: 0,
    who: 3,
    unchecked: [],
  })
})

test('somebody who is not on one’s own list is found', limit, async () => {
  const list = team.at('short-list')
  writeFileSync(list, ['operator', 'platform-1'].map((name) => `${name}@mine ${team.publicKey(name)}\n`).join(''))
  const { exit, wrong } = await verified('INC-1', '--allowed-signers', list)
  expect(exit).toBe(1)
  expect(wrong).toContainEqual(
    expect.stringMatching(
      /^the signature in entry \d+ \(plan\.approved\) does not count: the key \S+ is not among the allowed signers/,
    ),
  )
})

test('a key that has expired since counts as of the time that the statement says', limit, async () => {
  const list = team.at('expired')
  const line = (name: string, until: string) => `${name}@mine valid-before="${until}" ${team.publicKey(name)}\n`
  const tomorrow = new Date(Date.now() + 864e5).toISOString().slice(0, 10).replaceAll('-', '')
  writeFileSync(list, ['operator', 'platform-1'].map((name) => line(name, tomorrow)).join(''))
  expect(await verified('INC-2', '--allowed-signers', list)).toMatchObject({ people: { by: [{}, {}] } })
  writeFileSync(list, line('operator', tomorrow) + line('platform-1', '20200101'))
  const { wrong } = await verified('INC-2', '--allowed-signers', list)
  expect(wrong).toContainEqual(expect.stringMatching(/override\.countersigned\) does not count: .*expired/))
})

test('without a list it says whose signature can’t be told, and still finds one that is broken', limit, async () => {
  cpSync(folder('INC-1'), `${copies}/INC-1`, { recursive: true })
  rmSync(`${copies}/INC-1/sources`, { recursive: true })
  const { people, wrong } = await verified('INC-1', '--logs', copies)
  expect(people.by).toEqual([])
  expect(people.unchecked).toHaveLength(3)
  expect(wrong.filter((text) => text.includes('signature in entry'))).toEqual([])
  expect(
    signatureFlaws(
      await changed(
        'INC-1',
        (entry) => {
          if (entry.type === 'plan.approved') entry.body.statement.at = '2020-01-01T00:00:00.000Z'
        },
        'without sources',
      ),
    ),
  ).toEqual([expect.stringContaining('does not match its text'), expect.stringContaining('does not match its text')])
})

/** A copy of an incident whose log somebody without the keys has changed and chained anew, as verify sees it. */
async function changed(incident: string, change: (entry: Entry) => void, sources = 'with sources') {
  const copy = `${copies}/${incident}`
  rmSync(copy, { recursive: true, force: true })
  cpSync(folder(incident), copy, { recursive: true })
  rmSync(`${copy}/checkpoints`, { recursive: true })
  if (sources === 'without sources') rmSync(`${copy}/sources`, { recursive: true })
  let prev = '0'.repeat(64)
  const lines = team.entries(incident).map((entry) => {
    change(entry)
    const line = canonicalize({ ...entry, prev }) ?? ''
    prev = createHash('sha256').update(line).digest('hex')
    return `${line}\n`
  })
  writeFileSync(`${copy}/audit.jsonl`, lines.join(''))
  const found = await verified(incident, '--logs', copies)
  expect(found.wrong.filter((text) => !text.includes('signature in entry'))).toEqual([])
  return found
}

const signatureFlaws = ({ wrong }: { wrong: string[] }) => wrong.map((text) => text.replace(/^.*does not count: /, ''))

test.each<[string, string, (entry: Entry) => void, RegExp]>([
  [
    'another time in an approval',
    'INC-1',
    (entry) => {
      if (entry.type === 'plan.approved') entry.body.statement.at = '2020-01-01T00:00:00.000Z'
    },
    /does not match its text/,
  ],
  [
    'another name beside a signature',
    'INC-1',
    (entry) => {
      if (entry.type === 'plan.approved') entry.body.principals = [principalOf('platform-2')]
    },
    /it is by platform-1@team\.example, but the entry says platform-2@team\.example/,
  ],
  [
    'another key beside a signature',
    'INC-1',
    (entry) => {
      if (entry.type === 'plan.approved') entry.body.key = 'SHA256:another'
    },
    /but the entry says SHA256:another/,
  ],
  [
    'an approval that the operator has signed',
    'INC-1',
    (entry) => {
      if (entry.type !== 'plan.approved') return
      const argv = ['-q', '-Y', 'sign', '-n', 'breakglass-plan', '-f', team.key('operator')]
      const input = canonicalize(entry.body.statement) ?? ''
      entry.body.signature = execFileSync('ssh-keygen', argv, { input, encoding: 'utf8' })
      const [own] = ofType(team.entries('INC-1'), 'operator.identified')
      Object.assign(entry.body, { principals: own?.body.principals, key: own?.body.key })
    },
    /operator@team\.example is the operator; nobody can consent to their own run/,
  ],
  [
    'a plan that nobody approved',
    'INC-1',
    (entry) => {
      if (entry.type === 'run.opened' && entry.body.savedPlan) entry.body.savedPlan.digest = `sha256:${'0'.repeat(64)}`
    },
    /approves a different plan/,
  ],
  [
    'the operator of another run',
    'INC-2',
    (entry) => {
      const other = ofType(team.entries('INC-3'), 'operator.identified')[0]
      if (entry.type === 'operator.identified' && other) entry.body = other.body
    },
    /is for another run/,
  ],
  [
    'a countersigned override with another reason',
    'INC-2',
    (entry) => {
      if (entry.type === 'policy.overridden') entry.body.reason = 'a better one'
    },
    /is for another override/,
  ],
  [
    'a countersigned log with another beginning',
    'INC-2',
    (entry) => {
      if (entry.type === 'step.outcome') entry.body.durationMs += 1
    },
    /does not match the log as it was at that time/,
  ],
])('found in a log that was chained anew: %s', limit, async (_, incident, change, says) => {
  const found = await changed(incident, change)
  expect(found.exit).toBe(1)
  expect(signatureFlaws(found)).toContainEqual(expect.stringMatching(says))
})

test('the lists that signatures were checked with lie beside the log, under their digests', () => {
  const names = readdirSync(`${folder('INC-1')}/sources`)
  for (const { body } of ofType(team.entries('INC-1'), 'plan.approved'))
    for (const digest of Object.values(body.checkedWith)) expect(names).toContain(digest.slice('sha256:'.length))
})
