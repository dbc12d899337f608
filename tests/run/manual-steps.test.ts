import { describe, expect, test } from 'vitest'
import { planStep } from '../../engine/plan/observe.ts'
import { riskOf } from '../../engine/plan/risk.ts'
import { toRecord } from '../../engine/record/markdown.ts'
import { modelOf } from '../../engine/record/model.ts'
import { observe } from '../../engine/steps/index.ts'
import type { BoundStep } from '../../engine/steps/types.ts'
import { yesOperator } from '../../engine/terminal/operator.ts'
import { modelCloud } from '../samples/model-world.ts'
import { run, yes } from '../samples/persons.ts'
import { approveStep, gcloudStep, manualStep, printed, readingStep, waitStep, worldOf } from '../samples/samples.ts'

describe('with --yes', () => {
  const operator = yesOperator('ada')

  test('a question is approved, and a manual step is left with the reason', async () => {
    const steps = [approveStep(), gcloudStep('a'), manualStep('switch'), manualStep('lever', 'b')]
    const { events, end, statuses } = await run(steps, { a: {}, b: {} }, { operator })
    expect(events[0]).toMatchObject({
      type: 'step.stated',
      body: { words: 'consented beforehand with --yes', by: 'ada (--yes)' },
    })
    expect(statuses).toEqual(['approved', 'applied', 'skipped', 'skipped'])
    expect(end?.ending).toBe('drift')
    expect(events.filter(({ type }) => type === 'step.intent')).toHaveLength(1)
  })
})

test('whatever is typed as evidence or answer changes nothing about the form of the record', async () => {
  const nasty =
    '# Heading\n## Verification\n<script>x</script> \u001b[31m `x` ${{ y }} | -- \n- [ ] <!-- end of prose: context -->'
  const formWith = async (words: string) => {
    const steps = [approveStep(), manualStep('switch'), manualStep('lever', 'a')]
    const { entries, end } = await run(
      steps,
      { a: {} },
      {
        state: async () => yes(words),
        byHand: async (cloud) => {
          cloud.set('a', 'right')
          return words
        },
      },
    )
    expect(end?.ending).toBe('done')
    const text = toRecord(modelOf(entries), { size: entries.length, hash: 'f'.repeat(64) })
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what must not be there
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/)
    return text.split('\n').flatMap((line) => (/^(#|\s*(-|\d+\.) |<!--)/.test(line) ? [line.slice(0, 4)] : []))
  }
  expect(await formWith(nasty)).toEqual(await formWith('plain'))
})

describe('elsewhere', () => {
  test('a gate with only manual steps observes nothing, and its reason explains that', async () => {
    const gate = (steps: BoundStep[]) => {
      const { kind: _, question: __, ...common } = approveStep()
      return { ...common, kind: 'gate' as const, gate: 'sample', steps }
    }
    const world = worldOf(async () => printed({ value: 'right' }))
    const look = async (...steps: BoundStep[]) => (await observe(gate(steps), world)).observation
    expect(await look(manualStep('switch'), waitStep())).toMatchObject({
      state: 'unknown',
      reason: expect.stringContaining('its steps are manual'),
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
