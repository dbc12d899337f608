import { expect, test } from 'vitest'
import { makeDesk } from '../saved-plans/sandbox-desk.ts'
import { sit } from './held-terminal.ts'

test('what a colleague changes under the running command is shown and asked about again', {
  timeout: 120_000,
}, async () => {
  const fault = {
    on: { service: 'run', method: 'services.replace', resource: 'frontend-app' },
    answer: { concurrentWriter: { ingress: 'internal' } },
  } as const
  const desk = await makeDesk('incident-2026-02-27', [fault])
  const argv = ['run', 'access-posture', '--env', 'prod', '--incident', 'INC-9', '--reason', 'smoke checks fail']
  const terminal = sit(desk, argv)
  await terminal.type('Project id', 'jualuma-prod')
  await terminal.choose('What now?', 'apply this change')
  await terminal.waitFor('It is no longer as the plan showed it')
  await terminal.choose('What now?', 'apply this change')
  await terminal.choose('What now?', 'abort')
  expect((await terminal.ended).exitCode).toBe(4)
})
