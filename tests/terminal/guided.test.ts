import { expect, test } from 'vitest'
import { type Desk, main, makeDesk } from '../saved-plans/sandbox-desk.ts'
import { holdTerminal, KEY } from './held-terminal.ts'

const limit = 120_000

/** A person's terminal at a desk: so many columns, `breakglass` in it. */
const sit = (desk: Desk, argv: string[], columns = 80, environment: Record<string, string> = {}) =>
  holdTerminal([process.execPath, main, ...argv], {
    columns,
    cwd: desk.folder,
    environment: { ...desk.environment, TERM: 'xterm-256color', ...environment },
  })

test('a run that was told nothing asks for all that it needs', { timeout: limit }, async () => {
  const desk = await makeDesk('incident-2026-02-27')
  const terminal = sit(desk, ['run'])
  await terminal.waitFor('? Which runbook?')
  terminal.press('posture')
  await terminal.waitFor('access-posture')
  terminal.press(KEY.enter)
  await terminal.waitFor('? Another one after it?')
  terminal.press(KEY.enter)
  await terminal.choose('Which environment?', 'prod')
  await terminal.choose('Inputs', 'go on')
  await terminal.type('Incident id', 'INC-7')
  await terminal.type('Why is production changed by hand?', 'smoke checks fail')
  await terminal.waitFor('Plan for prod')
  await terminal.choose('What now?', 'abort')
  const { exitCode } = await terminal.ended
  console.log(terminal.screen())
  expect(exitCode).toBe(4)
})
