import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import canonicalize from 'canonicalize'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Statement, statementText } from '../../engine/approval/statement.ts'
import type { Entry } from '../../engine/audit/entry.ts'
import { planDigest } from '../../engine/plan/digest.ts'
import { inOrder } from '../in-order.ts'
import { ofType, sectionOf } from '../incident/cli.ts'
import { sit } from '../terminal/held-terminal.ts'
import { everybody, makeTeam, principalOf } from './people.ts'

inOrder()

const team = await makeTeam()
const limit = { timeout: 240_000 }
const log = (incident: string) => readFileSync(team.at(`logs/${incident}/audit.jsonl`), 'utf8')
const key = (person: string) => ['--key', team.key(person)]
const without = (person: string) => everybody.filter((each) => each.key !== person)
let plan: string

/** Begins the approved plan at the terminal and aborts before the first change: there is a run to go on with. */
async function begin(incident: string, approvals: string[]): Promise<void> {
  const files = approvals.flatMap((file) => ['--approval', file])
  const argv = [
    'run',
    '--plan',
    plan,
    '--incident',
    incident,
    '--reason',
    'r',
    '--policy',
    ...key('operator'),
    ...files,
  ]
  const terminal = sit(team, argv, 100)
  await terminal.type('Project id', 'jualuma-prod')
  await terminal.choose('What now?', 'abort')
  expect((await terminal.ended).exitCode).toBe(4)
}

beforeAll(async () => {
  plan = await team.plan('plan.json', 'frontend-app')
  await begin('INC-1', [await team.approve(plan, 'platform-1'), await team.approve(plan, 'security-1')])
}, 240_000)

afterEach(() => {
  team.allow(everybody)
  team.revoke()
})

/** Goes on with a run unasked where that must not pass: nothing is changed or logged, and why is named. */
async function refusesResume(incident: string, why: RegExp, ...more: string[]): Promise<void> {
  const [changes, lines] = [await team.changes(), log(incident)]
  const { exit, stdout, stderr } = await team.breakglass('resume', incident, '--yes', '--policy', ...more)
  expect({ exit, said: stdout + stderr }).toMatchObject({ exit: 4, said: expect.stringMatching(why) })
  expect(await team.changes()).toEqual(changes)
  expect(log(incident)).toBe(lines)
}

/** The same for a log that somebody has changed: in the folder of logs that `forged` has made. */
async function refusesForged(exit: number, why: RegExp, ...more: string[]): Promise<void> {
  const [changes, lines] = [await team.changes(), readFileSync(team.at('forged/INC-1/audit.jsonl'), 'utf8')]
  const argv = ['resume', 'INC-1', '--logs', 'forged', '--yes', '--policy', ...key('operator'), ...more]
  const { exit: ended, stdout, stderr } = await team.breakglass(...argv)
  expect({ exit: ended, said: stdout + stderr }).toMatchObject({ exit, said: expect.stringMatching(why) })
  expect(await team.changes()).toEqual(changes)
  expect(readFileSync(team.at('forged/INC-1/audit.jsonl'), 'utf8')).toBe(lines)
}

/** What `audit verify` says of the log that `forged` has made. */
const verified = () => team.breakglass('audit', 'verify', 'INC-1', '--logs', 'forged')

/** A copy of the incident's folder, in another folder of logs, whose log somebody has changed and chained anew. */
function forged(change: (entry: Entry) => Entry[]): void {
  rmSync(team.at('forged'), { recursive: true, force: true })
  cpSync(team.at('logs/INC-1'), team.at('forged/INC-1'), { recursive: true })
  for (const name of ['checkpoints', 'record.md'])
    rmSync(team.at(`forged/INC-1/${name}`), { recursive: true, force: true })
  let prev = '0'.repeat(64)
  const lines = team
    .entries('INC-1')
    .flatMap(change)
    .map((entry, index) => {
      const line = canonicalize({ ...entry, seq: index + 1, prev }) ?? ''
      prev = createHash('sha256').update(line).digest('hex')
      return `${line}\n`
    })
  writeFileSync(team.at('forged/INC-1/audit.jsonl'), lines.join(''))
}

/** A list of signers in which the outsider's key is each approver's. */
const forgedSigners = (): string =>
  [principalOf('platform-1'), principalOf('security-1')]
    .map((principal) => `${principal} ${team.publicKey('outsider')}\n`)
    .join('')

/** Keeps that list beside the log that `forged` has made. */
function keepForgedSigners(): void {
  writeFileSync(team.at(`forged/INC-1/sources/${sha256(forgedSigners())}`), forgedSigners())
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

/** Signs a statement by hand. */
const signedBy = (person: string, statement: Statement): string =>
  execFileSync('ssh-keygen', ['-q', '-Y', 'sign', '-n', 'breakglass-plan', '-f', team.key(person)], {
    input: statementText(statement),
    encoding: 'utf8',
  })

/** An approval that the outsider has signed as its approver, with a list that says so: all that lies beside a log fits. */
function approvedByOutsider(entry: Extract<Entry, { type: 'plan.approved' }>): void {
  const { body } = entry
  body.signature = signedBy('outsider', body.statement)
  body.key = execFileSync('ssh-keygen', ['-l', '-f', `${team.key('outsider')}.pub`], { encoding: 'utf8' }).split(
    ' ',
  )[1]!
  body.principals = [principalOf('platform-1'), principalOf('security-1')]
  body.checkedWith = { allowedSigners: `sha256:${sha256(forgedSigners())}` }
}

describe('whoever goes on with an approved run passes the gate as of now, and is refused', limit, () => {
  test('with an approval whose key was revoked since', async () => {
    team.revoke('platform-1')
    const why =
      /no longer counts: the key SHA256:\S+ is revoked[\s\S]*lacks approval by 1 from platform; nothing was changed/
    await refusesResume('INC-1', why, ...key('operator'))
  })

  test.each([
    ['has expired', 'valid-before="20200101"', /key has expired/],
    ['is not valid yet', 'valid-after="29990101"', /key is not yet valid/],
    ['is for another namespace', 'namespaces="git"', /not permitted for use in signature namespace/],
  ])('with an approval whose key %s by now', async (_, options, why) => {
    team.allow([...without('security-1'), { principal: principalOf('security-1'), key: 'security-1', options }])
    await refusesResume('INC-1', why, ...key('operator'))
    await refusesResume('INC-1', /lacks approval by 1 from security/, ...key('operator'))
  })

  test('with an approval by a key that is no longer among the allowed signers', async () => {
    team.allow(without('security-1'))
    await refusesResume(
      'INC-1',
      /no longer counts: the key SHA256:\S+ is not among the allowed signers/,
      ...key('operator'),
    )
  })

  test('as the one who approved', () =>
    refusesResume(
      'INC-1',
      /platform-1@team\.example is the operator; nobody can approve their own/,
      ...key('platform-1'),
    ))

  test('as the one who approved, with their other key', () =>
    refusesResume('INC-1', /platform-1@team\.example is the operator/, ...key('platform-1-second')))

  test('as somebody who cannot be told', () =>
    refusesResume(
      'INC-1',
      /your signature does not count: the key SHA256:\S+ is not among the allowed signers/,
      ...key('outsider'),
    ))

  test('where the same person approves twice, in the log and in a file', async () => {
    team.revoke('security-1')
    const second = await team.approve(plan, 'platform-1-second')
    await refusesResume('INC-1', /has approved already|lacks approval/, ...key('operator'), '--approval', second)
  })

  test('with a saved plan whose time is up', async () => {
    const shift =
      'const D=Date,s=7200000;globalThis.Date=class extends D{constructor(...a){a.length?super(...a):super(D.now()+s)}static now(){return D.now()+s}}'
    const later = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(shift)}` }
    const argv = ['resume', 'INC-1', '--yes', '--policy', ...key('operator')]
    expect(await team.breakglassIn(later, ...argv)).toMatchObject({
      exit: 4,
      stderr: expect.stringMatching(/the plan plan-\w+ expired at/i),
    })
  })

  test('alone and unasked in a protected environment', () => {
    team.revoke('platform-1')
    return refusesResume('INC-1', /--override and --yes together are not enough/, ...key('operator'), '--override', 'x')
  })
})

describe("a copied incident's folder lets nobody through", limit, () => {
  test('whose approvals somebody else has signed', async () => {
    forged((entry) => {
      if (entry.type === 'plan.approved') entry.body.signature = signedBy('outsider', entry.body.statement)
      return [entry]
    })
    await refusesForged(
      1,
      /the signature in entry \d+ \(plan\.approved\) does not count: the key SHA256:\S+ is not among the allowed signers/,
    )
  })

  test('whose approvals somebody else has signed, with a list of signers beside the log that has them', async () => {
    forged((entry) => {
      if (entry.type === 'plan.approved') approvedByOutsider(entry)
      return [entry]
    })
    keepForgedSigners()
    expect(await verified()).toMatchObject({ exit: 0 })
    await refusesForged(4, /no longer counts: the key SHA256:\S+ is not among the allowed signers/)
  })

  test('in which the operator is said to have gone on alone', async () => {
    forged((entry) => {
      if (entry.type !== 'plan.approved') return [entry]
      const body = { by: principalOf('operator'), reason: 'nobody answers', lacking: [] }
      return [{ ...entry, type: 'policy.overridden', body } as Entry]
    })
    expect(await verified()).toMatchObject({ exit: 0 })
    await refusesForged(4, /prod is protected, so --yes is not enough|lacks approval/i)
  })

  test('whose plan is another than the one that was approved', async () => {
    forged((entry) => {
      if (entry.type === 'plan.made') {
        for (const step of entry.body.plan.steps) step.risk = 'low'
        entry.body.digest = planDigest(entry.body.plan)
      }
      return [entry]
    })
    expect(await verified()).toMatchObject({ exit: 0 })
    await refusesForged(4, /the log of run-\w+ does not match the saved plan plan-\w+/i)
  })

  test('whose approvals were given to another plan', async () => {
    const other = await team.plan('other.json', 'support-portal')
    const { id, digest } = team.saved(other)
    const ofAnother = (entry: Entry) => {
      if (entry.type === 'run.opened' && entry.body.savedPlan) Object.assign(entry.body.savedPlan, { id, digest })
      return entry
    }
    forged((entry) => [ofAnother(entry)])
    const misplaced =
      /the signature in entry \d+ \([\w.]+\) does not count: it (is for another|approves a different) plan/
    await refusesForged(1, misplaced)
    await refusesForged(1, misplaced, '--plan', other)

    // By the operator, who signs for the other plan as themselves: only the approvals are not genuine.
    forged((entry) => {
      ofAnother(entry)
      if (entry.type === 'operator.identified' && entry.body.statement.kind === 'Operator') {
        entry.body.statement.digest = digest
        entry.body.signature = signedBy('operator', entry.body.statement)
      }
      if (entry.type === 'plan.approved' && entry.body.statement.kind === 'Approval') {
        Object.assign(entry.body.statement.plan, { id, digest })
        approvedByOutsider(entry)
      }
      return [entry]
    })
    keepForgedSigners()
    expect(await verified()).toMatchObject({ exit: 0 })
    await refusesForged(4, /which is not in the log's folder/)
    await refusesForged(4, /does not match the saved plan/, '--plan', other)
  })

  test('and it is not called verified', async () => {
    const shown = await team.breakglass('audit', 'show', 'INC-1')
    expect(
      shown.stdout.match(/plan\.approved .*signature verified just now with the list that the run used/g),
    ).toHaveLength(2)
    forged((entry) => {
      if (entry.type === 'plan.approved') entry.body.signature = signedBy('outsider', entry.body.statement)
      return [entry]
    })
    const show = async () => (await team.breakglass('audit', 'show', 'INC-1', '--logs', 'forged')).stdout
    expect(await show()).toMatch(
      /plan\.approved .*the signature does NOT count: the key SHA256:\S+ is not among the allowed signers/,
    )
    for (const format of [[], ['--format', 'html']])
      expect(await team.breakglass('record', 'INC-1', '--logs', 'forged', ...format)).toMatchObject({
        exit: 1,
        stdout: '',
        stderr: expect.stringMatching(
          /\(plan\.approved\) does not count: the key SHA256:\S+ is not among the allowed signers/,
        ),
      })
    rmSync(team.at('forged/INC-1/sources'), { recursive: true })
    expect(await show()).toMatch(/plan\.approved .*, not checked here/)
    const record = await team.breakglass('record', 'INC-1', '--logs', 'forged')
    const consents = sectionOf(record.stdout, 'Consent and Approvals')
    expect(consents).not.toMatch(/verified just now/)
    expect(consents).toMatch(/approved the plan for platform .*recorded as verified at \S+, not checked here/)
  })
})

test(
  'a further approval in place of one that no longer counts is enough, and the log says which counted',
  limit,
  async () => {
    team.revoke('platform-1')
    const further = await team.approve(plan, 'platform-2')
    const argv = ['resume', 'INC-1', '--yes', '--policy', ...key('operator'), '--approval', further]
    const ended = await team.breakglass(...argv)
    expect(ended).toMatchObject({ exit: 0, stderr: '' })
    const entries = team.entries('INC-1')
    const [resumed] = ofType(entries, 'run.resumed')
    const security = ofType(entries, 'plan.approved').find(({ body }) => body.group === 'security')
    expect(resumed?.body.protection?.approvals).toEqual([security?.seq])
    expect(ofType(entries, 'operator.identified')).toHaveLength(2)
    expect((await team.breakglass('audit', 'verify', 'INC-1')).exit).toBe(0)
  },
)

describe('an undo passes the same gate', limit, () => {
  // As it was for the run before: a key that is no longer revoked would be a lower protection.
  beforeEach(() => team.revoke('platform-1'))

  test('in the terminal it is asked for, and signed for by whoever goes on alone', async () => {
    const changes = await team.changes()
    const stopped = sit(team, ['undo', 'INC-1', ...key('platform-2')], 100)
    await stopped.waitFor('This plan lacks approval by 1 from platform and 1 from security.')
    await stopped.choose('What now?', 'stop and have')
    expect((await stopped.ended).exitCode).toBe(4)
    expect(await team.changes()).toEqual(changes)
    expect(ofType(team.entries('INC-1'), 'run.opened')).toHaveLength(1)

    const alone = sit(team, ['undo', 'INC-1', ...key('platform-2'), '--override', 'it made things worse'], 100)
    await alone.waitFor('SOLO OVERRIDE: platform-2@team.example changes prod without approval')
    await alone.type('Project id', 'jualuma-prod')
    await alone.choose('What now?', 'abort')
    await alone.ended
    const undo = ofType(team.entries('INC-1'), 'run.opened').at(-1)
    const own = team.entries('INC-1').filter(({ run }) => run === undo?.run)
    expect(undo?.body.undoes).toHaveLength(4)
    expect(ofType(own, 'operator.identified')[0]?.body.principals).toEqual([principalOf('platform-2')])
    expect(ofType(own, 'policy.overridden')[0]?.body.reason).toBe('it made things worse')
  })

  test('so does whoever goes on with an undo: what was done alone before is no consent', async () => {
    const why = /prod is protected, so --yes is not enough/i
    await refusesResume('INC-1', why, ...key('operator'))
    const terminal = sit(team, ['resume', 'INC-1', ...key('operator')], 100)
    await terminal.waitFor('This plan lacks approval by 1 from platform and 1 from security.')
    await terminal.choose('What now?', 'go ahead alone')
    await terminal.type('Why can nobody else be asked?', 'still nobody')
    await terminal.type('Project id', 'jualuma-prod')
    await terminal.choose('What now?', 'abort')
    await terminal.ended
    const overrides = ofType(team.entries('INC-1'), 'policy.overridden')
    expect(overrides.map(({ body }) => body.by)).toEqual([principalOf('platform-2'), principalOf('operator')])
    const record = team.record('INC-1')
    expect(sectionOf(record, 'Open Action Items').match(/countersigns the solo override/g)).toHaveLength(2)
  })

  test('nobody who went on with a run countersigns what was done alone in it; each override is countersigned', async () => {
    expect(await team.breakglass('countersign', 'INC-1', ...key('platform-2'))).toMatchObject({
      exit: 4,
      stderr: expect.stringMatching(
        /platform-2@team\.example is the operator[\s\S]*platform-2@team\.example is the operator/,
      ),
    })
    expect((await team.breakglass('countersign', 'INC-1', ...key('security-1'))).exit).toBe(0)
    expect(ofType(team.entries('INC-1'), 'override.countersigned')).toHaveLength(2)
    expect(team.record('INC-1')).not.toContain('Open Action Items')
    expect((await team.breakglass('audit', 'verify', 'INC-1')).exit).toBe(0)
  })
})

test('undoing the last change in the middle of an approved run passes the gate too', limit, async () => {
  team.revoke('platform-1')
  const services = 'support-portal,marketing-site'
  const argv = ['plan', 'access-posture', '--env', 'prod', '--input', `services=${services}`, '--out', 'two.json']
  expect((await team.breakglass(...argv)).exit).toBe(0)
  const approvals = [await team.approve('two.json', 'platform-2'), await team.approve('two.json', 'security-1')]
  const run = ['run', '--plan', 'two.json', '--incident', 'INC-2', '--reason', 'r', '--policy', ...key('operator')]
  const terminal = sit(team, [...run, ...approvals.flatMap((file) => ['--approval', file])], 100)
  await terminal.type('Project id', 'jualuma-prod')
  await terminal.apply('high')
  await terminal.choose('What now?', 'undo the last')
  await terminal.waitFor('This plan lacks approval by 1 from platform and 1 from security.')
  await terminal.choose('What now?', 'stop and have')
  await terminal.choose('What now?', 'undo the last')
  await terminal.choose('What now?', 'go ahead alone')
  await terminal.type('Why can nobody else be asked?', 'it is night')
  await terminal.apply('high')
  await terminal.choose('What now?', 'abort')
  await terminal.ended
  const entries = team.entries('INC-2')
  const inner = ofType(entries, 'run.opened').filter(({ body }) => body.within)
  expect(inner.map(({ run }) => ofType(entries, 'run.closed').find((end) => end.run === run)?.body.ending)).toEqual([
    'declined',
    'done',
  ])
  expect(ofType(entries, 'policy.overridden').map(({ run }) => run)).toEqual([inner[1]?.run])
})
