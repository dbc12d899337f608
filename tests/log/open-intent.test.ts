import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { foldRuns, stepsInDoubt } from '../../engine/run/model/fold-runs.ts'
import type { Recorded } from '../../engine/run/model/recorded.ts'
import { type Misbehaviour, modelCloud, runModel } from '../samples/model-world.ts'
import { makeTeamDesk } from './team-desk.ts'

vi.setConfig({ testTimeout: 90_000, hookTimeout: 60_000 })

test('the next run says which step of a run that was cut off is in doubt', async () => {
  const web = { region: 'us-central1', ingress: 'internal', invokerCheck: false } as const
  const desk = await makeTeamDesk({
    live: { services: [{ name: 'web', posture: 'public' }] },
    heronLive: { services: { web } },
  })
  expect((await desk.run('access-posture', 'INC-1')).exit).toBe(0)
  const log = join(desk.logs, 'INC-1', 'audit.jsonl')
  const lines = readFileSync(log, 'utf8').split('\n')
  // What a kill between the two leaves: no outcome, and no checkpoint yet.
  rmSync(join(desk.logs, 'INC-1', 'checkpoints'), { recursive: true })
  const intent = lines.findIndex((line) => line.includes('"type":"step.intent"'))
  writeFileSync(log, `${lines.slice(0, intent + 1).join('\n')}\n`)
  const { run } = desk.entries('INC-1')[0]!

  const next = await desk.run('access-posture', 'INC-1')
  expect(next.exit, next.stderr).toBe(0)
  expect(next.stdout).toMatch(
    new RegExp(`In doubt: step access-posture/\\S+\\[web\\] \\(.+\\) of ${run} has an intent but no outcome`),
  )
  expect(next.stdout).toContain('`breakglass audit show INC-1`')
  // By then it has been read again.
  expect((await desk.run('access-posture', 'INC-1')).stdout).not.toContain('In doubt: step')
})

test('a step stays in doubt until a later run has read it', async () => {
  const of = async (run: string, how: Misbehaviour) => {
    const { entries } = await runModel(['a'], { cloud: modelCloud({ a: how }) })
    return entries.map((entry) => ({ ...entry, run })) as Recorded[]
  }
  const first = await of('run-1', {})
  const cut = first.slice(0, first.findIndex(({ type }) => type === 'step.intent') + 1)
  const seen = await of('run-2', { start: 'right' })
  const blind = JSON.parse(
    JSON.stringify(await of('run-3', { start: 'right' })).replaceAll('"conformant"', '"unknown"'),
  ) as Recorded[]
  const openIn = (entries: Recorded[]) =>
    stepsInDoubt(foldRuns(entries)).map(({ run, step }) => [run, step.planned.key])
  expect(openIn(first)).toEqual([])
  expect(openIn(cut)).toEqual([['run-1', 'sample/thing[a]']])
  expect(openIn([...cut, ...blind])).toEqual([['run-1', 'sample/thing[a]']])
  expect(openIn([...cut, ...seen])).toEqual([])
})
