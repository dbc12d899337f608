import { describe, expect, test } from 'vitest'
import type { BoundStep } from '../../engine/steps/types.ts'
import { no, record, run, types, yes } from '../samples/persons.ts'
import { approveStep, gcloudStep } from '../samples/samples.ts'

describe('an approve step', () => {
  const asked = [approveStep(), gcloudStep('a')]
  const consenting = { decide: () => ({ choice: 'apply' as const }) }

  test('is answered before later steps change anything, and the answer appears in the log and the record', async () => {
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
    const { cloud, end, statuses, entries } = await run(
      asked,
      { a: {} },
      { ...consenting, state: async () => no('nobody there') },
    )
    expect(end).toMatchObject({ ending: 'declined', reason: 'support knows: not approved (nobody there)' })
    expect([cloud.performed, statuses]).toEqual([[], ['refused', undefined]])
    expect(record(entries)).toContain('support knows: not approved (nobody there)')
  })

  test.each<[string, BoundStep[]]>([
    ['nothing after it has drifted', asked],
    ['what changes comes before it', [gcloudStep('b'), approveStep()]],
    ["what changes is another runbook's", [approveStep({ runbook: 'other' }), gcloudStep('b')]],
  ])('is not asked where %s', async (_, steps) => {
    const { statuses, events } = await run(steps, { a: { start: 'right' }, b: {} }, consenting)
    expect(statuses).toContain('not-needed')
    expect(types(events)).toContain('step.not-needed')
    expect(types(events)).not.toContain('step.stated')
  })
})
