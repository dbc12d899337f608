import { expect, test } from 'vitest'
import type { Json, JsonObject } from '../../engine/base/json.ts'
import { type InputPrompt, inputPrompts, showInput } from '../../engine/plan/input-prompts.ts'
import { toVariables } from '../../engine/runbook/expressions/cel-value.ts'
import type { Runbook } from '../../engine/runbook/types.ts'

const runbook = (schema: JsonObject): Runbook => ({
  ...{ name: 'r', title: 'R', description: '', risk: 'low', steps: [], verify: [], backfill: [] },
  types: { names: { type: 'array', items: { enum: '${{ env.services.map(s, s.name) }}' } } },
  inputs: { it: schema },
})
const variables = toVariables({ env: { services: [{ name: 'web' }, { name: 'api' }] } })
const promptOf = (schema: JsonObject) => inputPrompts(runbook(schema), {}, variables)[0] as InputPrompt

test.each<[string, JsonObject, InputPrompt['ask']]>([
  ['an enum', { enum: ['a', 'b'] }, { kind: 'one-of', offers: ['a', 'b'] }],
  ['a boolean', { type: 'boolean' }, { kind: 'yes-no' }],
  ['a list of known names', { $ref: '#/types/names' }, { kind: 'some-of', offers: ['web', 'api'] }],
  ['a list of anything', { type: 'array', items: { type: 'string' } }, { kind: 'text' }],
  ['a pattern', { type: 'string', pattern: '^a' }, { kind: 'text' }],
])('%s is asked for as its schema says', (_, schema, ask) => {
  expect(promptOf(schema).ask).toEqual(ask)
})

test.each<[JsonObject, string, Json, true | RegExp]>([
  [{ type: 'integer', maximum: 9 }, '7', 7, true],
  [{ type: 'integer', maximum: 9 }, '70', 70, /must be <= 9/],
  [{ type: 'integer' }, 'x', 'x', /must be integer/],
  [{ type: 'string', pattern: '^a' }, 'b', 'b', /must match pattern/],
  [{ type: 'array', items: { type: 'string' } }, 'web, api', ['web', 'api'], true],
])('by %j the text %j is %j', (schema, text, value, fits) => {
  const prompt = promptOf(schema)
  expect(prompt.read(text)).toEqual(value)
  if (fits === true) expect(prompt.check(value)).toBe(true)
  else expect(prompt.check(value)).toMatch(fits)
})

test('what was given is not asked for, and a default from the inventory is there to be kept', () => {
  const schema = { $ref: '#/types/names', default: "${{ env.services.filter(s, s.name == 'web').map(s, s.name) }}" }
  expect(inputPrompts(runbook(schema), { it: ['web'] }, variables)).toEqual([])
  expect(promptOf(schema).preset).toEqual(['web'])
  expect(promptOf({ type: 'string' })).not.toHaveProperty('preset')
})

test.each<[Json, string]>([
  ['a', 'a'],
  [['a', 'b'], 'a, b'],
  [[], ''],
  [true, 'true'],
  [{ a: 1 }, '{"a":1}'],
])('the value %j is shown as %j', (value, shown) => expect(showInput(value)).toBe(shown))
