import { cpSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test, vi } from 'vitest'
import { EMPTY, nextLine } from '../../engine/audit/chain.ts'
import type { Entry, LogEvent } from '../../engine/audit/entry.ts'
import type { JsonObject } from '../../engine/base/json.ts'
import { inOrder } from '../in-order.ts'
import { upTo } from '../provenance/stage.ts'
import { makeTeam } from './people.ts'

inOrder()

vi.setConfig({ testTimeout: 120_000, hookTimeout: 240_000 })

const team = await makeTeam()
const operator = ['--key', team.key('operator')]
const SERVICE =
  'http://us-central1-run.sandbox/apis/serving.knative.dev/v1/namespaces/jualuma-prod/services/frontend-app'

/** A colleague sets who may reach the service, so that there is something to change again. */
async function reachedBy(ingress: string): Promise<void> {
  const service = await team.call('GET', SERVICE)
  const metadata = service.metadata as JsonObject
  const annotations = { ...(metadata.annotations as JsonObject), 'run.googleapis.com/ingress': ingress }
  await team.call('PUT', SERVICE, { ...service, metadata: { ...metadata, annotations } })
}

/**
 * Writes the logs of incidents of the very run that carried the plan out, each with a chain that is valid and no
 * checkpoint; what the operator signed for INC-1 is in no other.
 */
function logs(incidents: Record<string, (entries: Entry[]) => Entry[]>): void {
  rmSync(team.logs, { recursive: true, force: true })
  for (const [incident, change] of Object.entries(incidents)) {
    cpSync(team.at('kept'), join(team.logs, incident), { recursive: true })
    rmSync(join(team.logs, incident, 'checkpoints'), { recursive: true })
    let head = EMPTY
    const own = (entry: Entry) => incident === 'INC-1' || entry.type !== 'operator.identified'
    const lines = change(structuredClone(entries).filter(own)).map(({ time, run, type, body }) => {
      const event = { type, body } as LogEvent
      if (event.type === 'run.opened') event.body.incident = incident
      const next = nextLine(head, new Date(time), run, event)
      head = next.head
      return `${next.line}\n`
    })
    writeFileSync(join(team.logs, incident, 'audit.jsonl'), lines.join(''))
  }
}

/** The entries of a run that was cut off before its first change. */
const begun = (entries: Entry[]): Entry[] =>
  entries.slice(0, entries.findLastIndex(({ type }) => type === 'plan.approved') + 1)

async function refuses(incident: string, why: RegExp, ...more: string[]): Promise<void> {
  const changes = await team.changes()
  const ended = await team.breakglass('resume', incident, '--yes', '--policy', ...operator, ...more)
  expect(ended).toMatchObject({ exit: 4, stderr: expect.stringMatching(why) })
  expect(await team.changes()).toEqual(changes)
}

let entries: Entry[]
let ran: string
beforeAll(async () => {
  const plan = await team.plan('plan.json', 'frontend-app')
  const approvals = [await team.approve(plan, 'platform-1'), await team.approve(plan, 'security-1')]
  const ended = await team.run(plan, 'INC-1', approvals)
  expect(ended).toMatchObject({ exit: 0, stderr: '' })
  entries = team.entries('INC-1')
  ran = entries[0]?.run ?? ''
  renameSync(team.at('logs/INC-1'), team.at('kept'))
  await reachedBy('internal')
})

const whole = (all: Entry[]): Entry[] => all

test('a copy of the log of an approved run does not have it carried out again under another incident', async () => {
  logs({ 'INC-1': whole, 'INC-2': begun })
  await refuses('INC-2', new RegExp(`was already used, by ${ran} of incident INC-1`))
})

test('nor does the same log with a second run of the same plan', async () => {
  logs({ 'INC-2': (all) => [...all, ...begun(all).map((entry) => ({ ...entry, run: 'run-ffffffffffff' }))] })
  await refuses('INC-2', new RegExp(`was already used, by ${ran} of incident INC-2`))
})

test('nor a copy where the log that used the plan is damaged', async () => {
  logs({ 'INC-1': whole, 'INC-2': begun })
  writeFileSync(team.at('logs/INC-1/audit.jsonl'), JSON.stringify(entries[0]).slice(0, -3))
  await refuses('INC-2', /was already used, according to the log of incident INC-1/)
})

test('a run that had no plan yet carries out the one that was approved, or nothing', async () => {
  const moved = /no longer matches, and nothing was changed[\s\S]*ingress/
  logs({ 'INC-2': (all) => begun(all).filter(({ type }) => type !== 'plan.made') })
  await refuses('INC-2', moved)
  logs({ 'INC-2': (all) => upTo(all, 'run.opened') })
  await refuses('INC-2', moved, '--approval', 'approval-1.json', '--approval', 'approval-2.json')
})
