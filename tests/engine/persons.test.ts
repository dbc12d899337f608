import { describe, expect, test } from 'vitest'
import { planStep } from '../../engine/plan/observe.ts'
import { riskOf } from '../../engine/plan/risk.ts'
import { toRecord } from '../../engine/record/markdown.ts'
import { modelOf } from '../../engine/record/model.ts'
import type { RunEvent } from '../../engine/run/events.ts'
import { Interrupted, type Operator, type Statement } from '../../engine/run/host.ts'
import { foldRuns, openIntents } from '../../engine/run/state.ts'
import { observe } from '../../engine/steps/index.ts'
import type { BoundStep } from '../../engine/steps/types.ts'
import { yesOperator } from '../../engine/terminal/operator.ts'
import { incidentOver } from './killed-run.ts'
import { type Cloud, type Misbehaviour, modelCloud, type Options, recorded, runModel } from './model-world.ts'
import { approveStep, gcloudStep, manualStep, printed, readingStep, waitStep, worldOf } from './samples.ts'

const types = (events: RunEvent[]) => events.map(({ type }) => type)
const yes = (words: string): Statement => ({ says: 'yes', words })
const no = (words: string): Statement => ({ says: 'no', words })

const run = async (
  steps: BoundStep[],
  things: Record<string, Misbehaviour> | Cloud,
  options: Partial<Options> = {},
) => {
  const cloud = 'world' in things ? (things as Cloud) : modelCloud(things as Record<string, Misbehaviour>)
  const ran = await runModel([], { cloud, steps, decide: () => ({ choice: 'by-hand' }), ...options })
  const [folded] = foldRuns(ran.entries)
  return { cloud, ...ran, fates: [...folded!.steps.values()].map(({ fate }) => fate) }
}
const record = (entries: Parameters<typeof modelOf>[0]) =>
  toRecord(modelOf(entries), { size: entries.length, hash: 'f'.repeat(64) }).replaceAll(/\s*<!--.*?-->/g, '')

describe('a manual step of which nothing can be read', () => {
  test('has its intent in the log before the person is asked, and their word after it', async () => {
    const seen: string[][] = []
    const { events, end, fates, entries } = await run(
      [manualStep('switch')],
      {},
      {
        state: async () => {
          seen.push(['asked'])
          return yes('CHG-7')
        },
      },
    )
    expect(types(events)).toEqual(['step.decided', 'step.intent', 'step.stated', 'run.closed'])
    expect(events[1]).toMatchObject({
      body: {
        action: { kind: 'by-hand', instructions: 'Turn switch by hand.', evidence: 'The ticket' },
        before: { state: 'unseen' },
        undo: { kind: 'none' },
      },
    })
    expect(events[2]).toMatchObject({ body: { says: 'yes', words: 'CHG-7', by: 'ada' } })
    expect([seen.length, fates]).toEqual([1, ['stated']])
    expect(end).toEqual({ ending: 'done', reason: '1 step was done by hand, as stated and read by nobody' })
    expect(record(entries)).toContain('`switch` (by hand, as ada states and nobody has read: CHG-7)')
  })

  test('that was not done is asked about again, and then as it was answered', async () => {
    const said = [no('no access'), yes('CHG-8')]
    const { events, fates } = await run([manualStep('switch')], {}, { state: async () => said.shift()! })
    expect(events.flatMap((event) => (event.type === 'step.intent' ? [event.body.attempt] : []))).toEqual([1, 2])
    expect(fates).toEqual(['stated'])
  })

  test('that was not done and is then skipped is left, with both reasons in the log', async () => {
    const decisions = [{ choice: 'by-hand' as const }, { choice: 'skip' as const, reason: 'tomorrow' }]
    const { end, entries } = await run(
      [manualStep('switch')],
      {},
      {
        decide: () => decisions.shift()!,
        state: async () => no('no access'),
      },
    )
    expect(end?.ending).toBe('drift')
    expect(record(entries)).toContain('states that it was not done by hand, and nobody has read it: no access')
    expect(record(entries)).toContain('switch is done by hand: skipped (tomorrow)')
  })

  test('that nobody has spoken of is in doubt', async () => {
    const { end, fates, events } = await run(
      [manualStep('switch'), gcloudStep('a')],
      { a: {} },
      {
        state: async () => {
          throw new Interrupted()
        },
      },
    )
    expect([end?.ending, fates]).toEqual(['in-doubt', ['intent-open', undefined]])
    expect(types(events)).toEqual(['step.decided', 'step.intent', 'run.closed'])
  })
})

describe('a manual step with a proof', () => {
  const proved = [manualStep('switch', 'a')]

  test.each<[string, (cloud: ReturnType<typeof modelCloud>) => void, string, string]>([
    ['done', (cloud) => cloud.set('a', 'right'), 'applied', 'done'],
    ['not done', () => {}, 'not-applied', 'failed'],
    ['done wrongly', (cloud) => cloud.set('a', 'odd'), 'ambiguous', 'failed'],
  ])('that is %s is judged by what is read, whatever was said', async (_, act, verdict, ending) => {
    const { events, end } = await run(
      proved,
      { a: {} },
      {
        byHand: async (cloud) => {
          act(cloud)
          return 'CHG-9'
        },
      },
    )
    const outcome = events.find(({ type }) => type === 'step.outcome')
    expect(outcome).toMatchObject({ body: { verdict, evidence: { byHand: true, words: 'CHG-9' } } })
    expect(end?.ending).toBe(ending)
  })

  test('that is right already is nobody to be asked about', async () => {
    const { events, end } = await run(proved, { a: { start: 'right' } }, { operator: yesOperator('ada') })
    expect([types(events), end?.ending]).toEqual([['run.closed'], 'done'])
  })

  test('stands in the record with the words of whoever did it', async () => {
    const { entries } = await run(
      proved,
      { a: {} },
      {
        byHand: async (cloud) => {
          cloud.set('a', 'right')
          return 'CHG-9'
        },
      },
    )
    expect(record(entries)).toContain('`switch`: value `wrong` → `right` (by hand: CHG-9)')
  })
})

describe('an approve step', () => {
  const asked = [approveStep(), gcloudStep('a')]
  const consenting = { decide: () => ({ choice: 'apply' as const }) }

  test('is answered before anything after it changes, and its words stand in log and record', async () => {
    const { events, entries } = await run(
      asked,
      { a: {} },
      {
        ...consenting,
        state: async () => yes('told at 9'),
      },
    )
    expect(types(events).slice(0, 2)).toEqual(['step.stated', 'step.decided'])
    expect(record(entries)).toContain('ada approved: Has support been told? (told at 9)')
  })

  test('that is refused ends the run as declined, with nothing changed', async () => {
    const { cloud, end, fates, entries } = await run(
      asked,
      { a: {} },
      { ...consenting, state: async () => no('nobody there') },
    )
    expect(end).toMatchObject({ ending: 'declined', reason: 'support knows: not approved (nobody there)' })
    expect([cloud.performed, fates]).toEqual([[], ['refused', undefined]])
    expect(record(entries)).toContain('support knows: not approved (nobody there)')
  })

  test.each<[string, BoundStep[]]>([
    ['nothing after it has drifted', asked],
    ['what changes comes before it', [gcloudStep('b'), approveStep()]],
    ["what changes is another runbook's", [approveStep({ runbook: 'other' }), gcloudStep('b')]],
  ])('is not asked where %s', async (_, steps) => {
    const { fates, events } = await run(steps, { a: { start: 'right' }, b: {} }, consenting)
    expect(fates).toContain('not-needed')
    expect(types(events)).toContain('step.not-needed')
    expect(types(events)).not.toContain('step.stated')
  })
})

describe('a wait step', () => {
  const consenting = { decide: () => ({ choice: 'apply' as const }) }
  const waited = (events: RunEvent[]) => events.flatMap((event) => (event.type === 'step.waited' ? [event.body] : []))

  test('for so long waits after a change, by the clock of the world', async () => {
    const { events, cloud, fates } = await run(
      [gcloudStep('a'), waitStep(), gcloudStep('b')],
      { a: {}, b: {} },
      consenting,
    )
    expect(waited(events)).toMatchObject([{ status: 'unseen', durationMs: 60_000, reads: 0 }])
    expect(cloud.world.clock.now().getTime()).toBeGreaterThanOrEqual(60_000)
    expect(fates).toEqual(['applied', 'waited', 'applied'])
  })

  test.each<[string, BoundStep[]]>([
    ['nothing before it was changed', [gcloudStep('right'), waitStep(), gcloudStep('a')]],
    ["what was changed is another runbook's", [gcloudStep('a', { runbook: 'other' }), waitStep()]],
  ])('is passed by where %s', async (_, steps) => {
    const { events, fates } = await run(steps, { a: {}, right: { start: 'right' } }, consenting)
    expect([waited(events), fates[1]]).toEqual([[], 'not-needed'])
  })

  /** A cloud in which something happens at its so-manieth read. */
  const cloudWith = (things: Record<string, Misbehaviour>, reads: number, happens: (cloud: Cloud) => void): Cloud => {
    const cloud = modelCloud(things)
    const { gcloud } = cloud.world
    let seen = 0
    cloud.world.gcloud = async (call) => {
      if (++seen === reads) happens(cloud)
      return gcloud(call)
    }
    return cloud
  }

  test('until something holds reads until it does', async () => {
    const cloud = cloudWith({ slow: {} }, 5, ({ set }) => set('slow', 'right'))
    const { events, end, fates } = await run([waitStep('slow')], cloud)
    expect(waited(events)).toMatchObject([{ status: 'conformant', reads: 4, durationMs: expect.closeTo(15_000, -3) }])
    expect([end?.ending, fates]).toEqual(['done', ['waited']])
  })

  test('until something holds that never does fails when its time is up, and says so', async () => {
    const { events, end, entries, fates } = await run(
      [waitStep('slow'), gcloudStep('a')],
      { a: {}, slow: {} },
      consenting,
    )
    expect(waited(events)).toMatchObject([{ status: 'drift', reads: 12 }])
    expect(end).toMatchObject({
      ending: 'failed',
      reason: expect.stringMatching(/it does not hold after 55.* value is wrong, must be right/),
    })
    expect(fates).toEqual(['overdue', undefined])
    expect(record(entries)).toContain('waited for, and it did not hold when the time was up')
  })

  test('that holds again after a change is read again, and says so', async () => {
    const { events, fates } = await run([gcloudStep('a'), waitStep('b')], { a: {}, b: { start: 'right' } }, consenting)
    expect(waited(events)).toMatchObject([{ status: 'conformant', reads: 1 }])
    expect(fates).toEqual(['applied', 'waited'])
  })

  test('that holds where nothing was changed is not read again', async () => {
    const { events, end } = await run([waitStep('b')], { b: { start: 'right' } })
    expect([types(events), end?.ending]).toEqual([['run.closed'], 'done'])
  })

  test('ends at once where the person wants to stop, with nothing in doubt', async () => {
    let stopped = false
    const cloud = cloudWith({ slow: {} }, 4, () => (stopped = true))
    const { events, end } = await run([waitStep('slow')], cloud, { stop: () => stopped })
    expect([end?.ending, waited(events), cloud.world.clock.now().getTime() < 20_000]).toEqual(['interrupted', [], true])
  })
})

describe('with --yes', () => {
  const operator = yesOperator('ada')

  test('a question is answered, and what is done by hand is left with the reason', async () => {
    const steps = [approveStep(), gcloudStep('a'), manualStep('switch'), manualStep('lever', 'b')]
    const { events, end, fates } = await run(steps, { a: {}, b: {} }, { operator })
    expect(events[0]).toMatchObject({
      type: 'step.stated',
      body: { words: 'consented beforehand with --yes', by: 'ada (--yes)' },
    })
    expect(fates).toEqual(['approved', 'applied', 'skipped', 'skipped'])
    expect(end?.ending).toBe('drift')
    expect(events.filter(({ type }) => type === 'step.intent')).toHaveLength(1)
  })
})

describe('a run that is killed anywhere', () => {
  const steps = () => [
    gcloudStep('a'),
    waitStep(),
    waitStep('c'),
    approveStep(),
    manualStep('switch'),
    manualStep('lever', 'b'),
  ]
  const operatorOf = (said: string[], cloud: ReturnType<typeof modelCloud>): Operator => ({
    name: 'ada',
    decide: async ({ apply }) => ({ choice: apply?.kind === 'by-hand' ? 'by-hand' : 'apply' }),
    enter: async () => 'not-asked',
    passOver: async () => 'stop',
    async byHand() {
      cloud.set('b', 'right')
      return 'done'
    },
    async state({ key }, when) {
      said.push(`${key} ${when === 'cut-off' ? when : 'in its turn'}`)
      return yes('so it is')
    },
  })

  test('asks for the word of whoever was at it, waits and asks what it had not, and ends well', async () => {
    for (let moments = 1; ; moments++) {
      const cloud = modelCloud({ a: {}, b: {}, c: { start: 'right' } })
      const said: string[] = []
      const incident = incidentOver(cloud, steps(), operatorOf(said, cloud))
      const ended = await incident.run(moments)
      const open = incident.log.at(-1)
      const cutOff = open?.type === 'step.intent' && open.body.step === 'sample/manual[switch]'
      const resumed = ended === 'killed' ? await incident.resume() : ended
      if (resumed === undefined) continue
      const fates = [...incident.runs()[0]!.steps.values()].map(({ fate }) => fate)
      expect([moments, resumed, fates]).toMatchObject([
        moments,
        { ending: 'done' },
        ['applied', 'waited', 'waited', 'approved', 'stated', expect.stringMatching(/applied|conformant/)],
      ])
      expect(said.includes('sample/manual[switch] cut-off'), `${moments}`).toBe(cutOff && ended === 'killed')
      const statements = incident.log.flatMap(({ type, body }) => (type === 'step.stated' ? [body.step] : []))
      expect([moments, statements]).toEqual([moments, ['sample/approve', 'sample/manual[switch]']])
      expect(cloud.performed).toHaveLength(1)
      if (ended !== 'killed') return
    }
  })

  test('and not gone on with is told of until somebody has said in another run how it is', async () => {
    const before = await run([manualStep('switch')], {}, { state: async () => ({ says: 'nothing', why: 'gone' }) })
    const skipped = await run([manualStep('switch')], {}, { operator: yesOperator('bo') })
    const after = await run([manualStep('switch')], {}, { state: async () => yes('it is up') })
    const openAfter = (...runs: (typeof before)[]) =>
      openIntents(foldRuns(runs.flatMap(({ plan, events }, index) => recorded(plan, events, `run-${index}`)))).length
    expect([openAfter(before), openAfter(before, skipped), openAfter(before, skipped, after)]).toEqual([1, 1, 0])
  })

  test('stays in doubt with --yes, which can not say what a person did', async () => {
    const cloud = modelCloud({})
    const incident = incidentOver(cloud, [manualStep('switch')], {
      ...operatorOf([], cloud),
      state: async () => {
        throw new Interrupted()
      },
    })
    expect(await incident.run()).toMatchObject({ ending: 'in-doubt' })
    expect(await incident.resume(Number.POSITIVE_INFINITY, yesOperator('bo'))).toMatchObject({
      ending: 'in-doubt',
      reason: expect.stringContaining('only a person can say'),
    })
  })
})

describe('elsewhere', () => {
  test('a gate that would look only at steps for people looks at nothing, and says so', async () => {
    const gate = (steps: BoundStep[]) => {
      const { kind: _, question: __, ...common } = approveStep()
      return { ...common, kind: 'gate' as const, gate: 'sample', steps }
    }
    const world = worldOf(async () => printed({ value: 'right' }))
    const look = async (...steps: BoundStep[]) => (await observe(gate(steps), world)).observation
    expect(await look(manualStep('switch'), waitStep())).toMatchObject({
      state: 'unknown',
      reason: expect.stringContaining('its steps are for a person'),
    })
    expect(await look(manualStep('switch'), readingStep('a'))).toEqual({
      state: 'value',
      value: { drift: [], observed: 1 },
    })
  })

  test("what a person does counts for a plan's risk, a question and a wait do not", async () => {
    const { world } = modelCloud({ slow: {} })
    const riskWith = async (step: BoundStep) => riskOf({ steps: [planStep(step, await observe(step, world))] })
    expect(await riskWith({ ...manualStep('switch'), risk: 'high' })).toBe('high')
    expect(await riskWith(approveStep({ risk: 'high' }))).toBeUndefined()
    expect(await riskWith({ ...waitStep('slow'), risk: 'high' })).toBeUndefined()
  })
})
