import { expect, test } from 'vitest'
import { makeDesk } from '../saved-plans/sandbox-desk.ts'
import { type HeldTerminal, KEY, sit } from './held-terminal.ts'
import { PROMPT, sane, sitInShell } from './shell.ts'

const limit = { timeout: 240_000 }
const SANE = { cooked: true, cursor: true, plainPaste: true }
const run = ['run', 'access-posture', '--env', 'prod', '--input', 'services=frontend-app']
const told = (incident: string) => [...run, '--incident', incident, '--reason', 'smoke']

/** The process that the shell started; it says who it is in the lock that it holds. */
const signal = (terminal: HeldTerminal, name: string) => terminal.press(`kill -${name} %1\r`)

/** Waits until the question has closed after a paste and takes answers again; its last open frame may still be on the screen. */
async function settled(terminal: HeldTerminal): Promise<void> {
  await terminal.waitFor('one moment, then you can answer')
  await terminal.waitFor('Enter answers')
}

test.concurrent.each<[string, string[]]>([
  ['Ctrl-C twice', ['\x03', '\x03']],
  ['Ctrl-\\', ['\x1c']],
])(
  '%s in the middle of a change says what is in doubt and what goes on, and leaves a sane terminal',
  limit,
  async (_, keys) => {
    const on = { service: 'run', method: 'services.replace', resource: 'frontend-app' } as const
    const desk = await makeDesk('incident-2026-02-27', [{ on, answer: { hang: true } }])
    const terminal = sitInShell(desk)
    await terminal.waitFor(PROMPT)
    terminal.press(`breakglass ${told('INC-1').join(' ')} --logs 'my logs'; echo ended-$?\r`)
    await terminal.type('Project id', 'jualuma-prod')
    await terminal.apply('high')
    await terminal.waitFor('applying')
    for (const key of keys) {
      await new Promise((resolve) => setTimeout(resolve, 300))
      terminal.press(key)
    }
    await terminal.waitFor('In doubt: Make frontend-app public (access-posture/public-ingress[frontend-app])')
    await terminal.waitFor('gcloud run services update frontend-app')
    await terminal.waitFor("Resume with: breakglass resume INC-1 --logs 'my logs'")
    await terminal.waitFor('ended-130')
    await terminal.waitFor(PROMPT)
    expect(await sane(terminal)).toEqual(SANE)
  },
)

test.concurrent.each(['Project id', 'What now?'])(
  'Ctrl-\\ at the question %j ends the run',
  limit,
  async (question) => {
    const desk = await makeDesk('incident-2026-02-27')
    const terminal = sit(desk, told('INC-1'))
    if (question !== 'Project id') await terminal.type('Project id', 'jualuma-prod')
    await terminal.takesAnswers(question)
    terminal.press('\x1c')
    expect((await terminal.ended).exitCode).toBe(130)
  },
)

test.concurrent.each(['TERM', 'HUP', 'USR2', 'ALRM', 'QUIT'])(
  'SIG%s while a question stands leaves a sane terminal',
  limit,
  async (name) => {
    const desk = await makeDesk('incident-2026-02-27')
    const terminal = sitInShell(desk)
    await terminal.waitFor(PROMPT)
    terminal.press(`breakglass ${told('INC-1').join(' ')}\r`)
    await terminal.type('Project id', 'jualuma-prod')
    await terminal.takesAnswers('What now?')
    terminal.press(KEY.suspend)
    await terminal.waitFor('Stopped')
    await terminal.waitFor(PROMPT)
    signal(terminal, name)
    terminal.press('fg\r')
    await terminal.waitFor(['TERM', 'HUP'].includes(name) ? 'Stopped.' : 'Resume with: breakglass resume INC-1')
    await terminal.waitFor(PROMPT)
    expect(await sane(terminal)).toEqual(SANE)
  },
)

test.concurrent('Ctrl-D answers what changes nothing', limit, async () => {
  const desk = await makeDesk('incident-2026-02-27')
  const left = sit(desk, told('INC-1'))
  await left.takesAnswers('Project id')
  left.press(KEY.leave)
  expect((await left.ended).exitCode).toBe(4)
  const terminal = sit(desk, told('INC-2'))
  await terminal.type('Project id', 'jualuma-prod')
  await terminal.choose('What now?', 'apply this change')
  await terminal.takesAnswers('High risk')
  terminal.press(KEY.leave)
  await terminal.waitFor('nothing was changed')
  await terminal.choose('What now?', 'skip it')
  await terminal.takesAnswers('Why is it skipped?')
  terminal.press(KEY.leave)
  await terminal.waitFor('✔ Why is it skipped?')
  await terminal.takesAnswers('What now?')
  terminal.press(KEY.leave)
  await terminal.takesAnswers('Why is it aborted?')
  terminal.press(KEY.leave)
  expect((await terminal.ended).exitCode).toBe(4)
  expect(desk.entries('INC-2').filter(({ type }) => type === 'step.intent')).toEqual([])
  expect(desk.entries('INC-2').at(-1)).toMatchObject({ type: 'run.closed', body: { ending: 'declined' } })
})

test.concurrent.each([
  ['bracketed', '\x1b[200~one\r\n## two\r\tthree\x1b[201~'],
  ['bracketed, with an end that is forged', '\x1b[200~one\r\n## two\r\tthree\x1b[201~\r\ra\r'],
  ['not bracketed', 'one\r## two\r\tthree\r'],
])('a pasted reason keeps all its lines and answers no other question: %s', limit, async (_, pasted) => {
  const desk = await makeDesk('incident-2026-02-27')
  const terminal = sit(desk, [...run, '--incident', 'INC-1'])
  await terminal.takesAnswers('Why is production changed by hand?')
  terminal.press(pasted)
  await terminal.waitFor('one↵## two↵ three')
  await settled(terminal)
  await terminal.enter()
  await terminal.takesAnswers('Project id')
  terminal.press(KEY.leave)
  expect((await terminal.ended).exitCode).toBe(4)
  expect(desk.entries('INC-1')[0]?.body).toMatchObject({ reason: 'one\n## two\n three' })
})

test.concurrent('what is pasted at a list answers nothing, and puts the pointer back', limit, async () => {
  const desk = await makeDesk('incident-2026-02-27')
  const terminal = sit(desk, told('INC-1'))
  await terminal.type('Project id', 'jualuma-prod')
  await terminal.takesAnswers('What now?')
  terminal.press('a')
  await terminal.waitFor('❯ a apply this change')
  terminal.press('\x1b[200~a\r\x1b[201~')
  await terminal.waitFor('Pasted text is ignored here')
  await terminal.waitFor('❯ d show the exact command')
  await settled(terminal)
  terminal.press(KEY.leave)
  await terminal.takesAnswers('Why is it aborted?')
  terminal.press(KEY.leave)
  expect((await terminal.ended).exitCode).toBe(4)
})
