import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Json, type JsonObject, sameJson } from '../../engine/base/json.ts'
import { toVariables } from '../../engine/runbook/expressions/cel-value.ts'
import * as expression from '../../engine/runbook/expressions/expression.ts'

const { ExpressionError, makeChecker } = expression
const evaluate = (text: string, variables: JsonObject) => expression.evaluate(text, toVariables(variables))
const fill = (text: string, variables: JsonObject) => expression.fill(text, toVariables(variables))
const fillText = (text: string, variables: JsonObject) => expression.fillText(text, toVariables(variables))
const fillDeep = (value: Json, variables: JsonObject) => expression.fillDeep(value, toVariables(variables))

const checker = makeChecker(
  { Env: { name: 'string', services: 'list<Service>' }, Service: { name: 'string', iap: 'bool' } },
  { env: 'Env', result: 'dyn', count: 'int', names: 'list<string>' },
)

describe('type checks', () => {
  test.each([
    ['env.name', 'string'],
    ['env.services.map(s, s.name)', 'list<string>'],
    ['env.services[0].iap', 'bool'],
    ['count + 1', 'int'],
    ["names.exists(n, n == 'a')", 'bool'],
    ['result.what.ever[3]', 'dyn'],
  ])('%s is %s', (expression, type) => expect(checker.typeOf(expression)).toBe(type))

  test.each<[string, string, number?, number?]>([
    ['evn.name', 'Unknown variable: evn', 0, 3],
    ['env.nmae', 'No such key: nmae', 4, 8],
    ['count + names', 'no such overload', 0, 13],
    ['1 +', 'Unexpected token'],
    ['env.services.map(s, s.nam)', 'No such key: nam', 22, 25],
    ['names.filter(n, n)', 'predicate must return bool'],
    ['undefinedFunction(1)', 'undefinedFunction'],
  ])('%s is refused: %s', (expression, message, start, end) => {
    const problem = checker.typeOf(expression)
    expect(problem).toMatchObject({ message: expect.stringContaining(message) })
    if (start !== undefined) expect(problem).toMatchObject({ start, end })
  })
})

test.each<[string, JsonObject, Json]>([
  ['a.generation + 1', { a: { generation: 41 } }, 42],
  ['a == 1', { a: 1 }, true],
  ['a', { a: 1.5 }, 1.5],
  ['a * 2.0', { a: 1.5 }, 3],
  ['a', { a: Number.MAX_SAFE_INTEGER }, Number.MAX_SAFE_INTEGER],
  ['a', { a: null }, null],
  ["{'k': [1, 'x', {'y': true}]}", {}, { k: [1, 'x', { y: true }] }],
  ["a.?b.orValue('none')", { a: {} }, 'none'],
  ["a[?'x/y'].orValue('none')", { a: { 'x/y': 'there' } }, 'there'],
])('%s with %j is %j', (expression, variables, value) => expect(evaluate(expression, variables)).toEqual(value))

test.each<[string, JsonObject, string]>([
  ['a.b', { a: {} }, 'No such key: b'],
  ['a.constructor', { a: {} }, 'No such key: constructor'],
  ['a + 1', { a: Number.MAX_SAFE_INTEGER }, 'too large'],
  ['a', { a: 1e300 }, 'too large'],
  ['0.0 / 0.0', {}, 'too large'],
  ['1.0 / 0.0', {}, 'too large'],
  ['a', { a: 'half \ud83d' }, 'lone surrogate'],
  ["b'bytes'", {}, 'not a string, number'],
  ['a.?b', { a: {} }, 'not a string, number'],
])('%s with %j fails because JSON cannot represent the result', (expression, variables, message) =>
  expect(() => evaluate(expression, variables)).toThrow(
    expect.objectContaining({ constructor: ExpressionError, message: expect.stringContaining(message) }),
  ),
)

test('an expression returns any JSON unchanged', () => {
  const leaf = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.boolean(),
    fc.constant(null),
    fc.maxSafeInteger(),
    fc.double({ noNaN: true, min: -1e15, max: 1e15 }),
  )
  const { json } = fc.letrec<{ json: Json }>((tie) => ({
    json: fc.oneof({ maxDepth: 3 }, leaf, fc.array(tie('json')), fc.dictionary(fc.string(), tie('json'))),
  }))
  fc.assert(fc.property(json, (x) => sameJson(evaluate('x', { x }), x)))
})

test('a key such as constructor is an ordinary key', () => {
  const made = evaluate('a', { a: JSON.parse('{"__proto__": {"x": 1}, "y": 2}') as Json })
  expect(JSON.stringify(made)).toBe('{"__proto__":{"x":1},"y":2}')
  expect(evaluate('a.x', { a: { x: 3 } })).toBe(3)
  expect(() => evaluate('a.x', { a: JSON.parse('{"__proto__": {"x": 1}}') as Json })).toThrow('No such key: x')
})

test('a single expression keeps the type of its value; any other text becomes a string', () => {
  expect(fill(' ${{ a }} ', { a: [1] })).toEqual([1])
  expect(fill('n=${{ a }}', { a: 1 })).toBe('n=1')
  expect(fillText('${{ a }}${{ b }}', { a: true, b: 2 })).toBe('true2')
  expect(fillDeep({ x: ['${{ a }}', 1, null] }, { a: false })).toEqual({ x: [false, 1, null] })
  expect(() => fillText('n=${{ a }}', { a: [1] })).toThrow(ExpressionError)
})

test('an inventory is converted to CEL once', () => {
  let conversions = 0
  const services = new Proxy([{ name: 'web' }], {
    get(list, key, receiver) {
      if (key === 'map') conversions++
      return Reflect.get(list, key, receiver)
    },
  })
  const env = { services }
  for (const n of [0, 1, 2]) expect(evaluate('env.services[0].name + n', { env, n: `${n}` })).toBe(`web${n}`)
  expect(conversions).toBe(1)
})
