import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Diagnostic } from '../../engine/base/diagnostic.ts'
import type { Range } from '../../engine/base/source.ts'
import { type Document, parseDocument } from '../../engine/runbook/yaml/document.ts'
import { cpuMs } from '../cpu-time.ts'
import { validText } from './sample-schema.ts'

const parse = (text: string) => parseDocument({ name: 'r.yaml', text })

function refused(text: string): Diagnostic[] {
  const parsed = parse(text)
  expect(parsed.ok, JSON.stringify(text.slice(0, 80))).toBe(false)
  return parsed.ok ? [] : parsed.diagnostics
}

function accepted(text: string): Document {
  const parsed = parse(text)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.diagnostics))
  return parsed.document
}

const bad: [text: string, ...problems: [at: string, message: string, hint?: string][]][] = [
  ['a: { service: ${{ x }} }', ['1:16', 'after the end of the value', '`${{ … }}`']],
  ['a: [run, ${{ x }}]', ['1:11', 'missing comma', '`${{ … }}`']],
  ['a: ${{ a ? 1 : 2 }}', ['1:4', 'a second `: `', '`${{ … }}`']],
  ['a: b: c', ['1:4', 'a second `: `', 'quote it']],
  ['a: 1\n b: 2', ['2:2', '`b` is indented deeper', 'align it']],
  ['a:\n\tb: 1', ['2:1', 'indentation cannot contain tabs', 'spaces']],
  ['a: 1\nfoo\nb: 2', ['2:1', '`foo` has no colon', 'write `key: value`']],
  ['a:1\nb: 2', ['1:1', '`a:1` has no colon followed by a space']],
  ['key: |\nfoo', ['2:1', 'no colon', '`key: |`']],
  ['a: "x\nb: 2', ['1:4', 'unclosed `"`']],
  ["a: 'x\nb: 2", ['1:4', "unclosed `'`"]],
  ['a: [1, 2\nb: 3', ['1:4', 'unclosed `[`']],
  ['a: {x: 1\nb: 3', ['1:4', 'unclosed `{`']],
  ['a: @x', ['1:4', 'cannot start with `@`', 'quote the string']],
  ['a: "\\d"', ['1:5', '`\\d` is not a valid escape', '`\\\\`']],
  ['- a\nb: 1', ['2:1', '`b`']],
  ['a: 1\n- b', ['2:1', 'unexpected list item among the keys']],
  ['a:\n  - b\n - c', ['3:1', 'not aligned with the items above']],
  ["a: 'it's'", ['1:8', 'after the end of the value', 'double a quote']],
  ['a: ]', ['1:4', 'unexpected `]`', 'bracket']],
  ['a: [1,,2]', ['1:7', 'missing value between the commas']],
  ['a: 1\nb: 2\na: 3', ['3:1', 'duplicate key `a`, already set on line 1', 'keep one']],
  ['{x: 1, "x": 2}', ['1:8', 'duplicate key `x`']],
  ['a: 1\n---\nb: 1\n---\nc: 1', ['2:1', 'a second YAML document']],
  ['%YAML 1.1\n---\na: 1', ['1:1', '`%YAML 1.1` is not supported', 'YAML 1.2']],
  ['a: !foo x', ['1:4', 'the tag `!foo` is not supported']],
  ['!foo\na: 1', ['1:1', 'the tag `!foo` is not supported']],
  ['a: !!set {x}', ['1:4', 'the tag `!!set` is not supported']],
  ['a: !!binary eA==', ['1:4', 'the tag `!!binary` is not supported']],
  ['a: !!int abc', ['1:4', 'does not match its tag']],
  ['a: *', ['1:4', 'no valid name']],
  ['a: &one 1\nb: *onne', ['2:4', 'no anchor `&onne`', 'did you mean `*one`?']],
  ['a: *one\nb: &one 1', ['1:4', 'no anchor `&one` before']],
  ['a: &a [*a]', ['1:8', 'inside its own anchor']],
  ['a: &a { b: { c: *a } }', ['1:17', 'inside its own anchor']],
  ['a: &a { x: 1 }\nb:\n  <<: *a', ['3:3', 'merge keys', 'alias for the whole value']],
  ['1: a', ['1:1', '`1` is a number', 'quote it: "1"']],
  ['true: a', ['1:1', 'a key must be a string', 'quote it: "true"']],
  ['null: a', ['1:1', 'a key must be a string']],
  [': x', ['1:1', 'missing key before the colon']],
  ['? [a]\n: b', ['1:3', 'list or a mapping']],
  ['a: &x k\n*x : 2', ['2:1', 'a key cannot be an alias']],
  ['a: 9007199254740993', ['1:4', 'too large to be exact', 'quote it']],
  ['a: -9007199254740993', ['1:4', 'too large']],
  ['a: 0xffffffffffffffff', ['1:4', 'too large']],
  ['a: .inf', ['1:4', 'not a finite number']],
  ['a: .nan', ['1:4', 'not a finite number']],
  ['a: 1e999', ['1:4', 'not a finite number']],
  ['a: 007', ['1:4', 'without its leading zeros', 'quote it: "007"']],
  ['a: "\\ud800"', ['1:4', 'an incomplete character']],
  ['"\\udfff": 1', ['1:1', 'an incomplete character']],
  ['a: \ud800', ['1:4', 'lone surrogate']],
  ['a: 1\nb: \u0000', ['2:4', 'line 2 contains a NUL character']],
  ['a: \u001b[2J', ['1:4', 'control character (U+001B)']],
  ['a: \u202ex', ['1:4', 'changes the text direction (U+202E)']],
  ['a: 1\rb: 2', ['1:5', 'carriage return']],
  ['', ['1:1', 'the file is empty']],
  [' \n\n', ['1:1', 'the file is empty']],
  ['# only this\n', ['1:1', 'the file is empty']],
  ['---\n', ['1:1', 'the file is empty']],
  [
    'a: 1\na: 2\nb: .inf\nc: !x 1\n2: x',
    ['2:1', 'duplicate key `a`'],
    ['3:4', 'not a finite number'],
    ['4:4', '`!x`'],
    ['5:1', 'a key must'],
  ],
  ['a: "x" y\na: {b: 1\n\n\n', ['1:8', 'after the end'], ['2:4', 'unclosed `{`']],
  ['a: {b: .inf} x\nc: .inf', ['1:14', 'after the end'], ['2:4', 'not a finite number']],
  ['a: 1\nb: &x\n&y\n\n\n', ['3:3', 'no colon']],
  ['x: *no\ny: *no', ['1:4', '`&no`'], ['2:4', '`&no`']],
]

describe('mistakes in a YAML file', () => {
  test.each(bad)('%j', (text, ...problems) => {
    const found = refused(text)
    expect(found.map(({ line, column }) => `${line}:${column}`)).toEqual(problems.map(([at]) => at))
    problems.forEach(([, message, hint], index) => {
      expect(found[index]?.message).toContain(message)
      if (hint !== undefined) expect(found[index]?.hint).toContain(hint)
    })
    expect(found.every(({ severity, file }) => severity === 'error' && file === 'r.yaml')).toBe(true)
  })

  test('a flood of problems is truncated with a notice', () => {
    const found = refused(Array.from({ length: 300 }, (_, i) => `k${i}: .inf`).join('\n'))
    expect(found).toHaveLength(51)
    expect(found.at(-1)?.message).toContain('250 more problems')
  })
})

describe('nesting and aliases', () => {
  const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)

  test('64 levels are accepted and 65 are not', () => {
    expect(parse(nested(64)).ok).toBe(true)
    expect(refused(nested(65))[0]?.message).toContain('more than 64 levels deep')
    expect(refused('[{a: '.repeat(500))[0]?.message).toContain('more than 64 levels deep')
  })

  test('levels are counted through aliases', () => {
    const chain = (length: number) =>
      ['a0: &a0 []', ...Array.from({ length }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}]`)].join('\n')
    expect(parse(chain(62)).ok).toBe(true)
    expect(refused(chain(63))[0]?.message).toContain('with this alias, values are nested')
  })

  test('an alias bomb is refused quickly and reported once', () => {
    const row = (i: number) =>
      `a${i}: &a${i} [${Array(10)
        .fill(`*a${i - 1}`)
        .join(', ')}]`
    const bomb = ['a0: &a0 [x, x, x, x, x]', ...Array.from({ length: 60 }, (_, i) => row(i + 1))].join('\n')
    const started = cpuMs()
    const found = refused(bomb)
    expect(cpuMs() - started).toBeLessThan(1000)
    expect(found).toHaveLength(1)
    expect(found[0]?.message).toContain('expand to more than 1 MiB')
  })

  test('a long text repeated by aliases is a bomb too', () => {
    const found = refused(`a: &a ${'x'.repeat(300_000)}\nb: [${Array(4).fill('*a').join(', ')}]`)
    expect(found).toMatchObject([{ line: 2, column: 17 }])
  })

  test('plain aliases give equal values that are not shared', () => {
    const { value } = accepted('a: &a { b: [1, x] }\nc: *a\nd: *a')
    expect(value).toEqual({ a: { b: [1, 'x'] }, c: { b: [1, 'x'] }, d: { b: [1, 'x'] } })
    const { c, d } = value as { c: object; d: object }
    expect(c).not.toBe(d)
  })
})

describe('values', () => {
  test('are those of YAML 1.2', () => {
    expect(accepted('{a: yes, b: on, c: ~, d: 0x1f, e: 1.5, f: "1", g: 0o7, h: 2026-02-27, i: !!str 5}').value).toEqual(
      {
        a: 'yes',
        b: 'on',
        c: null,
        d: 31,
        e: 1.5,
        f: '1',
        g: 7,
        h: '2026-02-27',
        i: '5',
      },
    )
    expect(accepted('a: 9007199254740991').value).toEqual({ a: 9007199254740991 })
    expect(accepted('"<<": 1\non: 2').value).toEqual({ '<<': 1, on: 2 })
    expect(accepted('a: "\\ud83d\\ude00"').value).toEqual({ a: '😀' })
  })

  test.each(['__proto__', 'constructor', 'toString'])('a key `%s` changes no prototype', (key) => {
    for (const text of [`a:\n  ${key}: { polluted: 1 }`, `a: &a\n  ${key}: { polluted: 1 }\nb: *a`]) {
      if (key === '__proto__')
        expect(refused(text)).toMatchObject([{ line: 2, column: 3, message: 'the key `__proto__` is not allowed' }])
      else expect(accepted(text).value).toMatchObject({ a: JSON.parse(`{ "${key}": { "polluted": 1 } }`) })
      expect(({} as { polluted?: number }).polluted).toBeUndefined()
      expect((Object as { polluted?: number }).polluted).toBeUndefined()
    }
  })
})

describe('positions', () => {
  const cut = (text: string, { line, column, endLine, endColumn }: Range) => {
    const starts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)]
    return text.slice(starts[line - 1]! + column - 1, starts[endLine - 1]! + endColumn - 1)
  }

  const text = '# é😀\r\na:\r\n  - b: "q ${{ x }}"\r\n    c:\r\n  - &k {d: 7} # note\r\ne: *k\r\n\r\n# end\r\n'
  test.each<[(string | number)[], 'key' | 'value', string]>([
    [['a'], 'key', 'a'],
    [['a', 0, 'b'], 'key', 'b'],
    [['a', 0, 'b'], 'value', '"q ${{ x }}"'],
    [['a', 0, 'c'], 'value', 'c'],
    [['a', 1], 'value', '{d: 7}'],
    [['a', 1, 'd'], 'value', '7'],
    [['e'], 'value', '*k'],
    [['e', 'd'], 'value', '7'],
    [['a', 0, 'nope', 'deeper'], 'key', 'b: "q ${{ x }}"\r\n    c'],
    [['a', 'nope'], 'key', 'a'],
    [['e', 'nope'], 'value', '*k'],
  ])('%j %s is %j', (path, which, expected) => {
    expect(cut(text, accepted(text).at(path, which))).toBe(expected)
  })

  test('a collection ends with its last value, not with the comments after it', () => {
    const document = accepted('a:\n  b: 1\n\n# about c\nc: 2\n')
    expect(document.at(['a'])).toEqual({ line: 2, column: 3, endLine: 2, endColumn: 7 })
  })

  test.each([
    ['a: run ${{ x }} now', '${{ x }}'],
    ['a: "run ${{ x }} now"', '${{ x }}'],
    ["a: 'run ${{ x }} now'", '${{ x }}'],
    ['a: |\n  run\n  ${{ x }}\n  now', '${{ x }}'],
    ['a: >- # note\n  run\n  ${{ x }} now', '${{ x }}'],
    ['a: run\n  the ${{ x }}\n  now', '${{ x }}'],
    ['b: &b "run ${{ x }}"\na: *b', '${{ x }}'],
  ])('inside %j the part is found', (written, part) => {
    const document = accepted(written)
    const value = (document.value as { a: string }).a
    const start = value.indexOf(part)
    expect(cut(written, document.within(['a'], start, start + part.length))).toBe(part)
  })

  test.each(['a: "\\"x\\" ${{ x }}"', "a: 'it''s ${{ x }}'", "a: '''''' ", 'a: "\\u0061\\u0061 ${{ x }}"'])(
    'inside %j, escapes stand in the way and the whole text is meant',
    (written) => {
      const document = accepted(written)
      const { length } = (document.value as { a: string }).a
      expect(cut(written, document.within(['a'], length - 1, length))).toBe(written.slice(3).trim())
    },
  )
})

describe('any input', () => {
  const check = (text: string) => {
    const started = cpuMs()
    const parsed = parse(text)
    expect(cpuMs() - started).toBeLessThan(2000)
    if (parsed.ok) {
      expect(JSON.parse(JSON.stringify(parsed.document.value))).toEqual(parsed.document.value)
      return
    }
    expect(parsed.diagnostics.length).toBeGreaterThan(0)
    const lines = text.split('\n')
    for (const { line, column, endLine = line, endColumn = column } of parsed.diagnostics) {
      expect(line >= 1 && column >= 1 && endLine >= line && (endLine > line || endColumn >= column)).toBe(true)
      expect(column).toBeLessThanOrEqual((lines[line - 1] ?? '').length + 1)
      expect(endColumn).toBeLessThanOrEqual((lines[endLine - 1] ?? '').length + 1)
    }
  }

  test('random texts are read or refused, with positions inside the text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), check), { numRuns: 500 })
    const marks = fc.constantFrom(...'[]{},:-?#&*!|>\'"%@`\n\r\t ab1~.<\\$'.split(''))
    fc.assert(fc.property(fc.string({ unit: marks, maxLength: 60 }), check), { numRuns: 4000 })
  })

  test('mutations of a valid file are read or refused', () => {
    const place = fc.nat({ max: validText.length })
    const insert = fc.oneof(
      fc.constantFrom('[', '}', '"', "'", '\t', '\n', ': ', '- ', '&a ', '*read', '? ', '\0', '---\n'),
      fc.string(),
    )
    fc.assert(
      fc.property(fc.array(fc.tuple(place, fc.nat({ max: 20 }), insert), { minLength: 1, maxLength: 5 }), (edits) =>
        check(edits.reduce((text, [at, gone, put]) => text.slice(0, at) + put + text.slice(at + gone), validText)),
      ),
      { numRuns: 1500 },
    )
  })

  const mebibyte = 1024 * 1024
  test.each([
    '[',
    '{a: ',
    '- ',
    '? ',
    'a:\n',
    '&a ',
    '!a ',
    '"',
    ',',
    '}',
    '%\n',
    '---\n',
    '- *a\n',
    ': ',
    '[,',
    '# x\n',
    '\n',
  ])(
    'a mebibyte of %j takes seconds at most',
    (unit) => {
      const started = cpuMs()
      parse(unit.repeat(mebibyte / unit.length))
      expect(cpuMs() - started).toBeLessThan(8000)
    },
    30_000,
  )

  test('a mebibyte of anchors or of keys is refused by counting', () => {
    for (const text of ['&a '.repeat(mebibyte / 3), 'k: [,]\n'.repeat(40_000)])
      expect(refused(text)[0]?.message).toContain('more than 100000 keys, values and punctuation marks')
  })

  const times = (count: number, line: (n: number) => string) =>
    Array.from({ length: count }, (_, n) => line(n)).join('')

  test.each([
    ['aliases without an anchor', times(12_000, (n) => `- &a${n} x\n`) + times(12_000, (n) => `- *b${n}\n`)],
    ['keys that are there twice', times(24_000, (n) => `k${n}:\n`).repeat(2)],
  ])('thousands of %s are reported within seconds', (_, text) => {
    const started = cpuMs()
    expect(refused(text).length).toBeGreaterThan(50)
    expect(cpuMs() - started).toBeLessThan(5000)
  })

  test('the positions of thousands of keys are found within seconds', () => {
    const { at } = accepted(times(30_000, (n) => `k${n}: v\n`))
    const started = cpuMs()
    const lines = Array.from({ length: 30_000 }, (_, n) => at([`k${n}`]).line)
    expect(lines).toEqual(Array.from({ length: 30_000 }, (_, n) => n + 1))
    expect(cpuMs() - started).toBeLessThan(5000)
  })

  test('more than a mebibyte is refused', () => {
    expect(refused('a'.repeat(mebibyte + 1))[0]?.message).toContain('larger than 1 MiB')
  })
})
