import { expect, test } from 'vitest'
import type { Json } from '../../engine/base/json.ts'
import { inventoryVariables } from '../../engine/plan/bind.ts'
import { bindInputs } from '../../engine/plan/inputs.ts'
import { resolvedInputs } from '../../engine/plan/resolved-inputs.ts'
import { changed, inventoryOf, runbookOf, runbookText } from '../samples/samples.ts'

const inventory = inventoryOf()
const of = (name: string) => inventoryVariables(inventory, inventory.environments[name]!)
const withMany = (schema: string) => runbookOf(changed(runbookText, '{ type: integer, default: 2 }', schema))
const names = '${{ env.services.map(s, s.name) }}'

test('an input has the choices and the default of its environment, and no expression or reference any more', () => {
  const named = changed(runbookText, 'items: { type: string }', `items: { type: string, enum: "${names}" }`)
  const runbook = runbookOf(changed(named, 'many: { type: integer, default: 2 }', `many: { enum: "${names}" }`))
  expect(resolvedInputs(runbook, of('prod'))).toEqual([
    {
      name: 'services',
      schema: { type: 'array', items: { type: 'string', enum: ['web', 'api'] } },
      default: ['web', 'api'],
      known: ['#/items/enum'],
    },
    { name: 'many', schema: { enum: ['web', 'api'] }, known: ['#/enum'] },
  ])
  expect(resolvedInputs(runbook, of('dev'))[0]).toMatchObject({ schema: { items: { enum: [] } }, default: [] })
})

test('the default of what was given is not asked for: it may have none here', () => {
  const runbook = withMany('{ type: string, default: "${{ env.services[0].name }}" }')
  expect(resolvedInputs(runbook, of('dev'), { many: 'x' })[1]).not.toHaveProperty('default')
  expect(() => resolvedInputs(runbook, of('dev'))).toThrow()
})

test.each<[string, Json, string, string]>([
  [`{ type: array, items: { enum: "${names}" } }`, 'wbe', 'wbe is not in the inventory', 'did you mean web?'],
  [
    `{ type: array, items: { enum: "${names}" } }`,
    'web,zzz,yyy',
    'zzz, yyy are not in the inventory',
    'valid values: web, api',
  ],
  [`{ type: string, enum: "${names}" }`, 'zzz', 'zzz is not in the inventory', 'valid values: web, api'],
  ['{ enum: [open, shut] }', 'oepn', 'oepn is not one of its choices', 'did you mean open?'],
  ['{ enum: [1, 2] }', 3, '3 is not one of its choices', 'valid values: 1, 2'],
  ['{ type: array, items: { enum: "${{ env.apis }}" } }', 'x', 'x is not in the inventory', 'valid values: none'],
  ['{ enum: "${{ env.apis }}" }', 'x', 'x is not in the inventory', 'valid values: none'],
])('an input of %s given as %j is refused: %s, %s', (schema, given, message, hint) =>
  expect(() => bindInputs(withMany(schema), { many: given }, of('prod'))).toThrow(
    expect.objectContaining({ exitCode: 2, hint, message: `sample: input \`many\`: ${message}` }),
  ),
)

test('where there is nothing to choose from, choosing nothing fits', () =>
  expect(
    bindInputs(withMany('{ type: array, items: { enum: "${{ env.apis }}" }, default: [] }'), {}, of('prod')).many,
  ).toEqual([]))
