import { expect, test } from 'vitest'
import type { Entry } from '../../engine/audit/entry.ts'
import { makeDesk } from '../saved-plans/sandbox-desk.ts'
import { KEY } from './held-terminal.ts'
import { PROMPT, sane, sitInShell } from './shell.ts'

const limit = { timeout: 240_000 }
const argv = (incident: string, more = '') =>
  `breakglass run access-posture --env prod --input services=frontend-app --incident ${incident} --reason smoke ${more}; echo ended-$?\r`
const SANE = { cooked: true, cursor: true, plainPaste: true }
const intents = (entries: Entry[]) => entries.filter(({ type }) => type === 'step.intent')

test('a question that was suspended is drawn again after fg, waits anew, and answers', limit, async () => {
  const desk = await makeDesk('incident-2026-02-27')
  const terminal = sitInShell(desk)
  await terminal.waitFor(PROMPT)
  terminal.press(argv('INC-1'))
  await terminal.type('Project id', 'jualuma-prod')
  await terminal.takesAnswers('What now?')
  terminal.press('a')
  await terminal.waitFor('❯ a apply')
  terminal.press(KEY.suspend)
  await terminal.waitFor('Stopped')
  await terminal.waitFor(PROMPT)
  expect(await sane(terminal)).toEqual(SANE)
  terminal.press('fg; echo ended-$?\r')
  await terminal.waitFor('? What now?')
  terminal.press(KEY.enter)
  await terminal.apply('high')
  await terminal.takesAnswers('What now?')
  terminal.press(KEY.interrupt)
  await terminal.waitFor('ended-130')
  await terminal.waitFor(PROMPT)
  expect(await sane(terminal)).toEqual(SANE)
  expect(intents(desk.entries('INC-1'))).toHaveLength(1)
  expect(desk.entries('INC-1').at(-1)).toMatchObject({ type: 'run.closed', body: { ending: 'interrupted' } })
})
