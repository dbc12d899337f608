import { expect, test } from 'vitest'
import { readRunbook } from '../../engine/runbook/read-runbook.ts'
import { changed, findingsIn, marked, runbookText } from '../samples/samples.ts'

const lint = (from: string, to: string) =>
  findingsIn(readRunbook({ name: 'sample.yaml', text: changed(runbookText, from, to) }))
const many = '  many: { type: integer, default: 2 }'

test.each<[mistake: string, line: string, said: string]>([
  ['a text for a number', 'many: { type: integer, default: ‸two }', 'the default must be integer'],
  ['a number for a list', 'many: { type: array, items: { type: string }, default: ‸3 }', 'the default must be array'],
  ['a wrong item', 'many: { type: array, items: { type: string }, default: [a, ‸3] }', 'the default must be string'],
  ['too small a number', 'many: { type: integer, minimum: 3, default: ‸2 }', 'the default must be >= 3'],
  ['none of the values', 'many: { enum: [a, b], default: ‸c }', 'the default must be equal to one of'],
  [
    'an expression of another type',
    'many: { type: integer, default: ‸"${{ env.name }}" }',
    'expected int, but the default has type string',
  ],
  [
    'an expression for a list of others',
    'many: { $ref: "#/types/names", default: ‸"${{ env.services }}" }',
    'expected list<string>, but the default has type list<Service>',
  ],
  [
    'a text with an expression for a number',
    'many: { type: integer, default: ‸"1${{ env.name }}" }',
    'expected int, but the default has type string',
  ],
  [
    'an unknown variable',
    'many: { type: string, default: "${{ ‸inputs.services }}" }',
    'there is no variable `inputs`',
  ],
  ['an unclosed expression', 'many: { type: string, default: "‸${{ env" }', 'unclosed `${{`'],
  [
    'a type that there is not',
    'many: { $ref: ‸"#/types/nmaes" }',
    'there is no type `nmaes` (did you mean `#/types/names`?)',
  ],
  [
    'an inner type that there is not',
    'many: { type: array, items: { $ref: ‸"#/types/other" } }',
    'there is no type `other`',
  ],
  ['a reference elsewhere', 'many: { $ref: ‸"https://evil.test/schema" }', 'there is no type'],
  [
    'choices that are no list',
    'many: { type: string, enum: "${{ ‸env.name }}" }',
    'expected a list, but this expression has type string',
  ],
  [
    'choices of another type',
    'many: { type: integer, enum: ‸"${{ env.services.map(s, s.name) }}" }',
    'expected list<int>, but `enum` has type list<string>',
  ],
  [
    'choices of another type in a list',
    'many: { type: array, items: { type: string, enum: ‸"${{ env.services }}" } }',
    'expected list<string>, but `enum` has type list<Service>',
  ],
  ['choices that name no field', 'many: { enum: "${{ env.services.map(s, s.‸nmae) }}" }', 'there is no field `nmae`'],
  ['choices that name an input', 'many: { enum: "${{ ‸inputs.services }}" }', 'there is no variable `inputs`'],
  [
    'a default of another type than its choices',
    'many: { enum: "${{ env.services.map(s, s.name) }}", default: ‸"${{ 1 }}" }',
    'expected string, but the default has type int',
  ],
  ['no JSON Schema', 'many: { type: ‸intger, default: 2 }', 'invalid JSON Schema'],
  ['an unknown keyword', 'many: ‸{ type: integer, minimal: 2 }', 'invalid JSON Schema'],
])('an input with %s is found', (_, line, said) => {
  const { text, place } = marked(runbookText, many, `  ${line}`)
  expect(findingsIn(readRunbook({ name: 'sample.yaml', text })).join('\n')).toContain(`${place} ${said}`)
})

test.each([
  'many: { type: string, enum: "${{ env.services.map(s, s.name) }}", default: web }',
  'many: { type: array, items: { enum: "${{ environments.map(name, name) }}" }, default: [] }',
  'many: { type: integer, default: "${{ 1 + 1 }}" }',
  'many: { type: number, default: "${{ 1 }}" }',
  'many: { type: array, items: { $ref: "#/types/names" }, default: [[a], []] }',
  'many: { type: array, items: { type: string }, default: [] }',
  'many: { type: string, default: "${{ env.name }}-x" }',
  'many: { type: string }',
  'many: { type: [string, "null"], default: null }',
])('an input such as %s is valid', (line) => expect(lint(many, `  ${line}`)).toEqual([]))

test('a type that refers to itself is reported', () => {
  const found = lint(
    '  names: { type: array, items: { type: string } }',
    '  names: { type: array, items: { $ref: "#/types/names" } }',
  )
  expect(found.join('\n')).toContain('invalid JSON Schema')
})

test('choices of a named type are checked at the type', () => {
  const { text, place } = marked(
    runbookText,
    'items: { type: string } }',
    'items: { type: string, enum: "${{ ‸evn.services }}" } }',
  )
  expect(findingsIn(readRunbook({ name: 'sample.yaml', text }))).toEqual([
    expect.stringContaining(`${place} there is no variable \`evn\``),
  ])
})
