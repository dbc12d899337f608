import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { verifyLog } from '../../engine/audit/verify.ts'
import { inOrder } from '../in-order.ts'
import { ofType, sectionOf } from '../incident/cli.ts'
import { main } from '../saved-plans/sandbox-desk.ts'
import { holdTerminal } from '../terminal/held-terminal.ts'
import { makeTeam, principalOf } from './people.ts'

inOrder()

const team = await makeTeam()
const limit = { timeout: 240_000 }
const check = ['check', 'access-posture', '--env', 'prod', '--input', 'services=frontend-app']
const record = (incident: string) => readFileSync(team.at(`logs/${incident}/record.md`), 'utf8')
const run = (incident: string, ...more: string[]) => [
  ...['run', 'access-posture', '--env', 'prod', '--input', 'services=frontend-app', '--policy'],
  ...['--incident', incident, '--reason', 'r', '--key', team.key('operator'), ...more],
]
const countersign = (incident: string, person: string) =>
  team.breakglass('countersign', incident, '--key', team.key(person))

/** The operator's terminal, `breakglass` in it. */
const sit = (argv: string[]) =>
  holdTerminal([process.execPath, main, ...argv], {
    columns: 100,
    cwd: team.folder,
    environment: { ...team.environment, TERM: 'xterm-256color' },
  })

test('a person at the terminal is asked, and can stop there', limit, async () => {
  const terminal = sit(run('INC-stop'))
  await terminal.waitFor('This plan lacks approval by 1 from platform and 1 from security.')
  await terminal.choose('What now?', 'stop and have')
  await terminal.waitFor('the plan lacks approval by 1 from platform and 1 from security; nothing was changed')
  expect((await terminal.ended).exitCode).toBe(4)
  expect(await team.changes()).toEqual([])
  expect(existsSync(team.at('logs/INC-stop'))).toBe(false)
})

test('a person at the terminal goes on alone with a typed reason, loudly', limit, async () => {
  const terminal = sit(run('INC-typed'))
  await terminal.choose('What now?', 'go ahead alone')
  await terminal.type('Why can nobody else be asked?', 'nobody answers')
  await terminal.waitFor('SOLO OVERRIDE: operator@team.example changes prod without approval by 1 from platform')
  await terminal.type('Project id', 'jualuma-prod')
  await terminal.choose('What now?', 'abort')
  expect((await terminal.ended).exitCode).toBe(4)
  const [override] = ofType(team.entries('INC-typed'), 'policy.overridden')
  expect(override?.body).toMatchObject({ by: principalOf('operator'), reason: 'nobody answers' })
  expect(ofType(team.entries('INC-typed'), 'environment.entered')).toHaveLength(1)
})

test('what was done alone is open in record and check until somebody else has countersigned', {
  timeout: 240_000,
}, async () => {
  const inventory = readFileSync(team.at('runbooks/inventory.yaml'), 'utf8')
  writeFileSync(team.at('runbooks/inventory.yaml'), inventory.replace('protected: true', 'protected: false'))
  const terminal = sit(run('INC-lowered', '--override', 'nobody answers'))
  await terminal.waitFor('PROTECTION LOWERED')
  await terminal.choose('Is the lower protection intended?', 'yes')
  await terminal.choose('What now?', 'abort')
  expect((await terminal.ended).exitCode).toBe(4)
  const ended = await team.breakglass(...run('INC-1', '--yes', '--override', 'the others are asleep'))
  expect(ended).toMatchObject({ exit: 0, stdout: expect.stringContaining('SOLO OVERRIDE: operator@team.example') })
  const [overridden] = ofType(team.entries('INC-1'), 'policy.overridden')
  expect(overridden?.body).toEqual({
    by: principalOf('operator'),
    reason: 'the others are asleep',
    lacking: [
      { group: 'platform', needs: 1, has: 0 },
      { group: 'security', needs: 1, has: 0 },
    ],
  })
  expect(sectionOf(record('INC-1'), 'Open Action Items')).toContain('breakglass countersign INC-1')
  expect(sectionOf(record('INC-1'), 'Consent and Approvals')).toContain(
    'SOLO OVERRIDE: `operator@team.example` proceeded without',
  )
  const open = await team.breakglass(...check)
  expect(open).toMatchObject({
    exit: 0,
    stdout: expect.stringMatching(/^open +INC-1, .*Owed: breakglass countersign INC-1/m),
  })
  const told = JSON.parse((await team.breakglass(...check, '--json')).stdout)
  expect(told.open).toContainEqual(expect.objectContaining({ incident: 'INC-1', run: overridden?.run }))

  const log = readFileSync(team.at('logs/INC-1/audit.jsonl'))
  for (const [person, why] of [
    ['operator', /operator@team\.example is the operator, and nobody countersigns their own run/],
    ['outsider', /the key SHA256:\S+ is not among the allowed signers/],
  ] as const)
    expect(await countersign('INC-1', person)).toMatchObject({ exit: 4, stderr: expect.stringMatching(why) })
  team.revoke('security-1')
  expect(await countersign('INC-1', 'security-1')).toMatchObject({
    exit: 4,
    stderr: expect.stringContaining('is revoked'),
  })
  team.revoke()
  expect(readFileSync(team.at('logs/INC-1/audit.jsonl'))).toEqual(log)

  const signed = await countersign('INC-1', 'security-1')
  expect(signed).toMatchObject({ exit: 0, stdout: expect.stringContaining('Countersigned by security-1@team.example') })
  expect(signed.stdout).toContain('the others are asleep')
  const after = verifyLog(readFileSync(team.at('logs/INC-1/audit.jsonl')))
  expect(after.damage).toEqual([])
  const [event] = ofType(after.entries, 'override.countersigned')
  expect(event?.run).toBe(overridden?.run)
  expect(event?.body.statement).toMatchObject({
    kind: 'Countersignature',
    incident: 'INC-1',
    override: { seq: overridden?.seq },
    log: { size: after.size - 1 },
  })
  expect(record('INC-1')).not.toContain('Open Action Items')
  expect(sectionOf(record('INC-1'), 'Consent and Approvals')).toMatch(
    /`security-1@team\.example` \(key SHA256:\S+\) countersigned the solo override at/,
  )
  expect((await team.breakglass(...check)).stdout).not.toMatch(/INC-1/)
  expect((await team.breakglass('audit', 'verify', 'INC-1')).stdout).toContain(`covers ${after.size} entries.`)
  expect(await countersign('INC-1', 'platform-1')).toMatchObject({
    exit: 2,
    stderr: expect.stringContaining('incident INC-1 has nothing to countersign'),
  })
})

test('a log that was changed or cut is not signed for', limit, async () => {
  const path = team.at('logs/INC-typed/audit.jsonl')
  const text = readFileSync(path, 'utf8')
  writeFileSync(path, `${text.trimEnd().split('\n').slice(0, -1).join('\n')}\n`)
  expect(await countersign('INC-typed', 'platform-1')).toMatchObject({
    exit: 1,
    stderr: expect.stringContaining('the tail was cut'),
  })
  writeFileSync(path, text.replace('nobody answers', 'everybody agrees'))
  expect(await countersign('INC-typed', 'platform-1')).toMatchObject({
    exit: 2,
    stderr: expect.stringContaining('is damaged'),
  })
  expect((await team.breakglass(...check)).stdout).toMatch(/^open +INC-typed: its log is damaged/m)
  writeFileSync(path, text)
})
