import fc from 'fast-check'
import { expect, test } from 'vitest'
import { printable, withoutCommands } from '../../engine/base/printable.ts'
import type { Checked } from '../../engine/report/checked.ts'
import { toGithub } from '../../engine/report/github.ts'
import { toJunit } from '../../engine/report/junit.ts'
import { toSarif } from '../../engine/report/sarif.ts'
import { jsonText } from '../../engine/session/host/output.ts'
import { makeWorkspace } from '../command-line/workspace.ts'

/** Characters and sequences by which a text does something to a terminal, to a CI's log, or to what one reads. */
const hostile = fc.constantFrom(
  ...[
    '\x1b[2J',
    '\x1b]8;;http://x\x07',
    '\x1b]52;c;eA==\x07',
    '\x9b2J',
    '\x9d52;c;eA==\x9c',
    '\x07',
    '\b',
    '\x7f',
    '\0',
  ],
  ...['\r', '\r\n', '\n', '\u2028', '\u2029', '\u0085'],
  ...['\u202e', '\u2066', '\u2069', '\u200b', '\u200f', '\ufeff', '\u00ad', '\u{e0041}', '\ud800'],
  ...[
    '::error::',
    '\n::set-output name=x::y',
    '\n  ::add-mask::a',
    '\n\u00a0::stop-commands::a',
    '##[add-mask]a',
    '##vso[task.setvariable variable=a]b',
    '###teamcity[a',
    '%0A::warning::',
    '%25',
    ']]>',
    '<!--',
    '"',
    '&#27;',
  ],
)
const text = fc.array(fc.oneof(hostile, fc.string({ unit: 'grapheme', maxLength: 4 }))).map((parts) => parts.join(''))

/** What no output may hold: control characters but line feeds and tabs, and what can't be seen or turns the direction. */
const DOES_SOMETHING = /[\p{Cf}\p{Cs}\p{Zl}\p{Zp}]|(?![\n\t])\p{Cc}/u

/** What a CI's log takes for a command, as its own reader finds it. */
const isCommand = (line: string): boolean => line.trimStart().startsWith('::') || /##\w*\[/.test(line)
const commandsIn = (text: string): string[] => text.split('\n').filter(isCommand)

const checked: fc.Arbitrary<Checked> = fc.record({
  environment: text,
  rule: text,
  key: text,
  title: text,
  status: fc.constantFrom('drift', 'unknown', 'known'),
  says: text,
  file: text.map((file) => file.toWellFormed()),
  line: fc.nat(),
}) as fc.Arbitrary<Checked>

const all = (property: (each: Checked) => void) => fc.assert(fc.property(checked, property), { numRuns: 300 })

test("GitHub's annotations: a text makes no line and no command of its own", () =>
  all((each) => {
    const lines = toGithub([each])
    expect(lines).toHaveLength(1)
    expect(lines[0]).not.toMatch(DOES_SOMETHING)
    expect(lines[0]).not.toContain('\n')
    expect(lines[0]).not.toMatch(/##\w*\[/)
    expect(lines[0]).toMatch(/^::(error|notice) file=[^:,]*,line=\d+,title=[^:,]*::/)
  }))

test('JUnit: a text makes no element and no control character', () =>
  all(({ title, rule, says, environment }) => {
    const cases = [{ name: title, group: rule, outcome: 'failed' as const, says }]
    const xml = toJunit([{ name: environment, cases }])
    expect(xml).not.toMatch(DOES_SOMETHING)
    expect(xml.match(/<[a-z]/g)).toHaveLength(4)
    expect(commandsIn(xml)).toEqual([])
    expect(xml).not.toMatch(/<!|\]\]>/)
  }))

test('SARIF and every other JSON: such characters are escaped, and the data is the same', () =>
  all((each) => {
    const sarif = toSarif([each], '1.0.0')
    const printed = jsonText(sarif)
    expect(printed).not.toMatch(DOES_SOMETHING)
    expect(commandsIn(printed)).toEqual([])
    expect(JSON.parse(printed)).toEqual(JSON.parse(JSON.stringify(sarif)))
  }))

test('text for people is one line in which nothing does anything', () =>
  all(({ says }) => {
    expect(printable(says)).not.toMatch(DOES_SOMETHING)
    expect(printable(says)).not.toContain('\n')
  }))

test('text that is printed where a CI reads it holds no command of its log, and stays as it is otherwise', () =>
  all(({ says, title }) => {
    const text = `${title}\n${says}`
    expect(commandsIn(withoutCommands(text))).toEqual([])
    if (commandsIn(text.replaceAll(/[\r\u2028\u2029]/g, '\n')).length === 0) expect(withoutCommands(text)).toBe(text)
  }))

test('where a CI reads what the command line prints, only its annotations are commands', {
  timeout: 240_000,
}, async () => {
  const { environment, breakglass, edit } = makeWorkspace()
  edit(
    'runbooks/access-posture.yaml',
    'title: Make ${{ service.name }} public',
    'title: "##[error]${{ service.name }}"',
  )
  const argv = ['check', 'access-posture', '--env', 'prod', '--sandbox', 'incident-2026-02-27']
  const text = await breakglass(...argv)
  expect(commandsIn(text.stdout)).not.toEqual([])
  Object.assign(environment, { GITHUB_ACTIONS: 'true' })
  expect(commandsIn((await breakglass(...argv)).stdout)).toEqual([])
  const { stdout } = await breakglass(...argv, '--format', 'github')
  expect(commandsIn(stdout).length).toBeGreaterThan(0)
  for (const line of commandsIn(stdout)) expect(line).toMatch(/^::(error|notice) file=/)
  expect(stdout).not.toMatch(/##\w*\[/)
})
