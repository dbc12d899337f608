import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { inOrder } from '../in-order.ts'
import { makeDesk } from './cli.ts'
import { runArgv, writeTeam } from './team.ts'

inOrder()

const desk = makeDesk()
const log = join(desk.logs, 'INC-6', 'audit.jsonl')
let lines: string[]

beforeAll(async () => {
  const scenario = writeTeam(
    desk,
    'one-secret',
    ['secret-parity'],
    { secrets: [{ name: 'API_KEY', references: ['trial'] }] },
    {
      'heron-live': { secrets: { API_KEY: { versions: [{ text: 'fake-old' }] } } },
      'heron-trial': { secrets: { API_KEY: { versions: [{ text: 'fake-new' }] } } },
    },
  )
  const { exit, stderr } = await desk.breakglass(runArgv(desk, 'secret-parity', scenario, 'INC-6'))
  expect(exit, stderr).toBe(0)
  lines = readFileSync(log, 'utf8').trimEnd().split('\n')
}, 300_000)

let copies = 0
const limit = { timeout: 240_000 }

/** Verifies a copy of the log with other lines. */
async function verify(changed: string[], ...more: string[]) {
  const logs = join(desk.folder, `copy-${++copies}`)
  mkdirSync(join(logs, 'INC-6'), { recursive: true })
  writeFileSync(join(logs, 'INC-6', 'audit.jsonl'), `${changed.join('\n')}\n`)
  return desk.breakglass(['audit', 'verify', 'INC-6', '--logs', logs, ...more])
}

/** The log with a line (from 1) replaced by other lines. */
const instead = (number: number, ...others: string[]): string[] => lines.toSpliced(number - 1, 1, ...others)
const line = (number: number): string => lines[number - 1] ?? ''

test('the log of a run has one entry a line, and only its owner can read it', () => {
  expect(lines.length).toBeGreaterThan(6)
  expect(lines.map((each) => JSON.parse(each).seq)).toEqual(lines.map((_, index) => index + 1))
  expect(statSync(log).mode & 0o777).toBe(0o600)
})

test('the log of a run is sound, and so is a copy of it', limit, async () => {
  const own = await desk.breakglass(['audit', 'verify', 'INC-6', '--logs', desk.logs])
  expect(own).toMatchObject({ exit: 0, stderr: '' })
  expect((await verify(lines)).exit).toBe(0)
})

test.each<[what: string, said: RegExp, changed: () => string[]]>([
  ['a changed line', /^line 4 was changed/m, () => instead(4, line(4).replace('"run":"run-', '"run":"run-0'))],
  ['a changed first line', /^line 1 was changed/m, () => instead(1, line(1).replace('a test', 'a text'))],
  ['a line that is no longer JSON', /^line 5 was changed/m, () => instead(5, line(5).slice(1))],
  ['a removed line', /^line 4 .*entry 4 before it is missing/m, () => instead(4)],
  ['a removed first line', /^line 1 .*entry 1 before it is missing/m, () => instead(1)],
  ['two swapped lines', /^line 3 .*out of place/m, () => lines.toSpliced(2, 2, line(4), line(3))],
  ['a repeated line', /^line 6 repeats line 5/m, () => instead(5, line(5), line(5))],
  ['a line repeated elsewhere', /^line 7 repeats line 2/m, () => instead(6, line(6), line(2))],
  [
    'an inserted line',
    /^line 5 .*inserted/m,
    () => instead(4, line(4), line(4).replace('"run":"run-', '"run":"run-1')),
  ],
])('%s is found by its number', limit, async (_, said, changed) => {
  const { exit, stdout } = await verify(changed())
  expect(stdout).toMatch(said)
  expect(exit).toBe(1)
})

test.each<[what: string, said: RegExp, changed: () => string[]]>([
  ['a cut tail', /the tail was cut: entry \d+ is missing/, () => lines.slice(0, -1)],
  [
    'a changed last line',
    /line \d+ was changed/,
    () => instead(lines.length, line(lines.length).replace('"run":"run-', '"run":"run-0')),
  ],
])('%s is found by a checkpoint that was kept elsewhere', limit, async (_, said, changed) => {
  const checkpoint = ['--checkpoint', join(desk.logs, 'INC-6', 'checkpoints', String(lines.length))]
  const { exit, stdout } = await verify(changed(), ...checkpoint)
  expect(stdout).toMatch(said)
  expect(exit).toBe(1)
  expect((await verify(lines, ...checkpoint)).exit).toBe(0)
})
