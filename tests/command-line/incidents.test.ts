import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { runHere } from '../proof/here.ts'
import { linesOf, noted, opening } from '../samples/sample-log.ts'
import { makeWorkspace } from './workspace.ts'

const { folder, breakglass, lines } = makeWorkspace()
let rehearsed: string[] = []

beforeAll(async () => {
  await breakglass('rehearse', '--incident', 'INC-1', '--yes')
  rehearsed = lines('logs/INC-1/audit.jsonl').filter((line) => line !== '')
}, 240_000)

/** Writes a folder of logs: the lines of each incident. */
function logsOf(name: string, incidents: Record<string, string[]>): string {
  const logs = join(folder, name)
  for (const [incident, entries] of Object.entries(incidents)) {
    mkdirSync(join(logs, incident), { recursive: true })
    writeFileSync(join(logs, incident, 'audit.jsonl'), entries.map((line) => `${line}\n`).join(''))
  }
  return logs
}

const list = async (logs: string) => JSON.parse((await runHere(['incidents', '--json', '--logs', logs], folder)).stdout)

/** The log of the rehearsal up to its first entry of a type. */
const upTo = (type: string): string[] =>
  rehearsed.slice(0, rehearsed.findIndex((line) => line.includes(`"type":"${type}"`)) + 1)

test('a run that has ended, one that was cut off, and one in doubt', async () => {
  const [done] = await list(logsOf('done', { 'INC-1': rehearsed }))
  expect(done).toMatchObject({ incident: 'INC-1', state: 'done', runs: 1, environment: 'prod', inDoubt: [] })
  expect(done).toMatchObject({ cloud: { kind: 'sandbox', scenario: 'incident-2026-02-27' }, by: expect.any(String) })
  expect(await list(logsOf('cut', { 'INC-1': upTo('plan.made') }))).toMatchObject([{ state: 'cut-off', inDoubt: [] }])
  expect(await list(logsOf('doubt', { 'INC-1': upTo('step.intent') }))).toMatchObject([
    { state: 'in-doubt', inDoubt: [expect.any(String)] },
  ])
})

test('the newest incident comes first, and what is open has its next command', async () => {
  const logs = logsOf('several', {
    'INC-2': linesOf([opening('INC-2'), noted(1)]),
    'INC-1': upTo('step.intent'),
    'INC-3': [],
  })
  const { exit, stdout, stderr } = await runHere(['incidents', '--logs', logs], folder)
  expect([exit, stderr]).toEqual([0, ''])
  expect(stdout.split('\n').map((line) => line.slice(0, 21).trimEnd())).toEqual([
    'INCIDENT  STATE     L',
    expect.stringMatching(/^INC-1 {5}in doubt {2}2/),
    expect.stringMatching(/^INC-2 {5}done {6}1/),
    expect.stringMatching(/^INC-3 {5}no run {4}-/),
    '',
    'Next: `breakglass res',
  ])
  expect(stdout).toMatch(/^INC-1 .* rehearsal {2}prod .* in doubt: /m)
  expect(stdout).toMatch(/^INC-2 .* ada .* live /m)
  expect(stdout).toContain('Next: `breakglass resume INC-1`')
})

test('a damaged log, and one that cannot be read, say so in their lines and hide no other', async () => {
  const [first = '', ...rest] = linesOf([opening('BAD'), noted(1)])
  const logs = logsOf('damaged', { BAD: [first.replace('"R"', '"S"'), ...rest], GOOD: linesOf([opening('GOOD')]) })
  mkdirSync(join(logs, 'LINK'))
  symlinkSync('/nowhere', join(logs, 'LINK', 'audit.jsonl'))
  const found = await list(logs)
  expect(found).toContainEqual(expect.objectContaining({ incident: 'BAD', state: 'damaged' }))
  expect(found).toContainEqual(expect.objectContaining({ incident: 'GOOD', state: 'cut-off' }))
  expect(found).toContainEqual(expect.objectContaining({ incident: 'LINK', state: 'unreadable' }))
  const { exit, stdout } = await runHere(['incidents', '--logs', logs], folder)
  expect(exit).toBe(0)
  expect(stdout).toMatch(/^BAD .*damaged.*line \d+.*see `breakglass audit verify BAD`$/m)
  expect(stdout).toMatch(/^LINK .*unreadable.*symbolic link/m)
})

test('a folder without incidents is said to be empty, and is not made', async () => {
  expect(await runHere(['incidents', '--logs', 'nowhere'], folder)).toMatchObject({
    exit: 0,
    stdout: `No incidents in ${join(folder, 'nowhere')}.`,
  })
})
