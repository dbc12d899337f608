import fc from 'fast-check'
import { expect, test } from 'vitest'
import { soleExpression, splitTemplate, UnclosedExpression } from '../../engine/runbook/expressions/template.ts'

const parts = (text: string) =>
  splitTemplate(text).map((segment) => ('literal' in segment ? segment.literal : [segment.expression]))

test.each<[string, (string | string[])[]]>([
  ['', []],
  ['plain', ['plain']],
  ['${{ a }}', [[' a ']]],
  ['x ${{a}} y', ['x ', ['a'], ' y']],
  ['${{a}}${{b}}', [['a'], ['b']]],
  ["${{ '}}' }}", [[" '}}' "]]],
  ['${{ "}}" + a }}z', [[' "}}" + a '], 'z']],
  ["${{ 'it\\'s }}' }}", [[" 'it\\'s }}' "]]],
  ["${{ {'a': {'b': 1}} }}", [[" {'a': {'b': 1}} "]]],
  ["${{{'a': {'b': 1}}}}!", [["{'a': {'b': 1}}"], '!']],
  ['$ {{ a }} {{ b }} ${ c }', ['$ {{ a }} {{ b }} ${ c }']],
  ['a }} b', ['a }} b']],
])('%j splits into %j', (text, expected) => expect(parts(text)).toEqual(expected))

test.each<[string, number]>([
  ['${{ a', 0],
  ['x ${{ a }', 2],
  ['${{ a }} ${{ b', 9],
  ["${{ 'a }}", 0],
  ['${{ {1: 2 }}', 0],
])('%j reports where the unclosed expression starts', (text, offset) => {
  expect(() => splitTemplate(text)).toThrow(UnclosedExpression)
  try {
    splitTemplate(text)
  } catch (error) {
    expect((error as UnclosedExpression).offset).toBe(offset)
  }
})

test.each([
  ['${{ a }}', ' a '],
  [' ${{ a }}\n', ' a '],
  ['x${{ a }}', undefined],
  ['${{ a }}${{ b }}', undefined],
  ['a', undefined],
  ['', undefined],
])('the single expression of %j is %j', (text, expression) =>
  expect(soleExpression(splitTemplate(text))).toBe(expression),
)

test('the segments join to the text, and their offsets point at the expressions', () => {
  const piece = fc.oneof(
    fc.string().filter((text) => !text.includes('$')),
    fc.string({ unit: fc.constantFrom('a', ' ', '.', '[', '+', '0') }).map((text) => `\${{${text}}}`),
  )
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const text = pieces.join('')
      const segments = splitTemplate(text)
      expect(
        segments.map((segment) => ('literal' in segment ? segment.literal : `\${{${segment.expression}}}`)).join(''),
      ).toBe(text)
      for (const segment of segments)
        if ('expression' in segment) expect(text.slice(segment.start, segment.end)).toBe(segment.expression)
    }),
  )
})
