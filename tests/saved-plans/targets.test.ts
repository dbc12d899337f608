import { expect, test } from 'vitest'
import type { Operator } from '../../engine/run/model/host.ts'
import { targetsIn } from '../../engine/steps/version-markers.ts'
import { heldToPlan, yesOperator } from '../../engine/terminal/operator.ts'
import { serviceStep } from './sample-plan.ts'

const command = (...argv: string[]) => ({ argv, project: 'p-1' })

test('a target has the marks that what was printed has, whatever service it came from', () => {
  const service = { metadata: { name: 'shop', generation: 3, resourceVersion: 'AAA', labels: {} }, spec: {} }
  expect(targetsIn(command('run', 'services', 'describe', 'shop'), service)).toEqual([
    { read: 'run services describe shop', project: 'p-1', marks: { generation: '3', resourceVersion: 'AAA' } },
  ])
  expect(targetsIn(command('projects', 'get-iam-policy', 'p-1'), { etag: 'BwX=', bindings: [] })).toEqual([
    { read: 'projects get-iam-policy p-1', project: 'p-1', marks: { etag: 'BwX=' } },
  ])
})

test('a list gives a target for each of its things; what has no marks gives none', () => {
  const list = [{ name: 'a', etag: '1' }, { metadata: { name: 'b', generation: 2 } }, { name: 'c' }, 'd', { etag: '5' }]
  expect(targetsIn(command('things', 'list'), list).map(({ read, marks }) => [read, marks])).toEqual([
    ['things list: a', { etag: '1' }],
    ['things list: b', { generation: '2' }],
    ['things list: (without a name)', { etag: '5' }],
  ])
  const revision = { kind: 'Revision', metadata: { name: 'web-1', generation: 1, resourceVersion: 'AAA' } }
  expect(targetsIn(command('run', 'revisions', 'list'), [revision])).toEqual([])
  for (const printed of [{}, null, 'text', 7, { etag: { deep: 1 }, metadata: 'x' }, [], [null]])
    expect(targetsIn(command('x'), printed)).toEqual([])
})

test('with a saved plan nobody is asked about what moved under it', async () => {
  const asked: Operator = { ...yesOperator('ada'), name: 'ada', decide: async () => ({ choice: 'apply' }) }
  const place = { number: 1, of: 1 }
  for (const operator of [asked, yesOperator('ada')]) {
    const held = heldToPlan(operator, 'plan-1')
    expect(held.name).toBe(operator.name)
    expect(await held.decide(serviceStep, 'as-planned', place)).toEqual({ choice: 'apply' })
    const decision = { choice: 'abort', reason: `${serviceStep.title}: it no longer matches plan plan-1` }
    expect(await held.decide(serviceStep, 'moved', place)).toEqual(decision)
  }
})
