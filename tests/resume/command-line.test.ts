import { appendFileSync, cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Entry } from '../../engine/audit/entry.ts'
import type { JsonObject } from '../../engine/base/json.ts'
import { inOrder } from '../in-order.ts'
import { type Desk, makeDesk } from '../saved-plans/sandbox-desk.ts'

inOrder()

const limit = 120_000
const SERVICES = 'http://us-central1-run.sandbox/apis/serving.knative.dev/v1/namespaces/jualuma-prod/services'
const step = (service: string) => `access-posture/public-ingress[${service}]`

let desk: Desk
let changesOfRun: string[]

beforeAll(async () => {
  desk = await makeDesk('incident-2026-02-27')
  const { exit, stdout, stderr } = await desk.breakglass(
    ...['run', 'access-posture', '--env', 'prod', '--incident', 'INC-1', '--reason', 'smoke checks fail', '--yes'],
    ...['--repo', 'runbooks/scenarios/application/before'],
  )
  expect({ exit, stdout, stderr }).toMatchObject({ exit: 0 })
  changesOfRun = await desk.changes()
}, limit)

/** A copy of the incident's folder, as another machine has it, of a run that was cut off after the last entry that is kept. */
function cutOff(name: string, keep: (entries: Entry[]) => number): { logs: string; entries(): Entry[] } {
  const logs = desk.at(name)
  rmSync(logs, { recursive: true, force: true })
  cpSync(desk.logs, logs, { recursive: true })
  const file = `${logs}/INC-1/audit.jsonl`
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
  const kept = lines.slice(0, keep(lines.map((line) => JSON.parse(line) as Entry)))
  writeFileSync(file, `${kept.join('\n')}\n`)
  const checkpoints = `${logs}/INC-1/checkpoints`
  for (const name of readdirSync(checkpoints))
    if (Number.parseInt(name, 10) > kept.length) rmSync(`${checkpoints}/${name}`)
  const entries = () =>
    readFileSync(file, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Entry)
  return { logs, entries }
}

const afterFirst = (type: Entry['type']) => (entries: Entry[]) => entries.findIndex((entry) => entry.type === type) + 1

describe('a run whose log ends with an intent', () => {
  test('is gone on with from a copy of the folder: the change is found, and none is made again', {
    timeout: limit,
  }, async () => {
    const { logs, entries } = cutOff('copy', afterFirst('step.intent'))
    const repo = ['--repo', 'runbooks/scenarios/application/before']
    const { exit, stdout } = await desk.breakglass('resume', 'INC-1', '--yes', '--logs', logs, ...repo)
    expect({ exit, stdout }).toMatchObject({ exit: 0 })
    expect(await desk.changes()).toEqual(changesOfRun)
    const types = entries().map(({ type }) => type)
    expect(types.slice(types.indexOf('run.resumed'), types.indexOf('run.resumed') + 2)).toEqual([
      'run.resumed',
      'step.resolved',
    ])
    expect(entries().find(({ type }) => type === 'step.resolved')).toMatchObject({ body: { verdict: 'applied' } })
    expect(new Set(entries().map(({ run }) => run)).size).toBe(1)
    expect(entries().filter(({ type }) => type === 'backfill.observed')).toContainEqual(
      expect.objectContaining({ body: expect.objectContaining({ status: 'owed' }) }),
    )
    expect(readFileSync(`${logs}/INC-1/record.md`, 'utf8')).toMatch(
      /resumed the run at .* UTC after it had been cut off/,
    )
  })

  test('is read before an undo says anything of it, and the log has what that says', { timeout: limit }, async () => {
    const { logs, entries } = cutOff('in-doubt', afterFirst('step.intent'))
    const key = entries().find(({ type }) => type === 'step.intent')?.body as { step: string }
    const { exit, stderr } = await desk.breakglass('undo', 'INC-1', '--step', 'no/such', '--yes', '--logs', logs)
    expect({ exit, stderr }).toMatchObject({ exit: 2, stderr: expect.stringContaining(`there are: ${key.step}`) })
    expect(entries().at(-1)).toMatchObject({ type: 'step.resolved', body: { step: key.step, verdict: 'applied' } })
  })

  test('is read by resume too where a later run of the incident is over, and is known then', {
    timeout: limit,
  }, async () => {
    const { logs, entries } = cutOff('earlier', afterFirst('step.intent'))
    const at = ['--incident', 'INC-1', '--reason', 'once more', '--yes', '--logs', logs, '--take-over']
    const later = await desk.breakglass('run', 'access-posture', '--env', 'prod', ...at)
    expect(later, later.stderr).toMatchObject({ exit: 0 })
    const { exit, stdout } = await desk.breakglass('resume', 'INC-1', '--yes', '--logs', logs)
    expect({ exit, stdout }).toMatchObject({ exit: 0, stdout: expect.stringContaining('Nothing is left to do') })
    expect(entries().at(-1)).toMatchObject({
      ...{ type: 'step.resolved', run: entries()[0]?.run },
      body: { verdict: 'applied' },
    })
    const again = await desk.breakglass('resume', 'INC-1', '--yes', '--logs', logs)
    expect(again.exit).toBe(0)
    expect(entries().filter(({ type }) => type === 'step.resolved')).toHaveLength(1)
  })

  test('is not gone on with where a runbook is another by now, and what differs is named', {
    timeout: limit,
  }, async () => {
    const { logs } = cutOff('changed', afterFirst('step.intent'))
    const runbook = desk.at('runbooks/access-posture.yaml')
    const text = readFileSync(runbook, 'utf8')
    appendFileSync(runbook, '# another\n')
    const { exit, stderr } = await desk.breakglass('resume', 'INC-1', '--yes', '--logs', logs)
    writeFileSync(runbook, text)
    expect(exit).toBe(2)
    expect(stderr).toContain('runbook access-posture (runbooks/access-posture.yaml): sha256:')
  })

  test('is not gone on with in another world than it was in', { timeout: limit }, async () => {
    const { logs } = cutOff('elsewhere', afterFirst('step.intent'))
    const nowhere = { BREAKGLASS_SANDBOX: '' }
    const { exit, stderr } = await desk.breakglassIn(nowhere, 'resume', 'INC-1', '--yes', '--logs', logs)
    expect(exit).toBe(2)
    expect(stderr).toContain('the sandbox of a rehearsal ends with it')
  })
})

test('a run that was cut off before its plan was made is planned anew', { timeout: limit }, async () => {
  const { logs, entries } = cutOff('unplanned', afterFirst('run.opened'))
  const { exit } = await desk.breakglass('resume', 'INC-1', '--yes', '--logs', logs)
  expect(exit).toBe(0)
  expect(entries().filter(({ type }) => type === 'plan.made')).toHaveLength(1)
})

test('a run that is done is left alone, and an incident without a log is no incident', { timeout: limit }, async () => {
  const done = await desk.breakglass('resume', 'INC-1', '--yes')
  expect(done).toMatchObject({ exit: 0, stdout: expect.stringContaining('Nothing is left to do') })
  const none = await desk.breakglass('resume', 'INC-9', '--yes')
  expect(none).toMatchObject({ exit: 2, stderr: expect.stringContaining('there is no incident INC-9 in ') })
})

test('an undo takes back one step, leaves what somebody has changed since, and takes back the rest', {
  timeout: limit,
}, async () => {
  const one = await desk.breakglass('undo', 'INC-1', '--step', step('frontend-app'), '--yes')
  expect(one, one.stdout).toMatchObject({ exit: 0 })
  const url = `${SERVICES}/support-portal`
  const service = await desk.call('GET', url)
  const { annotations } = service.metadata as { annotations: JsonObject }
  annotations['run.googleapis.com/ingress'] = 'internal-and-cloud-load-balancing'
  await desk.call('PUT', url, service)
  // A service that is still at work is not as any change of it was read back.
  await desk.advance(60_000)
  const rest = await desk.breakglass('undo', 'INC-1', '--yes')
  expect(rest, rest.stderr).toMatchObject({
    exit: 3,
    stdout: expect.stringContaining('skipped: 1\n  undo: Make support-portal'),
  })
  const intents = desk.entries('INC-1').flatMap((entry) => (entry.type === 'step.intent' ? [entry.body.step] : []))
  const undone = intents.flatMap((key) => /^(.*)@run-/.exec(key)?.[1] ?? []).filter((key) => key.includes('ingress'))
  // The rest goes side by side.
  expect(undone.sort()).toEqual(['frontend-app', 'jualuma-backend', 'marketing-site'].map(step))
  const record = readFileSync(`${desk.logs}/INC-1/record.md`, 'utf8')
  expect(record).toMatch(/## Changes Undone\n\n1\. .*public/)
  const again = await desk.breakglass('undo', 'INC-1', '--step', step('frontend-app'), '--yes')
  expect(again).toMatchObject({ exit: 2, stderr: expect.stringContaining('there are: ') })
})
