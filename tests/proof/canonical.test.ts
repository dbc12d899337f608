import canonicalize from 'canonicalize'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { EMPTY, nextLine } from '../../engine/audit/chain.ts'
import type { LogEvent } from '../../engine/audit/entry.ts'
import { isCanonical } from '../../engine/audit/verify-form.ts'

/** A body as the log would store it. */
function stored(body: object): string {
  const { line } = nextLine(EMPTY, new Date(0), 'run-1', { type: 'run.closed', body } as unknown as LogEvent)
  return line.slice('{"body":'.length, line.indexOf(',"prev":'))
}

const numberOf = (hex: string): number => Buffer.from(hex, 'hex').readDoubleBE()

test.each([
  ['0000000000000000', '0'],
  ['8000000000000000', '0'],
  ['0000000000000001', '5e-324'],
  ['8000000000000001', '-5e-324'],
  ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
  ['3eb0c6f7a0b5ed8d', '0.000001'],
  ['41b3de4355555553', '333333333.3333332'],
  ['41b3de4355555554', '333333333.33333325'],
  ['41b3de4355555555', '333333333.3333333'],
  ['41b3de4355555556', '333333333.3333334'],
  ['41b3de4355555557', '333333333.33333343'],
  ['becbf647612f3696', '-0.0000033333333333333333'],
  ['43143ff3c1cb0959', '1424953923781206.2'],
  ['433fffffffffffff', '9007199254740991'],
])("the number %s of RFC 8785's appendix B is %s", (hex, text) => {
  expect(stored({ n: numberOf(hex) })).toBe(`{"n":${text}}`)
})

test.each([
  ...['7fefffffffffffff', 'ffefffffffffffff', '4340000000000000', 'c340000000000000', '4430000000000000'],
  ...['7fffffffffffffff', '7ff0000000000000', '44b52d02c7e14af6', '444b1ae4d6e2ef50'],
])('the number %s, which not every reader keeps as it is, is refused', (hex) => {
  expect(() => stored({ n: numberOf(hex) })).toThrow()
})

test("texts and literals are as in RFC 8785's section 3.2.2", () => {
  const body = JSON.parse(
    String.raw`{"numbers":[333333333.33333329,4.50,2e-3,0.000000000000000000000000001],"string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null,true,false]}`,
  )
  expect(stored(body)).toBe(
    String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`,
  )
})

test('members are in the order of section 3.2.3, by UTF-16 code units and not by code points', () => {
  const names = ['\u20ac', '\r', '\ufb33', '1', '\ud83d\ude00', '\u0080', '\u00f6']
  const body = JSON.parse(stored(Object.fromEntries(names.map((name) => [name, name]))))
  expect(Object.keys(body)).toEqual(['1', '\r', '\u0080', '\u00f6', '\u20ac', '\ud83d\ude00', '\ufb33'])
  expect(stored({ '\u20ac': 1, '\r': 2, '1': 3 })).toBe('{"\\r":2,"1":3,"€":1}')
})

test.each([
  ['in a text', { a: 'x\ud83d' }],
  ['in the name of a member', { '\udc00': 1 }],
])('a lone surrogate %s is refused', (_, body) => {
  expect(() => stored(body)).toThrow()
})

/** JSON in all sorts of ways to write it, most of them short: blanks, numbers, escapes, orders of names, names twice. */
const anyJson: fc.Arbitrary<string> = fc.letrec<{ json: string }>((tie) => {
  const blank = fc.constantFrom('', '', '', ' ', '\t')
  const number = fc.constantFrom(
    ...[
      '0',
      '-0',
      '0e1',
      '1',
      '-5',
      '1.0',
      '1e0',
      '10',
      '1e1',
      '100',
      '1e2',
      '10e1',
      '-1e2',
      '1E3',
      '1000',
      '1e-5',
      '0.00001',
    ],
    ...[
      '1200',
      '12e2',
      '0.30000000000000004',
      '0.30000000000000005',
      '0.5',
      '5e-1',
      '9007199254740991',
      '9007199254740993',
      '1e400',
    ],
  )
  const text = fc.constantFrom(
    '"a"',
    '"\\u0061"',
    '"\\u001f"',
    '"\\u001F"',
    '"\\t\\\\"',
    '"\\n"',
    '"\\/"',
    '"\\\\u0041"',
    '"ä"',
    '"\\ud83d\\ude00"',
    '"\\ud83d"',
    '"😀"',
    '""',
  )
  const name = fc.constantFrom(
    '""',
    '"a"',
    '"b"',
    '"1"',
    '"10"',
    '"9"',
    '"01"',
    '"-1"',
    '"\\u0061"',
    '"__proto__"',
    '"ä"',
    '"😀"',
    '"\ufb33"',
  )
  const inside = (open: string, close: string, items: fc.Arbitrary<string>) =>
    fc.tuple(blank, fc.array(items, { maxLength: 3 })).map(([pad, all]) => `${open}${pad}${all.join(',')}${close}`)
  const member = fc.tuple(name, blank, tie('json')).map(([key, pad, value]) => `${key}:${pad}${value}`)
  return {
    json: fc.oneof(
      { maxDepth: 3 },
      number,
      text,
      fc.constantFrom('true', 'false', 'null'),
      inside('[', ']', tie('json')),
      inside('{', '}', member),
    ),
  }
}).json

test('a text is taken as canonical where RFC 8785 writes its value in the very same way, and nowhere else', () => {
  let [canonical, other] = [0, 0]
  fc.assert(
    fc.property(anyJson, (json) => {
      const text = `{"a":${json}}`
      const value = JSON.parse(text)
      const made = safely(() => canonicalize(value))
      const unsafe = /9007199254740993|1e400|(?<!\\)\\ud83d(?!\\)/.test(text)
      if (isCanonical(value, text)) canonical++
      else other++
      expect(isCanonical(value, text), text).toBe(!unsafe && made === text)
    }),
    { numRuns: 20_000 },
  )
  expect(Math.min(canonical, other)).toBeGreaterThan(1000)
})

function safely<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch {
    return undefined
  }
}
