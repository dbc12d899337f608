import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Decision } from '../../engine/run/model/events.ts'
import type { Operator } from '../../engine/run/model/host.ts'
import { dependentsOf, doneIn } from '../../engine/run/undo.ts'
import { leavingConflicts, yesOperator } from '../../engine/terminal/operator.ts'
import { incidentOver } from '../samples/killed-run.ts'
import { type Cloud, type Misbehaviour, modelCloud } from '../samples/model-world.ts'
import { gcloudStep } from '../samples/samples.ts'

const NAMES = ['a', 'b', 'c']
const willing: Operator = { ...yesOperator('ada'), decide: async () => ({ choice: 'apply' }) }
const held = (cloud: Cloud) => NAMES.map((name) => cloud.held(name))
const times = (cloud: Cloud, name: string) => cloud.performed.filter((one) => one.name === name).length

const start = fc.constantFrom('wrong', 'right', 'odd')
/** What ends well if it is not disturbed: late or lost at first, whatever gcloud says of it. */
const kind: fc.Arbitrary<Misbehaviour> = fc
  .record(
    {
      start,
      late: fc.nat({ max: 6 }),
      lost: fc.nat({ max: 1 }),
      exit: fc.constantFrom(0, 1),
      cause: fc.constantFrom('conflict', 'unavailable', 'timeout'),
    },
    { requiredKeys: [] },
  )
  // A conflict says that nothing was done: two reads as before are enough to believe it.
  .filter(({ exit, cause, late = 0 }) => !(exit === 1 && cause === 'conflict' && late > 1))
/** The same, of which nothing stays open so long that waiting for it moves the model's clock on for the steps that run in parallel. */
const brief = kind.filter(({ exit, lost = 0 }) => !(exit === 1 && lost > 0))
/** What may do anything. */
const wild: fc.Arbitrary<Misbehaviour> = fc.record(
  {
    start,
    late: fc.nat({ max: 14 }),
    lost: fc.nat({ max: 3 }),
    sets: fc.constantFrom('right', 'right', 'odd'),
    exit: fc.constantFrom(0, 1),
    cause: fc.constantFrom('denied', 'conflict', 'unavailable', 'timeout', 'invalid'),
    blind: fc.nat({ max: 14 }),
  },
  { requiredKeys: [] },
)
const three = (one: fc.Arbitrary<Misbehaviour>) => fc.tuple(one, one, one)
const cloudOf = (behaviours: Misbehaviour[]) =>
  modelCloud(Object.fromEntries(NAMES.map((name, index) => [name, behaviours[index] ?? {}])))
const moments = fc.nat({ max: 70 })
const lives = fc.array(moments, { minLength: 1, maxLength: 4 })
const holds = <T>(arbitrary: fc.Arbitrary<T>, law: (given: T) => Promise<void>) =>
  fc.assert(fc.asyncProperty(arbitrary, law), { numRuns: 100 })

/** A run that is killed again and again, and gone on with each time, until it is let live, and while it ends in doubt once more. */
async function throughAll(incident: ReturnType<typeof incidentOver>, [first = 0, ...more]: number[]) {
  let end: Awaited<ReturnType<typeof incident.resume>> = await incident.run(first)
  for (const each of [...more, Number.POSITIVE_INFINITY]) if (end === 'killed') end = await incident.resume(each)
  return end !== 'killed' && end?.ending === 'in-doubt' ? incident.resume() : end
}

const besides = NAMES.map((name) => gcloudStep(name, { retry: { attempts: 2, everyMs: 500 }, parallel: true }))
/** The first and the second beside each other, the third after the first. */
const needing = NAMES.map((name, place) =>
  gcloudStep(name, {
    id: name,
    dependsOn: place < 2 ? [] : NAMES.slice(0, 1),
    retry: { attempts: 2, everyMs: 500 },
    // So long that none gives up because another beside it slept.
    settle: { reads: 1, everyMs: 100, withinMs: 60_000 },
  }),
)
describe.each([
  { way: 'one after the other', steps: NAMES, behaves: kind },
  { way: 'side by side', steps: besides, behaves: brief },
  { way: 'by what each needs', steps: needing, behaves: brief },
])('a run, $way, that is killed anywhere, however often, and resumed', ({ steps, behaves }) => {
  test('has the result of an undisturbed run, and repeats no change that took effect', () =>
    holds(fc.tuple(three(behaves), lives), async ([behaviours, killedAfter]) => {
      const calm = cloudOf(behaviours)
      await throughAll(incidentOver(calm, steps, willing), [Number.POSITIVE_INFINITY])
      const cloud = cloudOf(behaviours)
      const incident = incidentOver(cloud, steps, willing)
      const end = await throughAll(incident, killedAfter)
      if (end === undefined || end === 'killed') {
        expect(cloud.performed).toEqual([])
        return
      }
      expect(held(cloud)).toEqual(held(calm))
      for (const [index, name] of NAMES.entries()) {
        // A command that was killed while it was being lost is one more.
        const lost = behaviours[index]?.lost ?? 0
        expect(times(cloud, name)).toBeLessThanOrEqual(times(calm, name) + lost)
        if (lost === 0) expect(times(cloud, name)).toBe(times(calm, name))
      }
    }))

  test('has an intent before each change, and is applied only if the change is there', () =>
    holds(fc.tuple(three(wild), lives), async ([behaviours, killedAfter]) => {
      const cloud = cloudOf(behaviours)
      const incident = incidentOver(cloud, steps, willing)
      await throughAll(incident, killedAfter)
      const intents = incident.log.filter(({ type }) => type === 'step.intent')
      expect(cloud.performed.length).toBeLessThanOrEqual(intents.length)
      for (const [key, { status }] of incident.runs()[0]?.steps ?? [])
        if (status === 'applied') expect(cloud.held(key.slice('sample/thing['.length, -1))).toBe('right')
    }))

  test('never starts a command again before the last one was read back', () =>
    holds(fc.tuple(three(wild), lives), async ([behaviours, killedAfter]) => {
      const incident = incidentOver(cloudOf(behaviours), steps, willing)
      await throughAll(incident, killedAfter)
      const open = new Set<string>()
      for (const event of incident.log) {
        if (event.type === 'step.intent') {
          expect(open.has(event.body.step)).toBe(false)
          open.add(event.body.step)
        }
        if (event.type === 'step.outcome' || event.type === 'step.resolved') open.delete(event.body.step)
      }
    }))
})

describe('going on with a run', () => {
  test('never makes a change before those that it depends on are there', () =>
    holds(fc.tuple(three(wild), lives), async ([behaviours, killedAfter]) => {
      const cloud = cloudOf(behaviours)
      const { gcloud } = cloud.world
      const needed: unknown[] = []
      cloud.world.gcloud = (call) => {
        if (call.argv[1] === 'set' && call.argv[2] === 'c') needed.push(cloud.held('a'))
        return gcloud(call)
      }
      await throughAll(incidentOver(cloud, needing, willing), killedAfter)
      expect(needed).toEqual(needed.map(() => 'right'))
    }))

  test('is not decided by --yes where a change is neither there nor not: that stays in doubt', async () => {
    const cloud = cloudOf([{ sets: 'odd' }])
    const incident = incidentOver(cloud, NAMES, yesOperator('ada'))
    let died: unknown
    for (
      let count = 1;
      died !== 'killed' || incident.runs()[0]?.steps.get('sample/thing[a]')?.status !== 'intent-open';
      count++
    ) {
      incident.log.length = 0
      cloud.performed.length = 0
      cloud.set('a', 'wrong')
      died = await incident.run(count)
      if (died === 'killed' && cloud.performed.length === 0) died = undefined
    }
    expect(await incident.resume()).toMatchObject({ ending: 'in-doubt' })
    expect(times(cloud, 'a')).toBe(1)
    expect(await incident.resume(Number.POSITIVE_INFINITY, willing)).toBeDefined()
    expect(times(cloud, 'a')).toBeGreaterThan(1)
  })

  test('asks again about a finished step that somebody has changed since', async () => {
    const cloud = cloudOf([{}, { lost: 9 }])
    const incident = incidentOver(cloud, NAMES, yesOperator('ada'))
    expect(await incident.run()).toMatchObject({ ending: 'failed' })
    cloud.set('a', 'odd')
    const before = times(cloud, 'a')
    expect(await incident.resume()).toMatchObject({ ending: 'declined' })
    expect(times(cloud, 'a')).toBe(before)
  })
})

describe('an undo', () => {
  test('of one change knows which others there say that they need it', async () => {
    const chain = NAMES.map((name, place) => gcloudStep(name, { id: name, dependsOn: NAMES.slice(0, place) }))
    const incident = incidentOver(cloudOf([{}, {}, {}]), chain, willing)
    await incident.run()
    const there = incident.runs().flatMap(doneIn)
    const leaning = there.map((done) => [done.planned.subject, dependentsOf(done, there)])
    expect(leaning).toEqual([
      ['c', []],
      ['b', ['c is right']],
      ['a', ['c is right', 'b is right']],
    ])
  })

  test('undoes a dependent change before the one it depends on, even if that was applied again later', async () => {
    const cloud = cloudOf([{}, {}, { lost: 9, exit: 1, cause: 'denied' }])
    const chain = NAMES.map((name, place) => gcloudStep(name, { id: name, dependsOn: NAMES.slice(0, place) }))
    const incident = incidentOver(cloud, chain, willing)
    await incident.run()
    cloud.set('a', 'wrong')
    await incident.resume()
    cloud.performed.length = 0
    await incident.undo()
    expect(cloud.performed.map(({ name }) => name)).toEqual(['b', 'a'])
  })

  const quiet = fc.record({ start }, { requiredKeys: [] })

  test('restores the state before the first of several runs if one continued the partial change of another', () =>
    holds(
      three(fc.record({ start: fc.constantFrom('wrong', 'right'), half: fc.nat({ max: 4 }) }, { requiredKeys: [] })),
      async (behaviours) => {
        const cloud = cloudOf(behaviours)
        const [before, incident] = [held(cloud), incidentOver(cloud, NAMES, willing)]
        for (const name of ['run-1', 'run-2', 'run-3']) await incident.run(undefined, name)
        const changed = NAMES.filter((name) => times(cloud, name) > 0)
        cloud.performed.length = 0
        for (const how of behaviours) delete how.half
        await incident.undo()
        expect(held(cloud)).toEqual(before)
        expect(cloud.performed.map(({ name }) => name).sort()).toEqual(changed)
        expect(incident.runs().flatMap(doneIn)).toEqual([])
      },
    ))

  test('follows the order of the log, whatever the clock said', async () => {
    const incident = incidentOver(cloudOf([{}, {}, {}]), besides, willing)
    await incident.run()
    const changed = incident.log.flatMap((event) => (event.type === 'step.intent' ? [event.body.step] : []))
    for (const event of incident.log) event.time = new Date(1_000_000 - event.seq).toISOString()
    expect(incident.runs().flatMap(doneIn)).toMatchObject(changed.toReversed().map((key) => ({ planned: { key } })))
  })

  test('brings everything back, newest first, each once, wherever it is killed', () =>
    holds(fc.tuple(three(quiet), lives), async ([behaviours, killedAfter]) => {
      const cloud = cloudOf(behaviours)
      const [before, incident] = [held(cloud), incidentOver(cloud, NAMES, willing)]
      await incident.run()
      const done = cloud.performed.map(({ name }) => name)
      cloud.performed.length = 0
      const [first = 0, ...more] = killedAfter
      let end: Awaited<ReturnType<typeof incident.resume>> = await incident.undo(first)
      for (const each of [...more, Number.POSITIVE_INFINITY]) if (end === 'killed') end = await incident.resume(each)
      if (incident.runs()[1]?.plan === undefined) {
        expect(cloud.performed).toEqual([])
        return
      }
      expect(end).toMatchObject({ ending: 'done' })
      expect(held(cloud)).toEqual(before)
      expect(cloud.performed.map(({ name }) => name)).toEqual(done.toReversed())
      for (const { status, undone } of incident.runs()[0]?.steps.values() ?? [])
        expect(undone !== undefined).toBe(status === 'applied')
    }))

  test('restores the state before the first of two commands, one of which was cut off', async () => {
    const half: Misbehaviour = { sets: 'odd' }
    const cloud = cloudOf([half, { start: 'right' }, { start: 'right' }])
    const incident = incidentOver(cloud, NAMES, willing)
    for (let count = 1; cloud.performed.length === 0; count++) {
      incident.log.length = 0
      expect(await incident.run(count)).toBe('killed')
    }
    delete half.sets
    expect(await incident.resume()).toMatchObject({ ending: 'done' })
    expect(held(cloud)).toEqual(['right', 'right', 'right'])
    expect(await incident.undo()).toMatchObject({ ending: 'done' })
    expect(held(cloud)).toEqual(['wrong', 'right', 'right'])
  })

  test('leaves what was already correct, and what is already undone', async () => {
    const cloud = cloudOf([{ start: 'right' }])
    const incident = incidentOver(cloud, NAMES, willing)
    await incident.run()
    await incident.undo()
    const after = cloud.performed.length
    expect(cloud.held('a')).toBe('right')
    await incident.undo()
    expect(cloud.performed.length).toBe(after)
  })

  test('with --yes leaves what somebody has changed since, reports that, and undoes the rest', async () => {
    const cloud = cloudOf([])
    const incident = incidentOver(cloud, NAMES, leavingConflicts(yesOperator('ada')))
    await incident.run()
    cloud.set('b', 'odd')
    expect(await incident.undo()).toMatchObject({ ending: 'drift' })
    expect(held(cloud)).toEqual(['wrong', 'odd', 'wrong'])
  })
})

test('"undo the last" takes back the last change of the run as a run of its own, then asks about the same step again', async () => {
  const cloud = cloudOf([])
  const answers: Decision['choice'][] = ['apply', 'undo-last', 'apply', 'apply', 'apply']
  const offered: (string | undefined)[] = []
  const incident = incidentOver(cloud, NAMES, {
    ...willing,
    async decide(_, __, { last }) {
      offered.push(last)
      return { choice: answers.shift() } as Decision
    },
  })
  expect(await incident.run()).toMatchObject({ ending: 'drift', reason: '1 step left as found' })
  expect(held(cloud)).toEqual(['wrong', 'right', 'right'])
  expect(offered).toEqual([undefined, 'a is right', undefined, undefined, 'b is right'])
  const [run, undo] = incident.runs()
  expect(run?.steps.get('sample/thing[a]')?.undone?.run).toBe(undo?.run)
  expect(undo?.opened).toMatchObject({ within: 'run-1', undoes: [{ run: 'run-1', step: 'sample/thing[a]' }] })
})
