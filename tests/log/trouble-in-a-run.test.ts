import { createHash } from 'node:crypto'
import { appendFileSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { verifyLog } from '../../engine/audit/verify.ts'
import { makeTeamDesk, ofType, type TeamDesk } from './team-desk.ts'

vi.setConfig({ testTimeout: 90_000, hookTimeout: 60_000 })

const closed = { region: 'us-central1', ingress: 'internal', invokerCheck: false } as const

/** A team with one closed service that must be public. */
const closedTeam = () =>
  makeTeamDesk({ live: { services: [{ name: 'web', posture: 'public' }] }, heronLive: { services: { web: closed } } })

/** Does something once, when the so-manieth request of a method is answered. */
function when(desk: TeamDesk, rpc: string, count: number, disturb: () => void): void {
  let seen = 0
  desk.onRequest = (entry) => {
    if (entry.rpc === rpc && ++seen === count) disturb()
  }
}

test('a log that is removed before the first change stops the run: nothing is changed, exit 1', async () => {
  const desk = await closedTeam()
  // The first look is the plan's, the second the one right before the change.
  when(desk, 'services.get', 2, () => rmSync(join(desk.logs, 'INC-1', 'audit.jsonl')))
  const { exit, stdout, stderr } = await desk.run('access-posture', 'INC-1')
  expect(exit, stderr).toBe(1)
  expect(stdout).toContain('cannot write the audit log')
  expect(stdout.replaceAll(/\s+/g, ' ')).toMatch(/audit\.jsonl was removed, moved or replaced/)
  expect(stdout).toContain('not reached: 1')
  expect(stdout.replaceAll(/\s+/g, ' ')).toContain('`breakglass record INC-1`')
  expect(await desk.changes()).toEqual([])
})

test('a log that is lost while a change is made leaves it in doubt: exit 5, and the step is named', async () => {
  const desk = await closedTeam()
  const log = join(desk.logs, 'INC-1', 'audit.jsonl')
  when(desk, 'services.replace', 1, () => renameSync(log, `${log}.lost`))
  const { exit, stdout, stderr } = await desk.run('access-posture', 'INC-1', '--json')
  expect(exit, stderr).toBe(5)
  expect(JSON.parse(stdout)).toMatchObject({ ending: 'in-doubt', exitCode: 5 })
  expect(stderr).toContain('In doubt.')
  expect(stderr.replaceAll(/\s+/g, ' ')).toMatch(/Make web public \(access-posture\/[^)]*\[web\]\) is unknown/)
  expect(verifyLog(readFileSync(`${log}.lost`))).toMatchObject({ damage: [] })
})

test('a record.md that cannot be written takes nothing from the summary or the exit code', async () => {
  const desk = await closedTeam()
  await endsWith(desk, ['record.md'], /The record could not be written: .*run `breakglass record INC-1`/)
})

test('a checkpoint that cannot be written takes nothing from the summary or the exit code', async () => {
  const desk = await closedTeam()
  // What lies there before a run begins is refused; this comes in its way.
  const names = ['2', '3', '4', '5', '6', '7', '8', '9'].map((size) => join('checkpoints', size))
  await endsWith(desk, names, /The checkpoint could not be written: /)
})

/** Puts folders in the way of files before the change of a run, which ends well all the same and says what could not be written. */
async function endsWith(desk: TeamDesk, names: string[], said: RegExp): Promise<void> {
  const files = names.map((name) => join(desk.logs, 'INC-1', name))
  when(desk, 'services.get', 2, () => {
    for (const file of files) mkdirSync(file, { recursive: true })
  })
  const { exit, stdout, stderr } = await desk.run('access-posture', 'INC-1')
  expect(exit, stderr).toBe(0)
  const printed = stdout.replaceAll(/\s+/g, ' ')
  expect(printed).toMatch(/changed: 1.*audit\.jsonl.*Done\./)
  expect(printed).toMatch(said)
  for (const file of files) rmSync(file, { recursive: true })
  expect((await desk.breakglass('record', 'INC-1')).exit).toBe(0)
}

test("a record that can't be read is not written over: a person's own words may be in it", async () => {
  const desk = await closedTeam()
  const file = join(desk.logs, 'INC-1', 'record.md')
  mkdirSync(join(desk.logs, 'INC-1'), { recursive: true })
  // A folder can't be read as a file, whoever asks.
  mkdirSync(file)
  const { exit, stdout, stderr } = await desk.run('access-posture', 'INC-1')
  expect(exit, stderr).toBe(0)
  expect(stdout.replaceAll(/\s+/g, ' ')).toContain('cannot read the record')
  expect(statSync(file).isDirectory()).toBe(true)
})

test('a torn last line is cut off by the next run, which logs how much and its SHA-256', {
  timeout: 240_000,
}, async () => {
  const desk = await closedTeam()
  expect((await desk.run('access-posture', 'INC-1')).exit).toBe(0)
  const log = join(desk.logs, 'INC-1', 'audit.jsonl')
  const rest = '{"body":{"half":"a li'
  appendFileSync(log, rest)
  const verified = await desk.breakglass('audit', 'verify', 'INC-1')
  expect(verified).toMatchObject({ exit: 1, stdout: expect.stringContaining(`torn last line: ${rest.length} bytes`) })
  expect((await desk.breakglass('record', 'INC-1')).exit).toBe(0)

  const again = await desk.run('access-posture', 'INC-1')
  expect(again.exit, again.stderr).toBe(0)
  expect(again.stdout).toContain(`The log ends in a torn line of ${rest.length} bytes`)
  const sha256 = createHash('sha256').update(rest).digest('hex')
  expect(ofType(desk.entries('INC-1'), 'log.repaired').map(({ body }) => body)).toEqual([
    { bytes: rest.length, sha256 },
  ])
  expect((await desk.breakglass('audit', 'verify', 'INC-1')).exit).toBe(0)
  expect(desk.record('INC-1')).toContain(`removed an incomplete last line of ${rest.length} bytes from the log`)
})

test('a log with any other damage is added to by nobody, torn or not', async () => {
  const desk = await closedTeam()
  expect((await desk.run('access-posture', 'INC-1')).exit).toBe(0)
  const log = join(desk.logs, 'INC-1', 'audit.jsonl')
  const text = readFileSync(log, 'utf8')
  for (const damaged of [text.replace('"incident"', '"Incident"'), `${text.replace('"incident"', '"Incident"')}{"x`]) {
    writeFileSync(log, damaged)
    const { exit, stderr } = await desk.run('access-posture', 'INC-1')
    expect({ exit, stderr }).toMatchObject({ exit: 2, stderr: expect.stringContaining('is damaged') })
    expect(readFileSync(log, 'utf8')).toBe(damaged)
  }
})
