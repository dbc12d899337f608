import { expect, test } from 'vitest'
import { makeDesk } from '../saved-plans/sandbox-desk.ts'
import { KEY, sit } from './held-terminal.ts'

test.concurrent('what a colleague changes under the running command is shown and asked about again', {
  timeout: 240_000,
}, async () => {
  const fault = {
    on: { service: 'run', method: 'services.replace', resource: 'frontend-app' },
    answer: { concurrentWriter: { ingress: 'internal' } },
  } as const
  const desk = await makeDesk('incident-2026-02-27', [fault])
  const argv = ['run', 'access-posture', '--env', 'prod', '--incident', 'INC-9', '--reason', 'smoke checks fail']
  const terminal = sit(desk, argv)
  await terminal.type('Project id', 'jualuma-prod')
  await terminal.apply('high')
  await terminal.waitFor('It has changed since the plan was shown')
  await terminal.apply('high')
  await terminal.choose('What now?', 'abort')
  expect((await terminal.ended).exitCode).toBe(4)
})

test.concurrent('Ctrl-C while changes are under way is answered where it can be seen; a second one leaves them in doubt', {
  timeout: 240_000,
}, async () => {
  const on = { service: 'run', method: 'services.replace', resource: 'support-portal' } as const
  const desk = await makeDesk('incident-2026-02-27', [{ on, answer: { hang: true } }])
  const argv = [
    'run',
    'access-posture',
    '--env',
    'prod',
    '--incident',
    'INC-10',
    '--reason',
    'smoke checks fail',
    '--yes',
  ]
  const terminal = sit(desk, argv)
  await terminal.waitFor('✔ Make jualuma-backend public')
  await terminal.waitFor('Make support-portal public')
  terminal.press(KEY.interrupt)
  await terminal.waitFor('Press Ctrl-C again to stop now; the current change will be left in doubt.')
  await terminal.waitFor('stopping')
  terminal.press(KEY.interrupt)
  expect((await terminal.ended).exitCode).toBe(130)
  const stepsOf = (wanted: 'step.intent' | 'step.outcome') =>
    desk.entries('INC-10').flatMap((entry) => (entry.type === wanted ? [entry.body.step] : []))
  const ended = stepsOf('step.outcome')
  expect(ended.length).toBeGreaterThanOrEqual(3)
  // On a slow machine others are under way, too.
  expect(stepsOf('step.intent').filter((step) => !ended.includes(step))).toContain(
    'access-posture/public-ingress[support-portal]',
  )
})
