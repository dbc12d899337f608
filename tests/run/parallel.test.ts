import { expect, test } from 'vitest'
import type { RunEvent } from '../../engine/run/model/events.ts'
import { Interrupted } from '../../engine/run/model/host.ts'
import { yesOperator } from '../../engine/terminal/operator.ts'
import { incidentOver } from '../samples/killed-run.ts'
import { type Misbehaviour, modelCloud, type Options, runModel } from '../samples/model-world.ts'
import { gcloudStep } from '../samples/samples.ts'

const unasked = yesOperator('ada')

const run = async (behaviours: Record<string, Misbehaviour>, options: Partial<Options> = {}) => {
  const cloud = modelCloud(behaviours)
  const over = { parallel: true as const }
  return { cloud, ...(await runModel(Object.keys(behaviours), { cloud, operator: unasked, over, ...options })) }
}

/** What happened to which step, in the order of the log: `intent a`. */
const told = (events: RunEvent[]) =>
  events.flatMap((event) =>
    event.type === 'step.intent' || event.type === 'step.outcome'
      ? [`${event.type.slice('step.'.length)} ${event.body.step.slice('sample/thing['.length, -1)}`]
      : [],
  )

test('parallel changes run together if nobody is asked', async () => {
  const { events, moments, end } = await run({ a: {}, b: {}, c: {} })
  expect(told(events).slice(0, 3)).toEqual(['intent a', 'intent b', 'intent c'])
  expect(moments[0]).toMatchObject({ type: 'steps-due', steps: [{}, {}, {}] })
  expect(end?.ending).toBe('done')
})

test('a person is asked about one after the other, and so each has ended before the next begins', async () => {
  const { events, moments } = await run({ a: {}, b: {} }, { operator: { ...unasked, asks: true } })
  expect(told(events)).toEqual(['intent a', 'outcome a', 'intent b', 'outcome b'])
  expect(moments.map(({ type }) => type)).not.toContain('steps-due')
})

test('without parallel in the runbook, changes run one after another', async () => {
  const { events } = await run({ a: {}, b: {} }, { over: {} })
  expect(told(events)).toEqual(['intent a', 'outcome a', 'intent b', 'outcome b'])
})

test('a failure ends the run once the parallel changes have ended', async () => {
  const { events, end, cloud } = await run({ a: { lost: 9, exit: 1, cause: 'denied' }, b: { late: 3 }, c: {} })
  expect(end).toEqual({ ending: 'failed', reason: expect.stringContaining('it says denied') })
  expect(
    told(events)
      .filter((text) => text.startsWith('outcome'))
      .sort(),
  ).toEqual(['outcome a', 'outcome b', 'outcome c'])
  expect(['b', 'c'].map(cloud.held)).toEqual(['right', 'right'])
  expect(events.at(-1)?.type).toBe('run.closed')
})

test('every failure is reported, and a change in doubt decides how the run ends', async () => {
  const { end } = await run({ a: { lost: 9, exit: 1, cause: 'denied' }, b: { blind: 99 } })
  expect(end?.ending).toBe('in-doubt')
  expect(end?.reason).toMatch(/it says denied.*; .*could not be read/)
})

test('once the run is to stop, no more of them are begun, and those under way are read back', async () => {
  const { events, end } = await run({ a: {}, b: {}, c: {}, d: {}, e: {}, f: {} }, { stopAfter: 12 })
  const started = told(events).filter((text) => text.startsWith('intent'))
  const ended = told(events).filter((text) => text.startsWith('outcome'))
  expect(started.length).toBeLessThan(6)
  expect(ended).toHaveLength(started.length)
  expect(['interrupted', 'in-doubt']).toContain(end?.ending)
})

test('a log that can no longer be written stops all of them', async () => {
  const { cloud, events, error } = await run({ a: {}, b: {}, c: {} }, { failAt: 8 })
  expect(error).not.toBeInstanceOf(Interrupted)
  expect((error as Error).message).toBe('disk full')
  expect(cloud.performed.length).toBeLessThanOrEqual(told(events).filter((text) => text.startsWith('intent')).length)
})

test('steps with dependsOn run in parallel, after their dependencies', async () => {
  const steps = ['a', 'b', 'c'].map((name) =>
    gcloudStep(name, {
      id: name,
      dependsOn: name === 'c' ? ['a'] : [],
      settle: { reads: 1, everyMs: 100, withinMs: 1000 },
    }),
  )
  const { events } = await run({ a: {}, b: { late: 5 }, c: {} }, { steps })
  expect(told(events)).toEqual(['intent a', 'intent b', 'outcome a', 'intent c', 'outcome c', 'outcome b'])
})

test('once one has ended the run, another that has only observed changes nothing, and none is retried', async () => {
  const slow = { lost: 9, exit: 1, cause: 'unavailable' } as const
  const { events, end, cloud } = await run({ a: { lost: 9, exit: 1, cause: 'denied' }, b: slow }, { retry: 5 })
  expect(end?.ending).toBe('failed')
  expect(cloud.performed.filter(({ name }) => name === 'b').length).toBeLessThanOrEqual(1)
  expect(told(events).filter((text) => text.endsWith('b')).length).toBeLessThanOrEqual(2)
})

test('a failure outranks a declined step', async () => {
  const { end } = await run({ a: { moves: 'odd' }, b: { lost: 9, exit: 1, cause: 'denied' } })
  expect(end?.ending).toBe('failed')
  expect(end?.reason).toContain('consents only to the plan')
})

test('an undo takes them back one after the other', async () => {
  const cloud = modelCloud({ a: {}, b: {} })
  const steps = ['a', 'b'].map((name) => gcloudStep(name, { parallel: true }))
  const incident = incidentOver(cloud, steps, unasked)
  await incident.run()
  const before = incident.log.length
  await incident.undo()
  const words = incident.log.slice(before).flatMap(({ type }) => (/intent|outcome/.test(type) ? [type] : []))
  expect(words).toEqual(['step.intent', 'step.outcome', 'step.intent', 'step.outcome'])
})

test('no more are under way together than there is room for', async () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
  const cloud = modelCloud(Object.fromEntries(names.map((name) => [name, {}])))
  const { gcloud } = cloud.world
  let [under, most] = [0, 0]
  cloud.world.gcloud = async (call) => {
    if (call.argv[1] === 'set') most = Math.max(most, ++under)
    await new Promise((resolve) => setImmediate(resolve))
    if (call.argv[1] === 'set') under--
    return gcloud(call)
  }
  const { end } = await runModel(names, { cloud, operator: unasked, over: { parallel: true } })
  expect(end?.ending).toBe('done')
  expect(most).toBe(4)
})

test('once one has ended the run, nobody is asked about another', async () => {
  const behaviours = Object.fromEntries(['b', 'c', 'd', 'e', 'f'].map((name) => [name, {}]))
  const { events } = await run({ a: { lost: 9, exit: 1, cause: 'denied' }, ...behaviours })
  const failed = events.findIndex(({ type, body }) => type === 'step.outcome' && body.verdict === 'not-applied')
  expect(failed).toBeGreaterThan(0)
  expect(events.slice(failed).filter(({ type }) => type === 'step.decided')).toEqual([])
})
