import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  assignGroups,
  describeLacking,
  groupsOf,
  type Requirement,
  requirementsOf,
} from '../../engine/approval/policy.ts'
import { riskOf } from '../../engine/plan/risk.ts'
import type { Policy } from '../../engine/runbook/inventory.ts'
import { readInventory } from '../../engine/runbook/read-inventory.ts'
import type { Risk } from '../../engine/runbook/types.ts'
import { findingsIn, inventoryText, marked } from '../samples/samples.ts'

const policy: Policy = {
  allowedSigners: 'allowed_signers',
  approvers: { platform: ['a', 'b'], security: ['c', 'a'], owners: ['d'] },
  approvals: [
    { risk: 'low', from: { platform: 1 } },
    { environments: ['prod'], risk: 'medium', from: { platform: 2, security: 1 } },
    { environments: ['prod'], risk: 'high', from: { owners: 1 } },
  ],
}

describe('what a policy asks for', () => {
  test.each<[string, Risk | undefined, Record<string, number>]>([
    ['stage', 'high', { platform: 1 }],
    ['prod', 'low', { platform: 1 }],
    ['prod', 'medium', { platform: 2, security: 1 }],
    ['prod', 'high', { platform: 2, security: 1, owners: 1 }],
    ['prod', undefined, {}],
  ])('in %s at risk %s', (environment, risk, needs) => {
    const asked = requirementsOf(policy, [environment], risk)
    expect(Object.fromEntries(asked.map((each) => [each.group, each.needs]))).toEqual(needs)
  })

  test('the risk of a plan is the highest of the steps that it changes', () => {
    const step = (risk: Risk, status: 'drift' | 'conformant', apply = true) =>
      ({ risk, status, ...(apply ? { apply: { kind: 'gcloud' } } : {}) }) as never
    expect(riskOf({ steps: [step('low', 'drift'), step('medium', 'drift'), step('high', 'conformant')] })).toBe(
      'medium',
    )
    expect(riskOf({ steps: [step('low', 'drift'), step('high', 'drift', false)] })).toBe('low')
    expect(riskOf({ steps: [step('high', 'conformant')] })).toBeUndefined()
  })

  test('somebody is of each group that has one of their principals', () => {
    expect(groupsOf(policy, ['a'])).toEqual(['platform', 'security'])
    expect(groupsOf(policy, ['x', 'd'])).toEqual(['owners'])
    expect(groupsOf(policy, ['x'])).toEqual([])
  })
})

const groups = ['platform', 'security', 'owners']
const requirements = fc
  .uniqueArray(fc.constantFrom(...groups), { maxLength: 3 })
  .chain((names) =>
    fc.tuple(...names.map((group) => fc.record({ group: fc.constant(group), needs: fc.integer({ min: 1, max: 2 }) }))),
  )
const people = fc.array(fc.subarray(groups), { maxLength: 5 })

/** How many places the best of all assignments fills, by trying each. */
function best(places: string[], approvers: string[][]): number {
  const [first, ...rest] = approvers
  if (first === undefined) return 0
  const taken = places.flatMap((group, index) =>
    first.includes(group) ? [1 + best(places.toSpliced(index, 1), rest)] : [],
  )
  return Math.max(best(places, rest), ...taken)
}

describe('each approver stands for one group', () => {
  test('of theirs, and for no more than it needs; as many places are filled as can be', () => {
    fc.assert(
      fc.property(requirements, people, (needed: Requirement[], approvers) => {
        const { standsFor, lacking } = assignGroups(needed, approvers)
        for (const [index, group] of standsFor.entries())
          if (group !== undefined) expect(approvers[index]).toContain(group)
        const places = needed.flatMap(({ group, needs }) => Array<string>(needs).fill(group))
        const missing = lacking.reduce((sum, { needs, has }) => sum + needs - has, 0)
        expect(missing).toBe(places.length - best(places, approvers))
        for (const { group, needs } of needed)
          expect(standsFor.filter((each) => each === group).length).toBeLessThanOrEqual(needs)
      }),
    )
  })

  test('whom the first could also stand for is left to the second', () => {
    const needed = [
      { group: 'platform', needs: 1 },
      { group: 'security', needs: 1 },
    ]
    expect(assignGroups(needed, [['platform', 'security'], ['platform']])).toEqual({
      standsFor: ['security', 'platform'],
      lacking: [],
    })
    expect(describeLacking(assignGroups(needed, [['security']]).lacking)).toBe('1 from platform')
  })
})

const policyText = `${inventoryText}policy:
  allowedSigners: allowed_signers
  approvers:
    platform: [a@team.example, b@team.example]
  approvals:
    - environments: [prod]
      risk: high
      from: { platform: 2 }
notices:
  - { urlFrom: HOOK }
  - { url: 'https://hooks.example/x', form: slack, on: [applied] }
`

describe('in the inventory', () => {
  test('what the file leaves out is there', () => {
    const reading = readInventory({ name: 'i.yaml', text: policyText.replace('      risk: high\n', '') })
    expect(reading.ok && reading.value.policy?.approvals).toEqual([
      { environments: ['prod'], risk: 'low', from: { platform: 2 } },
    ])
    expect(reading.ok && reading.value.notices[0]).toEqual({
      address: { urlFrom: 'HOOK' },
      form: 'json',
      on: ['opened', 'needs-approval', 'applied', 'failed', 'solo-override', 'closed'],
    })
  })

  test.each<[string, string, string, string]>([
    [
      'a group that there is not',
      '{ platform: 2 }',
      '{ ‸platfrom: 2 }',
      'there is no group `platfrom` (did you mean `platform`?)',
    ],
    [
      'an environment that there is not',
      'environments: [prod]',
      'environments: [‸porod]',
      'there is no environment `porod` (did you mean `prod`?)',
    ],
    [
      'more than a group has',
      '{ platform: 2 }',
      '{ platform: ‸3 }',
      '`platform` has 2 principals, but the rule requires 3 approvals from it',
    ],
    [
      'an unknown risk',
      'risk: high',
      'risk: ‸hihg',
      '`risk`: expected one of `low`, `medium` or `high`, but this is `hihg` (did you mean `high`?)',
    ],
    [
      'an unknown key',
      'allowedSigners: allowed_signers',
      'allowedSigners: allowed_signers\n  ‸aprovers: {}',
      'unknown key `aprovers`',
    ],
    ['a file outside the folder', 'allowedSigners: allowed_signers', 'allowedSigners: ‸../../allowed_signers', ''],
    ['a principal that could be read as a flag', '[a@team.example,', '[‸-a@team.example,', ''],
    ['an unknown notice', 'on: [applied]', 'on: [‸aplied]', 'item 1 of `on`: expected one of'],
    [
      'two addresses',
      '{ urlFrom: HOOK }',
      '{ urlFrom: HOOK, ‸url: https://h.example }',
      '`url` and `urlFrom` cannot be used together',
    ],
    [
      'an address in the clear',
      "url: 'https://hooks.example/x'",
      "url: ‸'http://hooks.example/x'",
      'an http URL must point to this machine (use https)',
    ],
  ])('%s is found', (_, from, to, said) => {
    const { text, place } = marked(policyText, from, to)
    expect(findingsIn(readInventory({ name: 'i.yaml', text })).join('\n')).toContain(`${place} ${said}`)
  })
})
