import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Decision, RunEvent } from '../../engine/run/model/events.ts'
import { foldRuns } from '../../engine/run/model/fold-runs.ts'
import { exitCodeOf } from '../../engine/session/exit-codes.ts'
import { type Cloud, type Misbehaviour, modelCloud, runModel } from '../samples/model-world.ts'

const behaviour: fc.Arbitrary<Misbehaviour> = fc.record(
  {
    start: fc.constantFrom('wrong', 'right', 'odd'),
    lost: fc.nat({ max: 3 }),
    late: fc.nat({ max: 14 }),
    sets: fc.constantFrom('right', 'right', 'odd'),
    exit: fc.constantFrom(0, 1),
    cause: fc.constantFrom('denied', 'conflict', 'unavailable', 'timeout', 'invalid'),
    blind: fc.nat({ max: 14 }),
    moves: fc.constantFrom('right', 'odd', 'wrong'),
  },
  { requiredKeys: [] },
)
const decision: fc.Arbitrary<Decision> = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Decision>({ choice: 'apply' }) },
  { weight: 1, arbitrary: fc.constant<Decision>({ choice: 'skip', reason: 'not now' }) },
  { weight: 1, arbitrary: fc.constant<Decision>({ choice: 'abort', reason: 'enough' }) },
)
const NAMES = ['a', 'b', 'c']
const scenario = fc.record({
  behaviours: fc.tuple(behaviour, behaviour, behaviour),
  decisions: fc.array(decision, { minLength: 6, maxLength: 6 }),
  retry: fc.integer({ min: 1, max: 3 }),
  reads: fc.integer({ min: 1, max: 3 }),
})
type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never

async function play(
  { behaviours, decisions, retry, reads }: Scenario,
  more: { failAt?: number; stopAfter?: number } = {},
) {
  const cloud = modelCloud(Object.fromEntries(NAMES.map((name, index) => [name, behaviours[index] ?? {}])))
  const left = [...decisions]
  const asked: { name: string; moved: boolean; decision: Decision; tried: number }[] = []
  const decide = (name: string, moved: boolean): Decision => {
    const decision = left.shift() ?? { choice: 'apply' }
    asked.push({ name, moved, decision, tried: timesChanged(cloud, name) })
    return decision
  }
  const run = await runModel(NAMES, { cloud, decide, retry, reads, ...more })
  return { cloud, asked, ...run }
}

/** A step that is right when the plan is made is not looked at again but by the checks at the end, which the model has none of. */
const quiet = (scenario: Scenario): Scenario => ({
  ...scenario,
  behaviours: scenario.behaviours.map(({ moves, ...how }) =>
    how.start === 'right' || moves === undefined ? how : { ...how, moves },
  ) as Scenario['behaviours'],
})

const timesChanged = (cloud: Cloud, name: string) => cloud.performed.filter((one) => one.name === name).length
const outcomes = (events: RunEvent[]) => events.flatMap((event) => (event.type === 'step.outcome' ? [event.body] : []))
const holds = (property: (scenario: Scenario) => Promise<void>) =>
  fc.assert(fc.asyncProperty(scenario, property), { numRuns: 300 })

test('each change is preceded by its own intent in the log', () =>
  holds(async (scenario) => {
    const { cloud } = await play(scenario)
    const intents = cloud.trace.filter((_, index) => index % 2 === 0)
    const performs = cloud.trace.filter((_, index) => index % 2 === 1)
    expect(intents.map((text) => text.replace('intent', 'perform'))).toEqual(performs)
  }))

test('once an entry could not be written, nothing more is changed', () =>
  fc.assert(
    fc.asyncProperty(scenario, fc.integer({ min: 1, max: 20 }), async (scenario, failAt) => {
      const { cloud, events, error } = await play(scenario, { failAt })
      const intents = events.filter(({ type }) => type === 'step.intent')
      expect(cloud.performed.length).toBe(intents.length)
      if (events.length === failAt - 1 && error) expect((error as Error).message).toBe('disk full')
      if (error) expect(events.length).toBe(failAt - 1)
    }),
    { numRuns: 300 },
  ))

test('a change is applied only if the cloud has the wanted value and the read-back shows it', () =>
  holds(async (scenario) => {
    const { cloud, events } = await play(scenario)
    for (const { step, verdict, readBack } of outcomes(events)) {
      if (verdict === 'applied') {
        expect(readBack).toEqual({ state: 'value', value: { value: 'right' } })
        expect(cloud.held(step.slice('sample/thing['.length, -1))).toBe('right')
      }
      if (readBack.state === 'unknown') expect(verdict).toBe('in-doubt')
    }
  }))

test('the verdict does not depend on what gcloud reported, except for the waiting time', () =>
  holds(async (scenario) => {
    const told = (exit: 0 | 1) =>
      play({
        ...scenario,
        // As often as a passing failure is tried anyway.
        retry: 4,
        behaviours: scenario.behaviours.map((one) => ({
          ...one,
          // What nobody has answered is read for longer: what shows in time for both is compared.
          late: (one.late ?? 0) % 4,
          blind: (one.blind ?? 0) % 4,
          exit,
          cause: 'unavailable',
        })) as Scenario['behaviours'],
      })
    const [good, bad] = await Promise.all([told(0), told(1)])
    // After its last try nothing of it is waited for to the end, so what doesn't show may still come.
    const shows = (events: RunEvent[]) => outcomes(events).map(({ verdict }) => verdict === 'applied')
    expect(shows(good.events)).toEqual(shows(bad.events))
    for (const [index, { verdict }] of outcomes(bad.events).entries())
      if (verdict !== 'in-doubt') expect(verdict).toBe(outcomes(good.events)[index]?.verdict)
  }))

test('correct, skipped and aborted steps are not touched', () =>
  holds(async (scenario) => {
    const { cloud, plan, asked, end } = await play(scenario)
    for (const { subject, status } of plan.steps)
      if (status !== 'drift') expect(cloud.performed.map(({ name }) => name)).not.toContain(subject)
    for (const { name, decision, tried } of asked)
      if (decision.choice !== 'apply') expect(timesChanged(cloud, name)).toBe(tried)
    const aborted = asked.findIndex(({ decision }) => decision.choice === 'abort')
    if (aborted >= 0) {
      expect(end?.ending).toBe('declined')
      expect(asked.length).toBe(aborted + 1)
    }
    for (const { value } of cloud.performed) expect(value).toBe('right')
  }))

test('no value is overwritten that nobody has consented to', () =>
  holds(async (scenario) => {
    const { events } = await play(scenario)
    events.forEach((event, index) => {
      if (event.type !== 'step.intent') return
      const before = events
        .slice(0, index)
        .findLast((other) => other.type === 'step.observed' && other.body.step === event.body.step)
      expect(before).toMatchObject({ body: { observation: event.body.before, status: 'drift' } })
    })
  }))

test('a value that moved is asked about again, before anything is done', () =>
  holds(async (scenario) => {
    const { plan, asked, cloud } = await play({ ...scenario, decisions: [] })
    for (const [index, name] of NAMES.entries()) {
      const { moves } = scenario.behaviours[index] ?? {}
      const planned = plan.steps.find(({ subject }) => subject === name)
      const reached = asked.some((one) => one.name === name)
      const moved =
        moves !== undefined &&
        moves !== 'right' &&
        planned?.status === 'drift' &&
        planned.differences[0]?.current !== moves
      if (moved && reached) expect(asked).toContainEqual(expect.objectContaining({ name, moved: true }))
      if (moves === 'right') expect(cloud.performed.map((one) => one.name)).not.toContain(name)
    }
  }))

test('a change is never repeated once it is there, however late it came', () =>
  holds(async (scenario) => {
    const { cloud } = await play({ ...scenario, retry: 3 })
    for (const [index, name] of NAMES.entries()) {
      const { lost = 0, sets = 'right' } = scenario.behaviours[index] ?? {}
      const performs = cloud.performed.filter((one) => one.name === name).length
      const { late = 0, blind = 0, exit = 0, cause } = scenario.behaviours[index] ?? {}
      // Where the service itself has said no, one read is enough to believe it.
      const refused = exit === 1 && (cause === 'denied' || cause === 'invalid')
      // Where it said that another edit came first, two reads as before are enough.
      if (exit === 1 && cause === 'conflict' && late > 1) continue
      if (late + blind <= 10 && sets === 'right' && !refused) expect(performs).toBeLessThanOrEqual(lost + 1)
    }
  }))

test('a second run after a run that is done changes nothing', () =>
  holds(async (scenario) => {
    const { cloud, end } = await play(quiet(scenario))
    if (end?.ending !== 'done') return
    const before = cloud.performed.length
    const again = await runModel(NAMES, { cloud })
    expect(again.end?.ending).toBe('done')
    expect(cloud.performed.length).toBe(before)
  }))

test('done means that everything is correct, and every ending has its exit code', () =>
  holds(async (scenario) => {
    const { cloud, end, events } = await play(quiet(scenario))
    if (end?.ending === 'done') for (const name of NAMES) expect(cloud.held(name)).toBe('right')
    expect(events.at(-1)).toMatchObject({ type: 'run.closed', body: { ...end } })
    const codes = { done: 0, failed: 1, drift: 3, declined: 4, 'in-doubt': 5, interrupted: 130 }
    expect(exitCodeOf(end?.ending ?? 'failed')).toBe(codes[end?.ending ?? 'failed'])
  }))

test('the fold of the log has the same status for each step as the run itself', () =>
  holds(async (scenario) => {
    const { entries, events, moments } = await play(scenario)
    const [run] = foldRuns(entries)
    for (const moment of moments)
      if (moment.type === 'step-ended' && !moment.note.includes('keeps changing'))
        expect(run?.steps.get(moment.key)?.status).toBe(moment.status)
    const closed = events.at(-1)
    if (closed?.type === 'run.closed' && typeof closed.body.counts.conformant === 'number')
      expect([...(run?.steps.values() ?? [])].filter(({ status }) => status === 'conformant').length).toBe(
        closed.body.counts.conformant,
      )
  }))

test('a stop that is asked for ends the run without another change', () =>
  fc.assert(
    fc.asyncProperty(scenario, fc.nat({ max: 12 }), async (scenario, stopAfter) => {
      const { events, end } = await play(scenario, { stopAfter })
      const late = events.slice(stopAfter).filter(({ type }) => type === 'step.intent').length
      expect(late).toBe(0)
      if (events.length > stopAfter + 6) throw new Error('it went on after the stop')
      expect(end).toBeDefined()
    }),
    { numRuns: 300 },
  ))
