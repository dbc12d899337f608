import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Json, JsonObject } from '../../engine/base/json.ts'
import { fits } from '../../engine/base/key-pattern.ts'
import { toVariables } from '../../engine/runbook/expressions/cel-value.ts'
import { ExpressionError, evaluate, makeChecker } from '../../engine/runbook/expressions/expression.ts'
import { cpuMs } from '../cpu-time.ts'

const result = (expression: string, variables: JsonObject = {}) => evaluate(expression, toVariables(variables))

/** Returns `x`, doubled a number of times. */
const doubled = (times: number, of: string, step = (x: string) => `${x} + ${x}`): string =>
  Array.from({ length: times }).reduce<string>(
    (inner, _, index) => inner.replace('BODY', `cel.bind(v${index + 1}, ${step(`v${index}`)}, BODY)`),
    `cel.bind(v0, ${of}, BODY)`,
  )

const ones = Array.from({ length: 1000 }, () => 1)
const long = 'a'.repeat(200_000)

describe('every expression ends', () => {
  test.each<[string, string, JsonObject]>([
    ['a comprehension within comprehensions', 'a.exists(x, a.exists(y, a.exists(z, x + y + z > 9)))', { a: ones }],
    ['a map within maps', 'a.map(x, a.map(y, a.map(z, x)))', { a: ones }],
    ['a text that doubles', doubled(40, "'aa'").replace('BODY', 'v40.size()'), {}],
    ['a list that doubles', doubled(40, '[1, 1]').replace('BODY', 'v40.size()'), {}],
    ['bytes that double', doubled(40, "b'aa'").replace('BODY', 'v40.size()'), {}],
    ['lists of lists compared', doubled(40, '[1]', (x) => `[${x}, ${x}]`).replace('BODY', 'v40 == [v39, v39]'), {}],
    ['lists of lists given', doubled(40, '[1]', (x) => `[${x}, ${x}]`).replace('BODY', 'v40'), {}],
    ['a member of lists of lists', doubled(40, '[1]', (x) => `[${x}, ${x}]`).replace('BODY', 'v39 in v40'), {}],
    ['a long text joined', 'a.map(x, t).join(t)', { a: ones, t: long }],
    [
      'a search that backtracks',
      "a.all(x, !(t.contains('b' + t)) && !(('b' + t) in [t]) && !t.contains('b' + t.substring(9)))",
      { a: ones, t: long },
    ],
    ['a text split at each character, often', "a.map(x, t.split('').size())", { a: ones, t: long }],
    ['a duration of digits', 'duration(t)', { t: '1'.repeat(20_000) }],
    ['a time zone asked often', "a.all(x, a.all(y, timestamp(0).getHours('Europe/Zurich') > 0))", { a: ones }],
    ['a pattern on much text', "a.all(x, !t.matches('(a{1,30}){1,30}b'))", { a: ones, t: long }],
    [
      'many patterns',
      "a.exists(x, a.exists(y, 'a'.matches('(a{1,100}){1,10}b' + string(x) + 'c' + string(y))))",
      { a: ones.map((_, n) => n) },
    ],
    ['errors that `all` and `||` pass over', 'a.all(x, a.all(y, a.all(z, x.no || y.no || z.no)))', { a: ones }],
  ])('%s', (_, expression, variables) => {
    const before = cpuMs()
    expect(() => result(expression, variables)).toThrow(ExpressionError)
    expect(cpuMs() - before).toBeLessThan(8000)
  })

  test('the error names the limit and the expression', () =>
    expect(() => result('a.map(x, a.map(y, a.map(z, x)))', { a: ones })).toThrow(
      'evaluation stopped: it takes more than 5,000,000 steps (in `a.map(x, a.map(y, a.map(z, x)))`)',
    ))

  test('a run stays far below the limit', () => {
    const services = Array.from({ length: 500 }, (_, n) => ({
      name: `service-${n}`,
      env: [{ name: 'A', value: long.slice(0, 500) }],
    }))
    expect(
      result("a.filter(s, a.exists(o, o.name == s.name && o.env.exists(e, e.name == 'A')))", { a: services }),
    ).toHaveLength(500)
    expect(result('a', { a: services })).toEqual(services)
  })

  test('expressions with the same variables share a budget', () => {
    const variables = toVariables({ a: ones.slice(0, 700) })
    const once = () => evaluate('a.map(x, a.filter(y, y > 1).size()).size()', variables)
    expect(once()).toBe(700)
    expect(() => {
      once()
      once()
    }).toThrow('5,000,000 steps')
  })

  test('the type of nested maps is found quickly', () => {
    const nested = doubled(60, "{'x': 'x'}", (x) => `{${x}: ${x}}`).replace('BODY', 'v60')
    const before = cpuMs()
    expect(makeChecker({}, {}).typeOf(nested)).toMatchObject({ message: expect.stringContaining('too large') })
    expect(() => result(nested)).toThrow(ExpressionError)
    expect(cpuMs() - before).toBeLessThan(2000)
  })

  test('a step key pattern with many stars is matched quickly', () => {
    const before = cpuMs()
    expect(fits(`${'a*'.repeat(40)}b`, 'a'.repeat(5000))).toBe(false)
    expect(cpuMs() - before).toBeLessThan(1000)
  })

  test('a step key pattern matches like the equivalent regular expression', () =>
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 }),
        fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 8 }),
        (pattern, key) => fits(pattern, key) === new RegExp(`^${pattern.replaceAll('*', '.*')}$`, 's').test(key),
      ),
    ))
})

describe('`matches` is RE2, as CEL has it', () => {
  test.each<[string, number, string, boolean]>([
    ['(a+)+$', 4, 'a', true],
    ['(a+)+$', 50_000, 'a', false],
    ['(x+x+)+z', 50_000, 'x', false],
    ['^(([a-z])+.)+[A-Z]([a-z])+$', 30_000, 'a', false],
    ['^[a-z]+-\\d!?$', 1, 'web-1', true],
    ['(?i)^w\\pLb', 1, 'Wéb', true],
    ['^a\\.b', 1, 'a.b', true],
    ['ab', 1, 'xaby', true],
  ])('%s on a text of %i', (pattern, times, text, fitting) => {
    const before = cpuMs()
    const t = `${text.repeat(times)}${times > 4 ? '!' : ''}`
    expect(result('t.matches(p)', { t, p: pattern })).toBe(fitting)
    expect(cpuMs() - before).toBeLessThan(2000)
  })

  const checker = makeChecker({}, { t: 'string' })

  test.each<[string, string, number]>([
    ["t.matches('a(?=b)')", 'lookahead and lookbehind are not supported', 10],
    ["t == 'x' && t.matches('(?<!a)b')", 'lookahead and lookbehind are not supported', 22],
    ["['a'].exists(x, x.matches('(a)\\\\1'))", 'backreferences are not supported', 26],
    ["t.matches('[')", 'missing closing ]', 10],
    ["t.matches('(?<n>a)\\\\k<n>')", 'backreferences are not supported', 10],
    ["t.matches('((a{1,1000}){1,1000}){1,1000}')", 'too large', 10],
  ])('%s is refused at its position', (expression, message, start) => {
    expect(checker.typeOf(expression)).toMatchObject({ message: expect.stringContaining(message), start })
    expect(() => result(expression, { t: 'x', a: ones })).toThrow(
      expression.includes("'x' &&") ? ExpressionError : message,
    )
  })
})

/** Names with a meaning in JavaScript. */
const NAMES = [
  'constructor',
  'toString',
  '__proto__',
  'hasOwnProperty',
  'valueOf',
  'length',
  'prototype',
  'then',
  'size',
  'get',
  'toJSON',
]

describe('names with a meaning in JavaScript are ordinary names', () => {
  test.each(NAMES)('%s', (name) => {
    const object = JSON.parse(
      `{${JSON.stringify(name)}: "there", "list": [{${JSON.stringify(name)}: 1}]}`,
    ) as JsonObject
    const other = { other: 1 }
    expect(result('o[k]', { o: object, k: name })).toBe('there')
    expect(result('k in o', { o: object, k: name })).toBe(true)
    expect(result('k in o', { o: other, k: name })).toBe(false)
    expect(result("o[?k].orValue('none')", { o: other, k: name })).toBe('none')
    expect(() => result('o[k]', { o: other, k: name })).toThrow(`No such key: ${name}`)
    expect(result('o.list.map(x, x[k])', { o: object, k: name })).toEqual([1])
    expect(result('o.map(x, x)', { o: object })).toEqual([name, 'list'])
    expect(result('o == p', { o: object, p: structuredClone(object) })).toBe(true)
    expect(result('o == p', { o: object, p: other })).toBe(false)
    expect(JSON.stringify(result('{k: 1}', { k: name }))).toBe(`{${JSON.stringify(name)}:1}`)
    expect(result('{k: 1}[k]', { k: name })).toBe(1)
    expect(result('{k: 1}.size()', { k: name })).toBe(1)
    expect(result('o', { o: object })).toEqual(object)
    if (name !== '__proto__' && name !== 'prototype') {
      expect(result(`o.${name}`, { o: object })).toBe('there')
      expect(result(`has(o.${name})`, { o: object })).toBe(true)
      expect(result(`has(o.${name})`, { o: other })).toBe(false)
      expect(() => result(name)).toThrow(`Unknown variable: ${name}`)
      expect(result(name, { [name]: 1 })).toBe(1)
    }
  })

  test('every key of any JSON is found, and no other', () => {
    const key = fc.oneof(fc.constantFrom(...NAMES), fc.string())
    const { json } = fc.letrec<{ json: Json }>((tie) => ({
      json: fc.oneof({ maxDepth: 3 }, fc.constant(1), fc.array(tie('json')), fc.dictionary(key, tie('json'))),
    }))
    fc.assert(
      fc.property(fc.dictionary(key, json), key, (o, k) => {
        expect(result('k in o', { o, k })).toBe(Object.hasOwn(o, k))
        expect(result('[o]', { o })).toEqual([o])
        expect(result('o == o && [o] == [o] && o in [o]', { o })).toBe(true)
        for (const own of Object.keys(o)) expect(result('o[k]', { o, k: own })).toEqual(o[own])
      }),
    )
  })
})
