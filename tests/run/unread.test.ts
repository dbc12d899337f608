import { expect, test } from 'vitest'
import { toRecord } from '../../engine/record/markdown.ts'
import { modelOf } from '../../engine/record/model.ts'
import type { Recorded } from '../../engine/run/model/recorded.ts'
import { observeGate } from '../../engine/steps/kinds/gate.ts'
import type { BoundGateStep, BoundStep, Observation } from '../../engine/steps/types.ts'
import { summarize } from '../../engine/terminal/summary.ts'
import { type Misbehaviour, modelCloud, type Options, runModel } from '../samples/model-world.ts'
import { gcloudStep } from '../samples/samples.ts'

const recordOf = (entries: Recorded[]) => toRecord(modelOf(entries), { size: entries.length, hash: 'h' })
const section = (record: string, title: string) =>
  new RegExp(`## ${title}[^\\n]*\\n[\\s\\S]*?(?=\\n## |$)`).exec(record)?.[0] ?? ''
const run = (behaviours: Record<string, Misbehaviour>, options: Partial<Options> = {}) =>
  runModel(Object.keys(behaviours), { cloud: modelCloud(behaviours), ...options })
const passOver = () => ({ reason: 'looked in the console' })
const screen = { interactive: false, columns: 200, colour: false }
const places = { log: 'l', record: 'r', checkpoint: 'c', signed: 's', cloudEnds: false, warnings: [] }

test('if nothing drifted and most could not be read, the record counts what was read, and names the rest with reasons', async () => {
  const { entries } = await run(
    { web: { start: 'right' }, api: { unreadable: 1 }, db: { unreadable: 1 } },
    { passOver },
  )
  const context = section(recordOf(entries), 'Context')
  expect(context).not.toContain('No drift was found')
  expect(context).toContain('Of 3 steps, 1 could be read when the plan was made, and it was as expected.')
  expect(context).toMatch(
    /Could not be read, so the state is unknown:\n\n- api is right \(the line is down\).*\n- db is right/,
  )
})

test('where nothing at all was read, nothing is claimed', async () => {
  const { entries } = await run({ web: { unreadable: 1 } }, { passOver })
  const context = section(recordOf(entries), 'Context')
  expect(context).toContain('No step was read, so the state before is unknown.')
  expect(context).not.toContain('as expected')
})

test('if all was read and correct, the record says so, with the count', async () => {
  const { entries } = await run({ web: { start: 'right' }, api: { start: 'right' } })
  expect(section(recordOf(entries), 'Context')).toContain(
    'No drift was found when the plan was made: all 2 steps read as expected.',
  )
})

test('steps that could not be read are named as well as those that drifted', async () => {
  const { entries } = await run({ web: {}, api: { unreadable: 1 } }, { passOver })
  const context = section(recordOf(entries), 'Context')
  expect(context).toContain('1. web is right')
  expect(context).toContain('- api is right (the line is down)')
})

test('a skipped step that could not be read is recorded with the reason why', async () => {
  const { entries, end } = await run({ web: {}, api: { unreadable: 1 } }, { passOver })
  const left = section(recordOf(entries), 'Steps Not Completed')
  expect(left).toContain('api is right: could not be read, skipped: looked in the console (the line is down)')
  if (!end) throw new Error('it has not ended')
  const told = summarize(entries, end, places, screen)
  expect(told).toContain('could not be read: 1')
  expect(told).not.toContain('skipped: 1')
})

test('a command that exited 0 and whose effect cannot be read is described so, and not as "nothing has changed"', async () => {
  const { entries, end } = await run({ web: { blind: 100 } })
  expect(end?.ending).toBe('in-doubt')
  expect(end?.reason).toContain('applied; its effect could not be read: ')
  const record = recordOf(entries)
  expect(section(record, 'Steps Not Completed')).toContain('applied; its effect could not be read: ')
  expect(section(record, 'Timeline')).toContain('applied; its effect could not be read: ')
  expect(record).not.toMatch(/nothing has changed|Nothing was changed/i)
})

test('a command that failed and whose effect cannot be read is not called applied', async () => {
  const { entries, end } = await run({ web: { blind: 100, exit: 1 } })
  expect(end?.reason).toContain('cannot read whether the change was made')
  expect(recordOf(entries)).not.toContain('applied; its effect')
})

test('a change that was tried and is read as before does not make the record say that nothing was tried', async () => {
  const { entries } = await run({ web: { lost: 9 } })
  const actions = section(recordOf(entries), 'Break-Glass Runtime Actions')
  expect(actions).not.toContain('Nothing was changed')
  expect(actions).toContain('No change was completed.')
})

test('a run that ended before its checks names those that it did not run, and does not say that no backfill is owed', async () => {
  const { entries } = await run({ web: { unreadable: 1 } })
  const [, made] = entries
  if (made?.type !== 'plan.made') throw new Error('no plan')
  made.body.plan.checks = [{ key: 'sample/root', runbook: 'sample', title: 'the root answers' }]
  const record = recordOf(entries)
  expect(section(record, 'Verification')).toContain(
    'Planned but not run, so the result is unknown:\n\n- the root answers',
  )
  expect(section(record, 'Repo Backfill Implemented')).toContain('no run got as far as checking the repository')
})

test('a gate names what it could not read, and counts its manual steps', async () => {
  const gate = (observations: Record<string, Observation>) => {
    const steps = Object.keys(observations).map((name) => gcloudStep(name, {}))
    const step = { kind: 'gate', gate: 'posture', steps } as unknown as BoundGateStep
    return observeGate(step, async ({ title }: BoundStep) => ({
      observation: Object.entries(observations).find(([name]) => title.startsWith(name))?.[1] as Observation,
      expectation: { value: 'right' },
    }))
  }
  const down: Observation = { state: 'unknown', cause: 'network', reason: 'the line is down' }
  const right: Observation = { state: 'value', value: { value: 'right' } }
  const wrong: Observation = { state: 'value', value: { value: 'wrong' } }
  const unread = await gate({ a: right, b: down, c: down })
  expect(unread.observation).toMatchObject({
    state: 'unknown',
    reason: '2 of 3 could not be read: b is right: the line is down; c is right: the line is down',
  })
  const drifted = await gate({ a: wrong, b: down, c: { state: 'unseen' } })
  expect(drifted.note).toBe('1 of 2 could not be read: b is right: the line is down; 1 manual, not observed')
  expect((await gate({ a: right, c: { state: 'unseen' } })).note).toBe('1 manual, not observed')
})

test('a read that failed in a run is reported as that, and not as a change of the resource', async () => {
  const { entries } = await run({ web: { start: 'wrong' } })
  const moved = entries.map((entry) =>
    entry.type === 'step.observed'
      ? {
          ...entry,
          body: {
            ...entry.body,
            ...{ moved: true, status: 'unknown' },
            observation: { state: 'unknown', cause: 'network', reason: 'the line is down' },
          },
        }
      : entry,
  ) as Recorded[]
  const timeline = section(recordOf(moved), 'Timeline')
  expect(timeline).toContain('web is right: could not be read (the line is down)')
  expect(timeline).not.toContain('has changed since the plan was shown')
})
