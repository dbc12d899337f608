import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import type { FaultRule } from '../../engine/sandbox/model/fault.ts'
import { makeTeamDesk, ofType, type TeamDesk } from '../log/team-desk.ts'

vi.setConfig({ testTimeout: 240_000 })

/** In a service's own settings, which Cloud Run writes into its audit log with the rest of the request. */
const CANARY = 'canary-6f1d0b9e-in-a-variable'
const posture = { region: 'us-central1', ingress: 'internal', iap: true, env: { TOKEN: CANARY } } as const
const value = (text: string) => ({ versions: [{ text }] })

/** A team with two drifted services and a drifted secret. */
const deskWith = (faults: FaultRule[] = []) =>
  makeTeamDesk({
    live: {
      services: ['gate', 'pier'].map((name) => ({ name, posture: 'public', iap: false })),
      secrets: [{ name: 'KEY', references: ['trial'] }],
    },
    trial: { secrets: [{ name: 'KEY' }] },
    heronLive: { services: { gate: posture, pier: posture }, secrets: { KEY: value('the-old-value') } },
    heronTrial: { secrets: { KEY: value('the-new-value') } },
    faults,
  })

const posts = (desk: TeamDesk, incident: string) => desk.run('access-posture', incident)
const reconcile = (desk: TeamDesk, incident: string, ...more: string[]) =>
  desk.breakglass('reconcile', incident, '--sandbox', desk.address, ...more)
const found = (desk: TeamDesk, incident: string) => ofType(desk.entries(incident), 'cloud.reconciled').at(-1)?.body
const section = (record: string) => /## Out-of-Band Changes\n[\s\S]*?(?=\n## )/.exec(record)?.[0] ?? ''
const oneLine = (text: string) => text.replaceAll(/\s+/g, ' ')

test('all that was done here is shown there, and nothing else: 0; the log stays sound and the record says it', async () => {
  const desk = await deskWith()
  expect((await posts(desk, 'INC-1')).exit).toBe(0)
  expect((await desk.run('secret-parity', 'INC-1')).exit).toBe(0)
  const { exit, stdout, stderr } = await reconcile(desk, 'INC-1')
  expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' })
  const intents = ofType(desk.entries('INC-1'), 'step.intent').map(({ seq }) => seq)
  const body = found(desk, 'INC-1')
  expect(intents).toHaveLength(5)
  expect(new Set(body?.ours.map(({ intent }) => intent))).toEqual(new Set(intents))
  expect(body).toMatchObject({ others: [], notShown: [], notLookedFor: [] })
  // More than a page of the sandbox's, all read.
  expect(body?.read).toEqual([{ project: 'heron-live', entries: body?.ours.length }])
  expect(body?.ours.length).toBeGreaterThan(5)
  expect(oneLine(stdout)).toContain(`${body?.ours.length} calls of this incident`)
  expect(oneLine(stdout)).toContain('Entries of the last minutes may still be missing')
  expect(section(desk.record('INC-1'))).toContain('calls of this incident, 0 changes of the same resources by others')
  expect((await desk.breakglass('audit', 'verify', 'INC-1')).exit).toBe(0)
  expect((await desk.breakglass('record', 'INC-1', '--verify', join(desk.logs, 'INC-1', 'record.md'))).exit).toBe(0)
})

test("somebody else's change of one of our targets is found, exactly that one: 3; in record, page and JSON", async () => {
  const desk = await deskWith([
    { on: { service: 'run', method: 'services.replace', resource: 'pier' }, answer: { concurrentWriter: true } },
  ])
  await posts(desk, 'INC-1')
  const { exit, stdout } = await reconcile(desk, 'INC-1', '--json')
  expect(exit).toBe(3)
  const told = JSON.parse(stdout)
  expect(told.others).toEqual([
    {
      id: expect.stringMatching(/^[0-9a-z]{13}$/),
      at: expect.stringMatching(/Z$/),
      project: 'heron-live',
      service: 'run.googleapis.com',
      method: 'google.cloud.run.v1.Services.ReplaceService',
      resource: 'namespaces/heron-live/services/pier',
      principal: 'concurrent-writer@example.com',
    },
  ])
  expect(told).toMatchObject({ exitCode: 3, notShown: [] })
  // Our own call that lost the race is ours all the same.
  expect(told.ours.filter(({ code }: { code?: number }) => code === 10)).toHaveLength(1)
  const line = '`concurrent-writer@example.com` changed `namespaces/heron-live/services/pier`'
  expect(section(desk.record('INC-1'))).toContain(line)
  const seq = ofType(desk.entries('INC-1'), 'cloud.reconciled')[0]?.seq
  expect(section(desk.record('INC-1'))).toContain(`<!-- log entries by statement: ${seq}; -; ${seq} -->`)
  const page = (await desk.breakglass('record', 'INC-1', '--format', 'html')).stdout
  expect(page).toContain('<code>concurrent-writer@example.com</code> changed')
  const data = JSON.parse((await desk.breakglass('record', 'INC-1', '--format', 'json')).stdout)
  expect(data.reconciled.body.others).toEqual(told.others)
})

test('an intent whose request never arrived is not shown: 3, with what the read-back says of it', async () => {
  const desk = await deskWith([
    { on: { service: 'secretmanager', method: 'versions.add', calls: 'every' }, answer: { drop: 'before' } },
  ])
  // Nobody answered the last of them, so it may still take effect.
  expect((await desk.run('secret-parity', 'INC-1')).exit).toBe(5)
  const { exit, stdout } = await reconcile(desk, 'INC-1')
  expect(exit).toBe(3)
  const intents = ofType(desk.entries('INC-1'), 'step.intent').map(({ seq }) => seq)
  expect(found(desk, 'INC-1')).toMatchObject({ ours: [], others: [], notShown: intents })
  // What was tried again had been waited for to its end; the last one was not.
  const became = (text: string) =>
    [...oneLine(text).matchAll(/Make KEY equal trial: started at `[^`]+`, (in doubt|not changed)/g)].map(
      ([, verdict]) => verdict,
    )
  const verdicts = intents.map((_, at) => (at === intents.length - 1 ? 'in doubt' : 'not changed'))
  expect(verdicts.length).toBeGreaterThan(1)
  expect(became(stdout)).toEqual(verdicts)
  expect(became(section(desk.record('INC-1')))).toEqual(verdicts)
  expect(section(desk.record('INC-1'))).toContain('Not in Cloud Audit Logs. This proves nothing')
})

test('an undo is ours too, and a later reconciliation takes the place of the one before', async () => {
  const desk = await deskWith()
  await posts(desk, 'INC-1')
  await reconcile(desk, 'INC-1')
  const before = found(desk, 'INC-1')
  await desk.breakglass('undo', 'INC-1', '--sandbox', desk.address, '--yes')
  expect(section(desk.record('INC-1'))).toContain('Later changes were not compared.')
  expect((await reconcile(desk, 'INC-1')).exit).toBe(0)
  const after = found(desk, 'INC-1')
  expect(after?.ours.length).toBeGreaterThan(before?.ours.length ?? 0)
  const intents = ofType(desk.entries('INC-1'), 'step.intent').map(({ seq }) => seq)
  expect(new Set(after?.ours.map(({ intent }) => intent))).toEqual(new Set(intents))
  expect(section(desk.record('INC-1'))).not.toContain('Later changes')
  expect(desk.record('INC-1').match(/## Out-of-Band Changes/g)).toHaveLength(1)
})

test('nothing of what was asked for is kept: a value in a service is in the audit logs and nowhere here', async () => {
  const desk = await deskWith()
  await posts(desk, 'INC-1')
  const { stdout, stderr } = await reconcile(desk, 'INC-1', '--json')
  const page = (await desk.breakglass('record', 'INC-1', '--format', 'html')).stdout
  const log = readFileSync(join(desk.logs, 'INC-1', 'audit.jsonl'), 'utf8')
  for (const text of [stdout, stderr, page, log, desk.record('INC-1')]) expect(text).not.toContain(CANARY)
})

test('logs that may not be read: 1, with the permission that is missing, and nothing is added', async () => {
  const desk = await deskWith([{ on: { service: 'logging', method: 'entries.list' }, answer: { status: 403 } }])
  await posts(desk, 'INC-1')
  const before = desk.entries('INC-1').length
  const { exit, stderr } = await reconcile(desk, 'INC-1')
  expect(exit).toBe(1)
  expect(oneLine(stderr)).toContain('cannot read the Cloud Audit Logs of heron-live')
  expect(oneLine(stderr)).toContain('the permission logging.logEntries.list in heron-live')
  expect(desk.entries('INC-1')).toHaveLength(before)
  // The log alone is enough, and the next time it works.
  expect((await reconcile(desk, 'INC-1')).exit).toBe(0)
})

test('no log, another world, a cut log: refused, and nothing is asked', async () => {
  const desk = await deskWith()
  const asked: string[] = []
  desk.onRequest = ({ service }) => asked.push(service)
  expect((await reconcile(desk, 'INC-0')).stderr).toContain('there is no incident INC-0 in')
  await posts(desk, 'INC-1')
  expect((await desk.breakglass('reconcile', 'INC-1')).stderr).toContain('ran in the sandbox heron')
  const file = join(desk.logs, 'INC-1', 'audit.jsonl')
  writeFileSync(file, readFileSync(file, 'utf8').split('\n').slice(0, -3).join('\n').concat('\n'))
  const cut = await reconcile(desk, 'INC-1')
  expect(cut.exit).toBe(1)
  expect(oneLine(cut.stderr)).toContain('is not what its last run left')
  expect(asked).toContain('run')
  expect(asked).not.toContain('logging')
})
