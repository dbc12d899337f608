import { expect, test } from 'vitest'
import { changesBetween } from '../../engine/plan/changes.ts'
import { fingerprint, planOf, secretStep, serviceStep } from './sample-plan.ts'

const told = (...args: Parameters<typeof changesBetween>) =>
  changesBetween(...args).map(({ what, was, is }) => `${what}: ${was} → ${is}`)

const plan = planOf(serviceStep)

test('a plan differs in nothing from itself, whatever the order of its keys', () => {
  const turned = Object.fromEntries(Object.entries(plan).toReversed()) as typeof plan
  expect(changesBetween(plan, turned)).toEqual([])
})

test('a mark that moved is named with the read that shows it', () => {
  const targets = [{ ...serviceStep.targets![0]!, marks: { generation: '4', resourceVersion: 'AAA' } }]
  expect(told(plan, planOf({ ...serviceStep, targets }))).toEqual([
    'shop takes public traffic, run services describe shop (p-1) generation: 3 → 4',
  ])
  expect(told(plan, planOf({ ...serviceStep, targets: [] }))).toHaveLength(2)
})

test('a value, a state, a command, an expectation are named', () => {
  const step = (change: object) => planOf({ ...serviceStep, ...change })
  const title = 'shop takes public traffic'
  expect(told(plan, step({ observation: { state: 'value', value: { ingress: 'all', note: 'grüße' } } }))).toEqual([
    `${title}, ingress: internal → all`,
  ])
  expect(told(plan, step({ observation: { state: 'absent' } }))[0]).toMatch(/→ absent$/)
  const unknown = { state: 'unknown', cause: 'denied', reason: 'no permission' }
  expect(told(plan, step({ observation: unknown }))[0]).toMatch(/→ could not be read \(no permission\)$/)
  const command = { argv: ['run', 'services', 'delete', 'shop'], project: 'p-1' }
  expect(told(plan, step({ apply: { kind: 'gcloud', command } }))).toEqual([
    `${title}, command: gcloud run services update shop --ingress=all --project=p-1 → gcloud run services delete shop --project=p-1`,
  ])
  expect(told(plan, step({ expectation: { ingress: 'any' } }))).toEqual([`${title}, must be ingress: all → any`])
  expect(told(plan, step({ title: 'another' }))).toEqual([`${title}, title: ${title} → another`])
})

test('steps that came or went, and what stands around them, are named', () => {
  expect(told(plan, planOf())).toEqual(['shop takes public traffic: in the plan → not in the plan'])
  expect(told(planOf(), plan)).toEqual(['shop takes public traffic: not in the plan → in the plan'])
  const environment = { ...plan.environment, project: 'p-2' }
  expect(told(plan, { ...plan, environment })).toEqual(['environment project: p-1 → p-2'])
  expect(told(plan, { ...plan, inputs: { posture: { services: ['shop', 'cart'] } } })).toEqual([
    'inputs posture services: shop → shop, cart',
  ])
})

test('fingerprints of two runs are compared by which are equal, and versions by their number', () => {
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map(fingerprint) as [string, string, string, string]
  expect(told(planOf(secretStep(a, b)), planOf(secretStep(c, d)))).toEqual([])
  expect(told(planOf(secretStep(a, b)), planOf(secretStep(b, a)))).toEqual([])
  expect(told(planOf(secretStep(a, b)), planOf(secretStep(c, c)))).not.toEqual([])
  expect(told(planOf(secretStep(a, b)), planOf(secretStep(c, d, '3')))).toContain(
    'KEY equals stage, secrets versions list KEY (p-1) version: 2 → 3',
  )
})
