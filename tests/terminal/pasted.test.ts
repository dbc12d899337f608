import { expect, test } from 'vitest'
import { makeDesk } from '../saved-plans/sandbox-desk.ts'
import { KEY, sit } from './held-terminal.ts'

const limit = 120_000
const desk = await makeDesk('conformant')
const told = ['run', 'access-posture', '--env', 'prod', '--incident']

test('a megabyte that is pasted into a question is cut, refused by name, and can be typed anew', {
  timeout: limit,
}, async () => {
  const terminal = sit(desk, [...told, 'INC-1'])
  await terminal.takesAnswers('Why is production')
  terminal.press('x'.repeat(1024 * 1024))
  await terminal.waitFor('longer than 2,000 characters')
  await terminal.allTyped()
  await terminal.enter()
  await new Promise((resolve) => setTimeout(resolve, 500))
  terminal.press(KEY.clear)
  await terminal.emptied('Why is production')
  await terminal.type('Why is production changed by hand?', 'smoke checks fail')
  expect((await terminal.ended).exitCode).toBe(0)
  expect(desk.entries('INC-1')[0]?.body).toMatchObject({ reason: 'smoke checks fail' })
})

/** What a person may paste, and what a reader must not find of it outside the log. */
const PASTED: [string, string, RegExp][] = [
  ['several lines', 'one\n## two\n- three', /^(## two|- three)/m],
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what must not be there
  ['terminal escapes', '\u001b[2J\u001b]0;owned\u0007red', /[\u001b\u0007]/],
  ['code marks', '`code` ``` fence', /^```/m],
  ['table marks', '| a | b |\n|---|---|', /^\|---/m],
  ['an expression', '${{ env.name }}', /(?!)/],
  ['a leading dash', '--yes', /(?!)/],
  ['a heading', '# Heading <script>', /^# Heading|^<script>| <script>/m],
  ['right to left marks', 'a\u202eb\u2066c', /[\u202e\u2066]/],
]

test.each(PASTED)(
  '%s in a reason stand in the log as they are and change nothing in record and terminal',
  { timeout: limit },
  async (name, text, harm) => {
    const incident = `INC-${name.replaceAll(' ', '-')}`
    const { exit, stdout, stderr } = await desk.breakglass(...told, incident, `--reason=${text}`, '--yes')
    expect(exit, stderr).toBe(0)
    expect(desk.entries(incident)[0]?.body).toMatchObject({ reason: text })
    expect(desk.record(incident)).not.toMatch(harm)
    expect(desk.record(incident).match(/^#+ /gm)).toEqual(desk.record('INC-1').match(/^#+ /gm))
    expect(stdout).not.toMatch(harm)
  },
)

test.each(PASTED)('%s in an input are refused by name, or are what they are', { timeout: limit }, async (_, text) => {
  const { exit, stderr } = await desk.breakglass(...told, 'INC-2', '--reason=r', '--yes', `--input=services=${text}`)
  expect(exit).toBe(2)
  expect(await desk.changes()).toEqual([])
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what must not be there
  expect(stderr).not.toMatch(/[\u001b\u0007\u202e\u2066]/)
})
