import { describe, expect, test } from 'vitest'
import { foldRuns, stepsInDoubt } from '../../engine/run/model/fold-runs.ts'
import { Interrupted, type Operator } from '../../engine/run/model/host.ts'
import { yesOperator } from '../../engine/terminal/operator.ts'
import { incidentOver } from '../samples/killed-run.ts'
import { modelCloud, recorded } from '../samples/model-world.ts'
import { no, run, yes } from '../samples/persons.ts'
import { approveStep, gcloudStep, manualStep, waitStep } from '../samples/samples.ts'

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
    asks: true,
    decide: async ({ apply }) => ({ choice: apply?.kind === 'by-hand' ? 'by-hand' : 'apply' }),
    enter: async () => 'not-asked',
    passOver: async () => 'stop',
    async byHand() {
      cloud.set('b', 'right')
      return { says: 'done', words: 'done' }
    },
    async state({ key }, when) {
      said.push(`${key} ${when === 'cut-off' ? when : 'in its turn'}`)
      return yes('so it is')
    },
  })

  test('asks whether the interrupted manual step was done, waits, asks the rest, and succeeds', async () => {
    for (let moments = 1; ; moments++) {
      const cloud = modelCloud({ a: {}, b: {}, c: { start: 'right' } })
      const said: string[] = []
      const incident = incidentOver(cloud, steps(), operatorOf(said, cloud))
      const ended = await incident.run(moments)
      const open = incident.log.at(-1)
      const cutOff = open?.type === 'step.intent' && open.body.step === 'sample/manual[switch]'
      const resumed = ended === 'killed' ? await incident.resume() : ended
      if (resumed === undefined) continue
      const statuses = [...incident.runs()[0]!.steps.values()].map(({ status }) => status)
      expect([moments, resumed, statuses]).toMatchObject([
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

  test('and not resumed is reported until another run has a statement about it', async () => {
    const before = await run([manualStep('switch')], {}, { state: async () => ({ says: 'nothing', why: 'gone' }) })
    const skipped = await run([manualStep('switch')], {}, { operator: yesOperator('bo') })
    const after = await run([manualStep('switch')], {}, { state: async () => yes('it is up') })
    const pendingAfter = (...runs: (typeof before)[]) =>
      stepsInDoubt(foldRuns(runs.flatMap(({ plan, events }, index) => recorded(plan, events, `run-${index}`)))).length
    expect([pendingAfter(before), pendingAfter(before, skipped), pendingAfter(before, skipped, after)]).toEqual([
      1, 1, 0,
    ])
  })

  test.each([
    ['right', 1],
    ['wrong', 2],
  ])('waits again only where something before has to be changed again: %s', async (value, waits) => {
    const waited = async (moments: number) => {
      const cloud = modelCloud({ a: {} })
      const steps = [approveStep(), gcloudStep('a'), waitStep(), manualStep('switch')]
      const incident = incidentOver(cloud, steps, operatorOf([], cloud))
      const ended = await incident.run(moments)
      return { cloud, incident, ended }
    }
    let killed = await waited(1)
    for (let moments = 2; killed.incident.log.at(-1)?.type !== 'step.waited'; moments++) killed = await waited(moments)
    killed.cloud.set('a', value)
    expect(await killed.incident.resume()).toMatchObject({ ending: 'done' })
    expect(killed.incident.log.filter(({ type }) => type === 'step.waited')).toHaveLength(waits)
  })

  test('asks the rejected question again when it is resumed', async () => {
    const cloud = modelCloud({ a: {} })
    const said = [no('nobody there'), yes('told now')]
    const incident = incidentOver(cloud, [approveStep(), gcloudStep('a')], {
      ...operatorOf([], cloud),
      state: async () => said.shift()!,
    })
    expect(await incident.run()).toMatchObject({ ending: 'declined' })
    expect(cloud.performed).toEqual([])
    expect(await incident.resume()).toMatchObject({ ending: 'done' })
    expect([...incident.runs()[0]!.steps.values()].map(({ status }) => status)).toEqual(['approved', 'applied'])
  })

  test('stays in doubt with --yes, which cannot state what a person did', async () => {
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
      reason: expect.stringContaining('nobody has said whether it was done'),
    })
  })
})
