import { describe, expect, test } from 'vitest'
import type { Diagnostic } from '../../engine/base/diagnostic.ts'
import { compileSchema, validateDocument } from '../../engine/runbook/schema/errors.ts'
import { parseDocument } from '../../engine/runbook/yaml/document.ts'
import { sampleSchema, validText } from './sample-schema.ts'

const validator = compileSchema(sampleSchema)

function validate(text: string, validate = validator): Diagnostic[] {
  const parsed = parseDocument({ name: 'r.yaml', text })
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.diagnostics))
  return validateDocument(parsed.document, validate)
}

function edited(from: string, to: string): string {
  expect(validText).toContain(from)
  return validText.replace(from, () => to)
}

const undo = '    undo: { gcloud: [run, services, update, --ingress=all] }'
type Expected = [at: string, message: string, hint?: string]
const mistakes: [from: string, to: string, ...expected: Expected[]][] = [
  ['title: "', 'titel: "', ['8:5', 'unknown key `titel`', 'did you mean `title`?']],
  ['steps:', 'stpes:', ['6:1', 'unknown key `stpes`', 'did you mean `steps`?']],
  ['    title: "${{ service }} takes traffic"\n', '', ['7:5', 'missing required key `title` in item 1 of `steps`']],
  ['kind: Runbook\n', '', ['2:1', 'missing required key `kind`']],
  [
    'risk: low',
    'risk: hgih',
    ['9:11', 'expected one of `low`, `medium` or `high`, but this is `hgih`', 'did you mean `high`?'],
  ],
  ['risk: low', 'zzz: 1', ['9:5', 'unknown key `zzz`', 'allowed here: `risk`, `secret`']],
  ['[run, services, describe]', '8080', ['11:15', 'expected a list of strings, but this is a number']],
  [
    '[run, services, describe]',
    '[run, 8080]',
    ['11:21', 'item 2 of `gcloud`: expected a string, but this is a number', '"8080"'],
  ],
  ['[run, services, describe]', '[]', ['11:15', '`gcloud` must have at least one item']],
  ['[run, services, describe]', '', ['11:7', 'expected a list of strings, but this is empty']],
  ['id: ingress', 'id: In Gress', ['7:9', 'lower-case letters, digits and hyphens; this is `In Gress`']],
  ['title: "${{ service }} takes traffic"', 'title: ""', ['8:12', '`title` must not be empty']],
  ['breakglass/v1', 'breakglass/v2', ['2:13', 'expected `breakglass/v1`, but this is `breakglass/v2`']],
  ["'c'", 'a', ['4:16', '`tags`: items 1 and 3 are the same']],
  [
    'risk: low',
    'secret: x',
    [
      '10:5',
      '`observe` and `secret` cannot be used together: item 1 of `steps` requires exactly one of `observe`, `secret`, `http`',
    ],
  ],
  ['    observe: *read\n', '', ['14:5', 'item 2 of `steps` requires exactly one of `observe`, `secret`, `http`']],
  ['    observe: *read\n', '    obsreve: *read\n', ['18:5', 'unknown key `obsreve`', 'did you mean `observe`?']],
  [`${undo}\n`, '', ['12:5', '`apply` requires `undo`']],
  [
    undo,
    '    undo: { gcluod: [x] }',
    ['13:13', '`undo` requires exactly one of `gcloud`, `cannotBeUndone`', 'did you mean `gcloud`'],
  ],
  [undo, '    undo: { gcloud: [x], cannotBeUndone: y }', ['13:26', 'cannot be used together']],
  [undo, '    undo: nothing', ['13:11', 'expected a mapping, but this is a string']],
  [undo, '    undo: { gcloud: x }', ['13:21', 'expected a list of strings, but this is a string']],
  ['kind: timer, every: 5m', 'kind: timer, evry: 5m', ['5:25', 'unknown key `evry`', 'did you mean `every`?']],
  [
    'kind: timer, every: 5m',
    'kind: tpic, name: x',
    ['5:18', 'expected one of `timer` or `topic`', 'did you mean `topic`?'],
  ],
  ['kind: timer, every: 5m', 'kind: topic, name: 5', ['5:31', '`name`: expected a string, but this is a number']],
  ['risk: low', 'labels: { Foo: 1 }', ['9:15', 'the key `Foo` does not have the expected format: lower-case letters']],
  ['risk: low', 'enabled: yes', ['9:14', 'expected true or false, but this is a string', 'write true']],
  ['risk: low', 'also: 5', ['9:11', 'expected a string or a list of strings, but this is a number']],
  ['risk: low', 'also: [1]', ['9:12', 'item 1 of `also`: expected a string']],
  ['risk: low', 'rotate: true', ['9:5', '`rotate` is not allowed here']],
  ['risk: low', 'rsik: low\n    titel: x', ['9:5', '`rsik`', '`risk`'], ['10:5', '`titel`']],
  [
    '    observe: *read\n',
    '    secret: x\n    rotate: 5\n',
    ['19:13', '`rotate`: expected true or false, but this is a number'],
  ],
]

describe('mistakes in a document', () => {
  test('the valid file is valid', () => expect(validate(validText)).toEqual([]))

  test.each(mistakes)('%j → %j', (from, to, ...expected) => {
    const found = validate(edited(from, to))
    expect(found.map(({ line, column, message }) => `${line}:${column} ${message}`)).toEqual(
      expected.map(([at, message]) => expect.stringMatching(new RegExp(`^${at} .*${literally(message)}`))),
    )
    expected.forEach(([, , hint], index) => {
      if (hint !== undefined) expect(found[index]?.hint).toContain(hint)
    })
  })

  test('a message about a pattern never shows the pattern', () => {
    const bare = compileSchema({
      type: 'object',
      properties: { a: { type: 'string', pattern: '^x+$', examples: ['xx'] } },
    })
    const [found] = validate('a: b', bare)
    expect(found?.message).toBe('`a` does not have the expected format; this is `b`')
    expect(found?.hint).toBe('for example `xx`')
  })

  test.each([
    ['a:1', 'add a space after the colon'],
    ['- a', undefined],
  ])('a file that is not a mapping: %j', (text, hint) => {
    const [found, ...others] = validate(text)
    expect(others).toEqual([])
    expect(found).toMatchObject({
      line: 1,
      column: 1,
      message: expect.stringContaining('the file: expected a mapping'),
    })
    expect(found?.hint ?? '').toContain(hint ?? '')
  })

  test('a mistake inside an anchor that is used twice is reported once, at the anchor', () => {
    const found = validate(edited('gcloud: [run, services, describe]', 'gcloud: [run, 1]'))
    expect(found.map(({ line, column }) => [line, column])).toEqual([[11, 21]])
  })

  test('a schema that strict mode rejects is a programming error', () => {
    expect(() => compileSchema({ type: 'object', propertys: {} })).toThrow(/propertys/)
  })

  test('every keyword has its own message', () => {
    const schema = compileSchema({
      type: 'object',
      properties: {
        a: { type: 'string', maxLength: 2 },
        b: { type: 'integer', minimum: 3 },
        c: { type: 'array', maxItems: 1 },
        d: { type: 'object', minProperties: 1 },
        e: { type: 'integer', exclusiveMaximum: 3 },
        f: { type: 'object', propertyNames: { enum: ['dev', 'prod'] } },
        g: { type: 'object', not: { type: 'object', required: ['x', 'y'] } },
        h: { oneOf: [{ const: 'all' }, { const: 'internal' }] },
      },
    })
    const text = 'a: xyz\nb: 1\nc: [1, 2]\nd: {}\ne: 3\nf: { prd: 1 }\ng: { x: 1, y: 2 }\nh: intrenal'
    expect(
      validate(text, schema).map(({ message, hint }) => (hint === undefined ? message : `${message} — ${hint}`)),
    ).toEqual([
      '`a` must have at most 2 characters',
      '`b` must be at least 3, but is `1`',
      '`c` must have at most 1 items',
      '`d` must have at least one key',
      '`e` must be less than 3, but is `3`',
      'unknown key `prd` — did you mean `prod`?',
      '`g` cannot have `x` and `y` together',
      '`h`: expected one of `all` or `internal`, but this is `intrenal` — did you mean `internal`?',
    ])
  })
})

const literally = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
