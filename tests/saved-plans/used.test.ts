import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { EMPTY, nextLine } from '../../engine/audit/chain.ts'
import { sealPlan } from '../../engine/plan/saved.ts'
import { refuseUsed } from '../../engine/session/saved-plan/plan-fits.ts'
import { content } from './sample-plan.ts'

const logs = mkdtempSync(join(tmpdir(), 'breakglass-used-'))
afterAll(() => rmSync(logs, { recursive: true }))
beforeEach(() => {
  for (const name of readdirSync(logs)) rmSync(join(logs, name), { recursive: true })
})
const saved = sealPlan(content)
const { id, digest, madeAt, madeBy } = saved

/** The first line of a run with a saved plan. */
const opened = nextLine(EMPTY, new Date('2026-02-27T10:30:00Z'), 'run-1', {
  type: 'run.opened',
  body: {
    incident: 'INC-1',
    title: 't',
    reason: 'r',
    operator: 'ada',
    cloud: { kind: 'live' },
    gcloud: { kind: 'gcloud', version: '1', account: 'a' },
    engine: '0.1.0',
    consent: 'asked',
    savedPlan: { id, digest, madeAt, madeBy },
  },
}).line

function log(incident: string, text: string): void {
  mkdirSync(join(logs, incident), { recursive: true })
  writeFileSync(join(logs, incident, 'audit.jsonl'), text)
}

test('a plan is unused where no log names it, and where there are no logs at all', async () => {
  log('INC-0', `${opened.replaceAll(id, `plan-${'b'.repeat(32)}`)}\n`)
  mkdirSync(join(logs, 'INC-empty'))
  writeFileSync(join(logs, 'README.md'), id)
  await expect(refuseUsed(saved, logs)).resolves.toBeUndefined()
  await expect(refuseUsed(saved, join(logs, 'nowhere'))).resolves.toBeUndefined()
})

test('the run and the incident that used it are named', async () => {
  log('INC-1', `${opened}\n`)
  const by = `the plan ${id} was already used, by run-1 of incident INC-1, at 2026-02-27T10:30:00.000Z; nothing was changed`
  await expect(refuseUsed(saved, logs)).rejects.toMatchObject({ message: by, exitCode: 4 })
})

test('a damaged log that still names the plan is no proof that it is unused', async () => {
  log('INC-1', opened.slice(0, -3))
  const message = /already used, according to the log of incident INC-1/
  await expect(refuseUsed(saved, logs)).rejects.toMatchObject({ message: expect.stringMatching(message), exitCode: 4 })
})

test('a plan is used once among the logs in one logs folder, and nothing is known of another', async () => {
  log('INC-1', `${opened}\n`)
  const hint = /a plan can be used once per logs folder/
  await expect(refuseUsed(saved, logs)).rejects.toMatchObject({ hint: expect.stringMatching(hint) })
  const another = join(logs, 'another-machine')
  mkdirSync(another)
  await expect(refuseUsed(saved, another)).resolves.toBeUndefined()
})
