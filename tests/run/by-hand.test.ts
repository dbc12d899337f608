import { describe, expect, test } from 'vitest'
import { Interrupted } from '../../engine/run/model/host.ts'
import { yesOperator } from '../../engine/terminal/operator.ts'
import type { modelCloud } from '../samples/model-world.ts'
import { no, record, run, types, yes } from '../samples/persons.ts'
import { gcloudStep, manualStep } from '../samples/samples.ts'

describe('a manual step of which nothing can be read', () => {
  test('logs its intent before the person is asked, and their statement afterwards', async () => {
    const seen: string[][] = []
    const { events, end, statuses, entries } = await run(
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
    expect([seen.length, statuses]).toEqual([1, ['stated']])
    expect(end).toEqual({ ending: 'done', reason: '1 done by hand (stated, not verified)' })
    expect(record(entries)).toContain('`switch` (by hand, as stated by ada; nothing was read: CHG-7)')
  })

  test('that was not done is asked about again, and then as it was answered', async () => {
    const said = [no('no access'), yes('CHG-8')]
    const { events, statuses } = await run([manualStep('switch')], {}, { state: async () => said.shift()! })
    expect(events.flatMap((event) => (event.type === 'step.intent' ? [event.body.attempt] : []))).toEqual([1, 2])
    expect(statuses).toEqual(['stated'])
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
    expect(record(entries)).toContain('states that it was not done by hand; nothing was read: no access')
    expect(record(entries)).toContain('switch is done by hand: skipped (tomorrow)')
  })

  test('without a statement is in doubt', async () => {
    const { end, statuses, events } = await run(
      [manualStep('switch'), gcloudStep('a')],
      { a: {} },
      {
        state: async () => {
          throw new Interrupted()
        },
      },
    )
    expect([end?.ending, statuses]).toEqual(['in-doubt', ['intent-open', undefined]])
    expect(types(events)).toEqual(['step.decided', 'step.intent', 'run.closed'])
  })
})

describe('a manual step with a proof', () => {
  const proved = [manualStep('switch', 'a')]

  test.each<[string, (cloud: ReturnType<typeof modelCloud>) => void, string, string]>([
    ['done', (cloud) => cloud.set('a', 'right'), 'applied', 'done'],
    ['not done', () => {}, 'not-applied', 'declined'],
    ['done wrongly', (cloud) => cloud.set('a', 'odd'), 'ambiguous', 'failed'],
  ])('that is %s is judged by its read-back, whatever the person says', async (_, act, verdict, ending) => {
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

  test('that is already correct asks nobody', async () => {
    const { events, end } = await run(proved, { a: { start: 'right' } }, { operator: yesOperator('ada') })
    expect([types(events), end?.ending]).toEqual([['run.closed'], 'done'])
  })

  test('appears in the record with the words of the person who did it', async () => {
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
