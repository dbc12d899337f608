import { execFile } from 'node:child_process'
import { expect, test } from 'vitest'
import { main, makeDesk } from '../saved-plans/sandbox-desk.ts'
import { type HeldTerminal, sit } from './held-terminal.ts'

const limit = 180_000
const argv = (incident: string, ...runbooks: string[]) => [
  ...['run', ...runbooks, '--env', 'prod', '--incident', incident, '--reason', 'smoke checks fail'],
  ...['--input', 'services=frontend-app', '--input', 'withoutIap=frontend-app'],
]

/** How a terminal's program ended; throws with the screen where it goes on. */
const exitOf = (terminal: HeldTerminal): Promise<number> =>
  Promise.race([
    terminal.ended.then(({ exitCode }) => exitCode),
    new Promise<never>((_, reject) => {
      setTimeout(() => reject(new Error(`it goes on. The screen:\n${terminal.screen()}`)), 60_000).unref()
    }),
  ])

/** What a person types in a second terminal, through the shell that the first one shows. */
const inSecondTerminal = (folder: string, words: string[]): Promise<string> =>
  new Promise((resolve, reject) =>
    execFile(
      process.execPath,
      [main, ...words.slice(1)],
      { cwd: folder, env: { PATH: `${folder}/bin`, HOME: folder, TMPDIR: folder } },
      (error, stdout, stderr) => (error ? reject(new Error(stderr)) : resolve(stdout)),
    ),
  )

test.concurrent('what a person does by hand is waited for, from the shell that is shown, and told as theirs everywhere', {
  timeout: limit,
}, async () => {
  const desk = await makeDesk('incident-2026-02-27')
  const terminal = sit(desk, argv('INC-1', 'access-posture'))
  await terminal.type('Project id', 'jualuma-prod')
  await terminal.choose('What now?', 'do it by hand')
  await terminal.waitFor('To open a shell in this sandbox, run in another terminal:')
  const shell = /breakglass sandbox (http:\/\/127\.0\.0\.1:\d+) -- bash/.exec(terminal.screen())?.[1] ?? ''
  expect(shell).toBe(desk.environment.BREAKGLASS_SANDBOX)
  // Too early: nothing has changed yet.
  await terminal.goOn('Press Enter when it is done')
  await terminal.waitFor('Not done yet: ingress is internal-and-cloud-load-balancing, must be all')
  await terminal.choose('Is it done?', 'observe again')
  await terminal.waitFor('Not done yet:')
  await terminal.takesAnswers('Is it done?')
  // Somebody does it in the sandbox that the shell leads to.
  const seen = await inSecondTerminal(desk.folder, [
    'breakglass',
    'sandbox',
    shell,
    '--',
    'node',
    '-e',
    'console.log(process.env.BREAKGLASS_SANDBOX)',
  ])
  expect(seen.trim()).toBe(shell)
  const url = 'http://us-central1-run.sandbox/apis/serving.knative.dev/v1/namespaces/jualuma-prod/services/frontend-app'
  const service = (await desk.call('GET', url)) as { metadata: { annotations: Record<string, string> } }
  service.metadata.annotations['run.googleapis.com/ingress'] = 'all'
  service.metadata.annotations['run.googleapis.com/invoker-iam-disabled'] = 'true'
  await desk.call('PUT', url, service)
  await terminal.goOn('Is it done?')
  await terminal.choose('What now?', 'skip it')
  await terminal.type('Why is it skipped?', 'another day')
  expect(await exitOf(terminal), terminal.screen()).toBe(3)
  const screen = terminal.screen()
  expect(screen).toContain('changed by hand: 1\n  Make frontend-app public')
  const entries = desk.entries('INC-1')
  const intent = entries.find(({ type }) => type === 'step.intent')?.body as { person?: string }
  expect(intent.person).toBeTruthy()
  const events = entries.filter(({ type }) => type === 'step.intent' || type === 'step.outcome')
  expect(events.map(({ type }) => type)).toEqual(['step.intent', 'step.outcome'])
  expect(events[1]?.body).toMatchObject({ verdict: 'applied', evidence: { byHand: true } })
  const record = desk.record('INC-1').replaceAll(/\s*<!--.*?-->/g, '')
  const show = (await desk.breakglass('audit', 'show', 'INC-1')).stdout
  for (const text of [record, show]) {
    expect(text).toContain('Breakglass started no command')
    expect(text).not.toMatch(/started `gcloud/)
  }
  expect(record).toMatch(/`frontend-app`.*\(by hand\)/)
  expect(record).toContain('made by hand')
  expect((await desk.breakglass('audit', 'verify', 'INC-1')).exit).toBe(0)
  const undo = await desk.breakglass('undo', 'INC-1', '--yes')
  expect(undo, undo.stderr).toMatchObject({ exit: 0 })
  expect(await desk.annotations('jualuma-prod', 'frontend-app')).toMatchObject({
    'run.googleapis.com/ingress': 'internal-and-cloud-load-balancing',
  })
})

test.concurrent('a step that is left while it is done by hand is skipped with a reason, and an abort says what stays changed', {
  timeout: limit,
}, async () => {
  const desk = await makeDesk('incident-2026-02-27')
  const terminal = sit(desk, argv('INC-2', 'access-posture'), 80, {}, 24)
  await terminal.type('Project id', 'jualuma-prod')
  await terminal.apply('high')
  await terminal.choose('What now?', 'do it by hand')
  await terminal.takesAnswers('Press Enter when it is done')
  terminal.press('\x1b')
  await terminal.choose('Is it done?', 'skip it')
  await terminal.takesAnswers('Why is it skipped?')
  terminal.press('\x1b')
  await terminal.choose('Is it done?', 'skip it')
  await terminal.type('Why is it skipped?', 'the owner does it')
  expect(await exitOf(terminal), terminal.screen()).toBe(3)
  expect(
    desk.entries('INC-2').flatMap((entry) => (entry.type === 'step.decided' ? [entry.body.decision] : [])),
  ).toEqual([{ choice: 'apply' }, { choice: 'by-hand' }, { choice: 'skip', reason: 'the owner does it' }])
  // The verdict is what a person is left with, on a screen of 24 lines too.
  const last = terminal.screen().split('\n').slice(-2)
  expect(last[0]).toBe('SANDBOX jualuma-prod  Done, with drift left.')
  const again = sit(desk, argv('INC-3', 'access-posture'))
  await again.type('Project id', 'jualuma-prod')
  await again.takesAnswers('What now?')
  again.press('q')
  await again.enter()
  await again.waitFor('This run has made no verified change.')
  await again.type('Why is it aborted?', 'the wrong environment')
  expect(await exitOf(again)).toBe(4)
  expect(desk.record('INC-3')).toContain('the wrong environment')
})

test.concurrent('an abort after a change lists it, with what would undo it', { timeout: limit }, async () => {
  const desk = await makeDesk('incident-2026-02-27')
  const terminal = sit(desk, argv('INC-4', 'access-posture'))
  await terminal.type('Project id', 'jualuma-prod')
  await terminal.apply('high')
  await terminal.takesAnswers('What now?')
  terminal.press('q')
  await terminal.enter()
  await terminal.waitFor('These changes of this run stay in place:')
  await terminal.waitFor('Make frontend-app public')
  await terminal.waitFor('undo: gcloud run services update frontend-app')
  await terminal.takesAnswers('Why is it aborted?')
  await terminal.enter()
  expect(await exitOf(terminal)).toBe(4)
  expect(terminal.screen()).toContain('breakglass undo INC-4')
})
