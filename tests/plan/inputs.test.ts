import { expect, test } from 'vitest'
import type { Json } from '../../engine/base/json.ts'
import { UserError } from '../../engine/base/problem.ts'
import { bindInputs, refuseUnknownInputs } from '../../engine/plan/inputs.ts'
import { toVariables } from '../../engine/runbook/expressions/cel-value.ts'
import { changed, runbookOf, runbookText } from '../samples/samples.ts'

const withInput = (schema: string) =>
  runbookOf(changed(runbookText, '  many: { type: integer, default: 2 }', `  many: ${schema}`))
const variables = toVariables({ env: { services: [{ name: 'web' }, { name: 'api' }] }, environments: {} })
const bound = (schema: string, given: Record<string, Json>) => bindInputs(withInput(schema), given, variables).many

test.each<[schema: string, given: Json, value: Json]>([
  ['{ type: integer }', '3', 3],
  ['{ type: number }', '1.5', 1.5],
  ['{ type: number }', '-2e3', -2000],
  ['{ type: boolean }', 'true', true],
  ['{ type: boolean }', 'false', false],
  ['{ type: string }', '3', '3'],
  ['{ type: string }', '', ''],
  ['{ type: array, items: { type: string } }', 'a, b,c', ['a', 'b', 'c']],
  ['{ type: array, items: { type: string } }', '', []],
  ['{ type: array, items: { type: string } }', '["a,b", "c"]', ['a,b', 'c']],
  ['{ type: array, items: { type: integer } }', '[1, 2]', [1, 2]],
  ['{ type: object }', '{"a": 1}', { a: 1 }],
  ['{ type: array, items: { $ref: "#/types/names" } }', '[["a"]]', [['a']]],
  ['{ $ref: "#/types/names" }', 'x', ['x']],
  ['{ type: array, items: { type: string } }', ['from', 'a', 'scenario'], ['from', 'a', 'scenario']],
])('an input of %s given as %j is %j', (schema, given, value) => expect(bound(schema, { many: given })).toEqual(value))

test.each<[schema: string, given: Json, said: string]>([
  ['{ type: integer }', 'three', 'must be integer: "three"'],
  ['{ type: integer }', '1.5', 'must be integer'],
  ['{ type: integer }', '', 'must be integer'],
  ['{ type: integer }', 'Infinity', 'must be integer'],
  ['{ type: integer, minimum: 2 }', '1', 'must be >= 2'],
  ['{ type: boolean }', 'yes', 'must be boolean'],
  ['{ enum: [a, b] }', 'c', 'c is not one of its choices'],
  ['{ type: array, items: { type: integer } }', '1,2', 'at 0 must be integer'],
  ['{ type: array, items: { type: string } }', '[1]', 'at 0 must be string'],
  ['{ type: array, items: { type: string } }', '[', 'must be array'],
  ['{ type: object }', 'x', 'must be object'],
  ['{ type: array, items: { type: string } }', 'a,,b', 'an element is empty: a,,b'],
  ['{ type: array, items: { type: string } }', 'a,', 'an element is empty: a,'],
  ['{ type: array, items: { type: string } }', ' , ', 'an element is empty'],
  ['{ type: array, items: { type: string } }', 'a, b,a', 'a is there twice: a, b,a'],
  ['{ type: object }', '{"a": 1, "a": 2}', 'duplicate key `a`'],
  ['{ type: object }', '{"a": {"b": 1, "\\u0062": 2}}', 'duplicate key `b`'],
  ['{ type: array, items: { type: object } }', '[{"a": 1, "a": 1}]', 'duplicate key `a`'],
])('an input of %s given as %j is refused: %s', (schema, given, said) => {
  expect(() => bound(schema, { many: given })).toThrow(
    expect.objectContaining({ constructor: UserError, message: expect.stringContaining(said), exitCode: 2 }),
  )
})

test('what is not given has its default, where expressions are filled', () => {
  expect(bindInputs(runbookOf(), {}, variables)).toEqual({ services: ['web', 'api'], many: 2 })
  expect(bindInputs(runbookOf(), { services: 'web' }, variables).services).toEqual(['web'])
})

test('an input without a default that is not given is asked for', () => {
  expect(() => bound('{ type: string }', {})).toThrow(
    expect.objectContaining({
      message: expect.stringContaining('has no value'),
      hint: 'give it with --input many=VALUE',
    }),
  )
})

test.each([
  ['servics', 'did you mean `services`?'],
  ['zzz', 'inputs: services, many'],
  ['toString', 'inputs: services, many'],
])('an input %s that no runbook has is refused', (name, hint) => {
  expect(() => refuseUnknownInputs([runbookOf()], { [name]: 'x' })).toThrow(expect.objectContaining({ hint }))
  expect(() => refuseUnknownInputs([runbookOf()], { many: '1' })).not.toThrow()
})
