import { expect, test, vi } from 'vitest'
import { duplicatesOf } from '../../engine/steps/index.ts'
import type { Observation } from '../../engine/steps/types.ts'
import { failedWith, printed, secretStep, worldOf } from '../samples/samples.ts'
import { makeTeamDesk, ofType } from './team-desk.ts'

vi.setConfig({ testTimeout: 90_000 })

test('versions that gcloud added more than once are told in log, screen and record, and none is destroyed', async () => {
  const value = (text: string) => ({ versions: [{ text }] })
  const desk = await makeTeamDesk({
    live: { secrets: [{ name: 'KEY', references: ['trial'] }] },
    trial: { secrets: [{ name: 'KEY' }] },
    heronLive: { secrets: { KEY: value('old-value') } },
    heronTrial: { secrets: { KEY: value('new-value') } },
    // The version is made and the answer lost, twice.
    faults: [{ on: { service: 'secretmanager', method: 'versions.add', calls: [1, 2] }, answer: { drop: 'after' } }],
  })
  const { exit, stdout, stderr } = await desk.run('secret-parity', 'INC-1')
  expect(exit, stdout + stderr).toBe(0)
  const said = 'versions 2, 3 of KEY hold the same value as version 4, which is in use'
  expect(stdout.replaceAll(/\s+/g, ' ')).toContain(said)
  const duplicates = { project: 'heron-live', secret: 'KEY', inUse: '4', versions: ['2', '3'] }
  expect(ofType(desk.entries('INC-1'), 'step.duplicated').map(({ body }) => body.duplicates)).toEqual([duplicates])
  expect(desk.record('INC-1')).toContain(said)
  expect(new Set(await desk.changes())).toEqual(new Set(['secretmanager.versions.add']))
})

const at = (version: string, text: string): Observation => ({
  state: 'value',
  value: { version, state: 'ENABLED', fingerprint: `f:${Buffer.from(text).toString('hex')}` },
})

/** A secret's versions from 1 on; those that can't be read are left out. */
const worldWith = (...versions: (string | undefined)[]) => {
  const read: string[] = []
  const world = worldOf(async ({ argv }) => {
    read.push(argv[3] ?? '')
    const text = versions[Number(argv[3]) - 1]
    return text === undefined
      ? failedWith('invalid')
      : printed({ payload: { data: Buffer.from(text).toString('base64') } })
  })
  return { world, read }
}

test.each<[string, Observation, (string | undefined)[], string, string[] | undefined]>([
  ['the one version that was added', at('1', 'old'), ['old', 'new'], '2', undefined],
  ['the first version of a secret that had none', { state: 'absent' }, ['new', 'new'], '2', ['1']],
  ['what somebody else added in between', at('1', 'old'), ['old', 'theirs', 'new', 'new'], '4', ['3']],
  ['what can no longer be read', at('1', 'old'), ['old', undefined, 'new'], '3', undefined],
  ['the same value from before', at('2', 'x'), ['new', 'x', 'new'], '3', undefined],
  ['what is not known from before', { state: 'unknown', cause: 'other', reason: '' }, ['new', 'new'], '2', undefined],
])('found: %s', async (_, before, versions, inUse, found) => {
  const { world, read } = worldWith(...versions)
  const duplicates = await duplicatesOf(secretStep(), before, at(inUse, 'new'), world)
  expect(duplicates?.versions).toEqual(found)
  const first = before.state === 'value' ? Number(before.value.version) : 0
  for (const version of read) expect(Number(version)).toBeGreaterThan(first)
})
