import { describe, expect, test } from 'vitest'
import type { Ending, RunEvent, Verdict } from '../../engine/run/model/events.ts'
import { foldRuns } from '../../engine/run/model/fold-runs.ts'
import { type Misbehaviour, modelCloud, type Options, runModel } from '../samples/model-world.ts'

const types = (events: RunEvent[]) => events.map(({ type }) => type)
const one = async (how: Misbehaviour, options: Partial<Options> = {}) => {
  const cloud = modelCloud({ a: how })
  return { cloud, ...(await runModel(['a'], { cloud, ...options })) }
}
const verdicts = (events: RunEvent[]) =>
  events.flatMap((event) => (event.type === 'step.outcome' ? [event.body.verdict] : []))

test('a drifted step is decided, observed again, intended, and read back, in this order', async () => {
  const { events, end } = await one({})
  expect(types(events)).toEqual(['step.decided', 'step.observed', 'step.intent', 'step.outcome', 'run.closed'])
  expect(events[2]).toMatchObject({
    body: {
      attempt: 1,
      before: { state: 'value', value: { value: 'wrong' } },
      action: { kind: 'gcloud', command: { argv: ['thing', 'set', 'a', 'right'] } },
      undo: { kind: 'gcloud', command: { argv: ['thing', 'set', 'a', 'wrong'] } },
    },
  })
  expect(events[3]).toMatchObject({ body: { verdict: 'applied', evidence: { exitCode: 0 }, reads: 1 } })
  expect(end).toEqual({ ending: 'done', reason: '1 changed' })
})

test('a successful run claims no more than what was observed', async () => {
  const cloud = modelCloud({ a: {}, b: { start: 'right' }, c: { start: 'right' } })
  expect((await runModel(['a', 'b', 'c'], { cloud })).end).toEqual({
    ending: 'done',
    reason: '1 changed, 2 already correct',
  })
})

test.each<[string, Misbehaviour, Partial<Options>, Verdict[], Ending, changes: number]>([
  ['exits 0 without effect', { lost: 9 }, {}, ['not-applied'], 'failed', 1],
  ['exits 1 with effect', { exit: 1 }, {}, ['applied'], 'done', 1],
  ['is refused', { lost: 9, exit: 1, cause: 'denied' }, {}, ['not-applied'], 'failed', 1],
  [
    'is refused, so it is not tried again',
    { lost: 9, exit: 1, cause: 'denied' },
    { retry: 3 },
    ['not-applied'],
    'failed',
    1,
  ],
  ['times out with effect', { exit: 1, cause: 'timeout' }, {}, ['applied'], 'done', 1],
  ['takes effect after some reads', { late: 5 }, {}, ['applied'], 'done', 1],
  ['takes effect after the read-back has given up', { late: 30 }, {}, ['not-applied'], 'failed', 1],
  ['takes effect right before the second try', { late: 10 }, { retry: 3 }, ['not-applied', 'applied'], 'done', 1],
  ['does something else', { sets: 'odd' }, { retry: 3 }, ['ambiguous'], 'failed', 1],
  ['cannot be read back', { blind: 99 }, { retry: 3 }, ['in-doubt'], 'in-doubt', 1],
  ['can be read back after a while', { blind: 4 }, {}, ['applied'], 'done', 1],
  ['works at the third try', { lost: 2 }, { retry: 3 }, ['not-applied', 'not-applied', 'applied'], 'done', 3],
  ['works at the third try, of two', { lost: 2 }, { retry: 2 }, ['not-applied', 'not-applied'], 'failed', 2],
  ['is right for fewer reads than asked for', { late: 9 }, { reads: 3 }, ['in-doubt'], 'in-doubt', 1],
  ['is right for as many reads as asked for', { late: 2 }, { reads: 3 }, ['applied'], 'done', 1],
])('a command that %s', async (_, how, options, expected, ending, changes) => {
  const { cloud, events, end } = await one(how, options)
  expect(verdicts(events)).toEqual(expected)
  expect(end?.ending).toBe(ending)
  expect(cloud.performed.length).toBe(changes)
})

test('both facts are in the log where gcloud and the read-back disagree', async () => {
  const { events } = await one({ exit: 1, cause: 'unavailable' })
  expect(events.find(({ type }) => type === 'step.outcome')).toMatchObject({
    body: {
      verdict: 'applied',
      evidence: { exitCode: 1, failure: { cause: 'unavailable', message: 'it says unavailable' } },
    },
  })
})

describe('between plan and consent', () => {
  test('a value that became right is left alone', async () => {
    const { cloud, end } = await one({ moves: 'right' })
    expect([cloud.performed.length, end?.ending]).toEqual([0, 'done'])
  })

  test('a value that changed meanwhile is shown and asked about again, and the undo restores it', async () => {
    const asked: boolean[] = []
    const { events } = await one(
      { moves: 'odd' },
      {
        decide: (_, moved) => {
          asked.push(moved)
          return { choice: 'apply' }
        },
      },
    )
    expect(asked).toEqual([false, true])
    expect(events.find(({ type }) => type === 'step.intent')).toMatchObject({
      body: { before: { value: { value: 'odd' } }, undo: { command: { argv: ['thing', 'set', 'a', 'odd'] } } },
    })
  })

  test('with --yes a value that became another is not touched', async () => {
    const { yesOperator } = await import('../../engine/terminal/operator.ts')
    const { plan } = await one({})
    const { decide } = yesOperator('ada')
    expect(await decide(plan.steps[0]!, 'as-planned', { number: 1, of: 1 })).toEqual({ choice: 'apply' })
    expect(await decide(plan.steps[0]!, 'moved', { number: 1, of: 1 })).toMatchObject({ choice: 'abort' })
  })
})

test('a skipped step leaves drift, and later steps still run', async () => {
  const cloud = modelCloud({ a: {}, b: {} })
  const decide = (name: string) =>
    name === 'a' ? { choice: 'skip' as const, reason: 'not now' } : { choice: 'apply' as const }
  const { end, events } = await runModel(['a', 'b'], { cloud, decide })
  expect(cloud.performed.map(({ name }) => name)).toEqual(['b'])
  expect(end).toEqual({ ending: 'drift', reason: '1 step left as found' })
  expect(events.at(-1)).toMatchObject({ body: { counts: { skipped: 1, applied: 1 } } })
})

test('an abort ends the run before the steps after it', async () => {
  const cloud = modelCloud({ a: {}, b: {} })
  const { end } = await runModel(['a', 'b'], { cloud, decide: () => ({ choice: 'abort', reason: 'enough' }) })
  expect([cloud.performed, end]).toEqual([[], { ending: 'declined', reason: 'enough' }])
})

test('a failed step ends the run before the steps after it', async () => {
  const cloud = modelCloud({ a: { lost: 9 }, b: {} })
  const { end } = await runModel(['a', 'b'], { cloud })
  expect(cloud.performed.map(({ name }) => name)).toEqual(['a'])
  expect(end?.reason).toBe('a is right: gcloud exited 0, but nothing has changed')
})

test('a step that only shows is left as found, without asking', async () => {
  const { end, events } = await one({}, { over: { apply: undefined as never } })
  expect(types(events)).toEqual(['step.observed', 'run.closed'])
  expect(end?.ending).toBe('drift')
})

test('a step that cannot be read when planning blocks the run, and drift is not counted as conformant', async () => {
  const cloud = modelCloud({ a: {} })
  const blind = {
    ...cloud,
    world: {
      ...cloud.world,
      gcloud: (call: Parameters<typeof cloud.world.gcloud>[0]) =>
        cloud.world.gcloud(call.argv[2] === 'b' ? { ...call, argv: ['thing', 'sing', 'a'] } : call),
    },
  }
  const { end, events, plan } = await runModel(['a', 'b'], { cloud: blind })
  expect(plan.steps.map(({ status }) => status)).toEqual(['drift', 'unknown'])
  expect(types(events)).toEqual(['run.closed'])
  expect(end?.ending).toBe('failed')
  expect(events[0]).toMatchObject({ body: { counts: { unreadable: 1 } } })
  expect(events[0]).not.toMatchObject({ body: { counts: { conformant: 1 } } })
})

test('a stop between two steps ends as interrupted, and the second is not reached', async () => {
  const cloud = modelCloud({ a: {}, b: {} })
  const { end, entries } = await runModel(['a', 'b'], { cloud, stopAfter: 4 })
  expect(end?.ending).toBe('interrupted')
  expect(cloud.performed.map(({ name }) => name)).toEqual(['a'])
  expect([...(foldRuns(entries)[0]?.steps.values() ?? [])].map(({ status }) => status)).toEqual(['applied', undefined])
})

test('a stop in the pause before another try makes no other try', async () => {
  const { cloud, end } = await one({ lost: 9 }, { retry: 5, stopAfter: 4 })
  expect(cloud.performed.length).toBe(1)
  expect(end?.ending).toBe('failed')
})

test('a log that ends after an intent leaves the step in doubt', async () => {
  const { entries } = await one({})
  const cut = entries.slice(
    0,
    entries.findIndex(({ type }) => type === 'step.outcome'),
  )
  const [run] = foldRuns(cut)
  expect(run?.closed).toBeUndefined()
  expect([...(run?.steps.values() ?? [])][0]?.status).toBe('intent-open')
})
