import { readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { makeDesk } from '../saved-plans/sandbox-desk.ts'
import { KEY, sit } from './held-terminal.ts'
import { PROMPT, sitInShell } from './shell.ts'

const limit = { timeout: 180_000 }
const argv = [
  ...['run', 'access-posture', '--env', 'prod', '--input', 'services=frontend-app'],
  ...['--incident', 'INC-1', '--reason', 'smoke'],
]
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

test.concurrent(
  'a question that hangs on its way to the terminal takes no answer until it is shown there',
  limit,
  async () => {
    const desk = await makeDesk('incident-2026-02-27')
    const file = desk.at('runbooks/access-posture.yaml')
    writeFileSync(file, readFileSync(file, 'utf8').replace('risk: high', 'risk: medium'))
    const terminal = sit(desk, argv)
    const intents = () => desk.entries('INC-1').filter(({ type }) => type === 'step.intent')
    await terminal.takesAnswers('Project id')
    terminal.press('jualuma-prod')
    await pause(200)
    const goOn = terminal.stall()
    // By then the project id is checked and the next question is written, but not shown.
    for (const key of [KEY.enter, ...Array.from({ length: 8 }, () => ['a', KEY.enter]).flat()]) {
      terminal.press(key)
      await pause(450)
    }
    goOn()
    await terminal.takesAnswers('What now?')
    expect(terminal.screen()).toContain('❯ d')
    expect(intents()).toEqual([])
    await terminal.apply('other')
    await terminal.takesAnswers('What now?')
    expect(intents()).toHaveLength(1)
    terminal.press(KEY.interrupt)
    expect((await terminal.ended).exitCode, terminal.screen()).toBe(130)
  },
)

test.concurrent('a terminal that reports nothing is asked all the same', limit, async () => {
  const desk = await makeDesk('incident-2026-02-27')
  const terminal = sit(desk, argv, 80, {}, 40, true)
  await terminal.type('Project id', 'jualuma-prod')
  await terminal.choose('What now?', 'abort')
  expect((await terminal.ended).exitCode, terminal.screen()).toBe(4)
  expect(desk.entries('INC-1').filter(({ type }) => type === 'step.intent')).toEqual([])
})

test.concurrent(
  'a run that is suspended before the terminal has reported leaves the shell no stray keys',
  limit,
  async () => {
    const desk = await makeDesk('incident-2026-02-27')
    const terminal = sitInShell(desk)
    await terminal.waitFor(PROMPT)
    terminal.press(`breakglass ${argv.join(' ')}${KEY.enter}`)
    await terminal.type('Project id', 'jualuma-prod')
    await terminal.takesAnswers('What now?')
    const goOn = terminal.stall()
    terminal.resize(90)
    await pause(300)
    terminal.press(KEY.suspend)
    await pause(300)
    goOn()
    await terminal.waitFor('Stopped')
    await terminal.waitFor(PROMPT)
    await pause(200)
    expect(terminal.screen()).toMatch(new RegExp(`${PROMPT}$`))
    expect(terminal.screen()).not.toContain('0n')
    terminal.press(`fg${KEY.enter}`)
    await terminal.takesAnswers('What now?')
    terminal.press(KEY.interrupt)
    await terminal.waitFor(PROMPT)
  },
)
