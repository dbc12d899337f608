import { expect, test } from 'vitest'
import type { Entry } from '../../engine/audit/entry.ts'
import { makeDesk } from '../saved-plans/sandbox-desk.ts'
import { type HeldTerminal, KEY, sit } from './held-terminal.ts'

const limit = 180_000

const remediation = (incident: string, ...runbooks: string[]) => [
  ...['run', ...runbooks, '--env', 'prod', '--incident', incident],
  ...['--reason', 'smoke checks fail'],
]

const decisions = (entries: Entry[]) =>
  entries.flatMap((entry) => (entry.type === 'step.decided' ? [entry.body.decision] : []))

/** The styles that were written, as SGR parameters. */
const stylesIn = (written: string): string[] =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the styles are what is looked for
  [...new Set([...written.matchAll(/\u001b\[([\d;]*)m/g)].map(([, style = '']) => style))]

/** Enters the protected environment and takes the first of the choices, until the run has ended. */
async function applyAll(terminal: HeldTerminal, steps: number): Promise<void> {
  await terminal.type('Project id', 'jualuma-prod')
  for (let step = 0; step < steps; step++) await terminal.apply('high')
}

test.concurrent('a run that was told nothing asks for all that it needs', { timeout: limit }, async () => {
  const desk = await makeDesk('incident-2026-02-27')
  const terminal = sit(desk, ['run'])
  await terminal.find('Which runbook?', 'access-posture')
  await terminal.choose('Another one after it?', 'no')
  await terminal.choose('Which environment?', 'prod')
  await terminal.choose('Inputs', 'change Services without IAP')
  await terminal.takesAnswers('Services without IAP')
  await terminal.waitFor('❯◉ frontend-app')
  terminal.press(KEY.space)
  await terminal.waitFor('❯◯ frontend-app')
  terminal.press(KEY.down)
  await terminal.waitFor('❯◉ support-portal')
  terminal.press(KEY.space)
  await terminal.enter()
  await terminal.choose('Inputs', 'continue with these')
  await terminal.takesAnswers('Incident id')
  terminal.press('../x')
  await terminal.enter()
  await terminal.waitFor('Letters, digits, dots')
  terminal.press(KEY.clear)
  await terminal.type('Incident id', 'INC-7')
  await terminal.type('Why is production changed by hand?', 'smoke checks fail')
  await terminal.waitFor('5 drifted.')
  await terminal.type('Project id', 'jualuma-prod')
  await terminal.choose('What now?', 'abort')
  expect((await terminal.ended).exitCode).toBe(4)
  expect(await desk.changes()).toEqual([])
  expect(desk.entries('INC-7')[0]?.body).toMatchObject({ incident: 'INC-7', reason: 'smoke checks fail' })
})

test.concurrent('without a terminal, what a run was not told is named at once', { timeout: limit }, async () => {
  const desk = await makeDesk('conformant')
  const { exit, stdout, stderr } = await desk.breakglass('run', '--env', 'prod')
  expect({ exit, stdout }).toEqual({ exit: 2, stdout: '' })
  expect(stderr).toMatch(/^error: missing RUNBOOK, --incident ID, --reason TEXT\n/)
})

test.concurrent.each([
  { columns: 80, environment: {} },
  { columns: 40, environment: { NO_COLOR: '1' } },
])(
  'the incident is gone through with the keyboard alone at $columns columns, $environment',
  { timeout: limit },
  async ({ columns, environment }) => {
    const desk = await makeDesk('incident-2026-02-27')
    const argv = remediation('INC-8', 'secret-parity', 'access-posture', 'runtime-identity')
    const terminal = sit(desk, argv, columns, environment)
    await applyAll(terminal, 15)
    expect((await terminal.ended).exitCode, terminal.screen()).toBe(0)
    const screen = terminal.screen()
    // A question or a spinner that is drawn over something else leaves half a line behind, or the line twice.
    expect(screen.replaceAll(/\s+/g, ' ').match(/✔ [^✔]*? \(applied\)/g)).toHaveLength(15)
    expect(screen.split('\n').filter((line) => /^\? |[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]/.test(line))).toEqual([])
    expect(screen.match(/✔ What now\? apply this change/g)).toHaveLength(15)
    expect(screen).toMatch(/^SANDBOX jualuma-prod {2}Done\.$/m)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are what is looked for
    const colours = /\u001b\[(3[0-79]|9[0-7]|1|2)m/
    expect(colours.test(terminal.written())).toBe(columns === 80)
    // On a light theme as on a dark one: no white or black letters, no background, no colour that the theme can't choose.
    expect(stylesIn(terminal.written()).filter((style) => /^(3[078]|4\d|9[07]|10\d)(;|$)/.test(style))).toEqual([])
  },
)

test.concurrent('each answer to a step does what it says', { timeout: limit }, async () => {
  const desk = await makeDesk('incident-2026-02-27')
  const terminal = sit(desk, remediation('INC-9', 'access-posture'))
  await terminal.type('Project id', 'jualuma-prod')
  await terminal.choose('What now?', 'show the exact command')
  await terminal.waitFor('gcloud run services update frontend-app')
  await terminal.choose('What now?', 'pause')
  await terminal.goOn('Paused.')
  await terminal.choose('What now?', 'skip it')
  await terminal.takesAnswers('Why is it skipped?')
  await terminal.enter()
  await terminal.waitFor('Type a few words: they appear in the record.')
  terminal.press('the owner is at it')
  await terminal.waitFor('the owner is at it')
  await terminal.enter()
  await terminal.waitFor('✔ Why is it skipped?')
  await terminal.apply('high')
  await terminal.choose('What now?', 'undo the last change (Make support-portal public)')
  await terminal.apply('high')
  await terminal.choose('What now?', 'do it by hand')
  await terminal.goOn('Press Enter when it is done')
  await terminal.waitFor('Not done yet: ingress is internal-and-cloud-load-balancing, must be')
  await terminal.choose('Is it done?', 'abort')
  expect((await terminal.ended).exitCode).toBe(4)
  expect(decisions(desk.entries('INC-9'))).toEqual([
    { choice: 'skip', reason: 'the owner is at it' },
    { choice: 'apply' },
    { choice: 'undo-last' },
    { choice: 'apply' },
    { choice: 'by-hand' },
    { choice: 'abort', reason: 'the operator aborted the run' },
  ])
  expect(await desk.changes()).toEqual(['run.services.replace', 'run.services.replace'])
  expect(await desk.annotations('jualuma-prod', 'support-portal')).toMatchObject({
    'run.googleapis.com/ingress': 'internal',
  })
})

test.concurrent('what could not be told blocks the run, unless the person goes on without it and says why', {
  timeout: limit,
}, async () => {
  const faults = [
    {
      on: { service: 'run', method: 'services.get', resource: 'frontend-app', calls: 'every' },
      answer: { status: 403 },
    },
  ]
  const desk = await makeDesk('incident-2026-02-27', faults as never)
  const stopped = sit(desk, remediation('INC-12', 'access-posture'))
  await stopped.choose('It could not be read. What now?', 'stop here')
  expect((await stopped.ended).exitCode).toBe(1)
  expect(await desk.changes()).toEqual([])
  const passed = sit(desk, remediation('INC-12', 'access-posture'))
  for (const step of ['takes public traffic', 'is not behind']) {
    await passed.choose('It could not be read. What now?', 'continue without it')
    await passed.type('Why is it skipped?', `seen in the console: it ${step}`)
  }
  await passed.type('Project id', 'jualuma-prod')
  await passed.choose('What now?', 'abort')
  expect((await passed.ended).exitCode).toBe(4)
  expect(decisions(desk.entries('INC-12')).slice(0, 2)).toMatchObject([
    { choice: 'skip', reason: 'seen in the console: it takes public traffic' },
    { choice: 'skip' },
  ])
})

test.concurrent('a wrong project id is said to be wrong and asked for again, three times, and changes nothing', {
  timeout: limit,
}, async () => {
  const desk = await makeDesk('incident-2026-02-27')
  const terminal = sit(desk, remediation('INC-10', 'access-posture'))
  await terminal.takesAnswers('Project id')
  for (const [typed, said] of [
    ['jualuma-stage', 'That is not jualuma-prod. Try again: 2 tries left.'],
    ['', 'Type jualuma-prod, or press Esc to cancel.'],
    ['JUALUMA-PROD', 'That is not jualuma-prod. Try again: 1 try left.'],
    ['jualuma-pro', '✖ Project id'],
  ] as const) {
    terminal.press(typed)
    await terminal.enter()
    await terminal.waitFor(said)
  }
  expect((await terminal.ended).exitCode).toBe(4)
  expect(terminal.screen()).not.toContain('✔ Project id')
  expect(await desk.changes()).toEqual([])
})

test.concurrent('a project id that is right after a wrong one goes on, and Esc stops at once', {
  timeout: limit,
}, async () => {
  const desk = await makeDesk('incident-2026-02-27')
  const terminal = sit(desk, remediation('INC-13', 'access-posture'))
  await terminal.takesAnswers('Project id')
  terminal.press('jualuma-dev')
  await terminal.enter()
  await terminal.waitFor('That is not jualuma-prod.')
  await terminal.type('Project id', 'jualuma-prod')
  await terminal.choose('What now?', 'abort')
  expect((await terminal.ended).exitCode).toBe(4)
  expect(desk.entries('INC-13').map(({ type }) => type)).toContain('environment.entered')
  const left = sit(desk, remediation('INC-14', 'access-posture'))
  await left.takesAnswers('Project id')
  left.press('\x1b')
  expect((await left.ended).exitCode).toBe(4)
  expect(left.screen()).toContain('✖ Project id (no answer)')
})

test.concurrent.each<[string, (terminal: HeldTerminal) => void]>([
  ['Ctrl-C', (terminal) => terminal.press(KEY.interrupt)],
  ['SIGTERM', ({ pid }) => void process.kill(pid, 'SIGTERM')],
  ['a closed window', (terminal) => terminal.close()],
])('%s at a question ends the run with a clean log and nothing changed', { timeout: limit }, async (_, stop) => {
  const desk = await makeDesk('incident-2026-02-27')
  const terminal = sit(desk, remediation('INC-11', 'access-posture'))
  await terminal.type('Project id', 'jualuma-prod')
  await terminal.waitFor('? What now?')
  stop(terminal)
  expect((await terminal.ended).exitCode).toBe(130)
  expect(desk.entries('INC-11').at(-1)).toMatchObject({ type: 'run.closed', body: { ending: 'interrupted' } })
  expect(await desk.changes()).toEqual([])
  expect((await desk.breakglass('audit', 'verify', 'INC-11')).exit).toBe(0)
})
