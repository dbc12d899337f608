import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { JsonObject } from '../../engine/base/json.ts'
import { UserError } from '../../engine/base/problem.ts'
import type { Argument } from '../../engine/gcloud-grammar/argument.ts'
import { toVariables } from '../../engine/runbook/expressions/cel-value.ts'
import { bindArgv as bindArgvTo } from '../../engine/steps/arguments.ts'

const bindArgv = (argv: Argument[], variables: JsonObject) => bindArgvTo(argv, toVariables(variables))

test.each<[Argument, Record<string, string | number | boolean>, string]>([
  ['literal', {}, 'literal'],
  ['--literal=/a b', {}, '--literal=/a b'],
  ['${{ a }}', { a: 'frontend-app' }, 'frontend-app'],
  ['${{ a }}', { a: 7 }, '7'],
  ['--ingress=${{ a }}', { a: 'all' }, '--ingress=all'],
  ['--role=${{ a }}', { a: 'roles/run.invoker' }, '--role=roles/run.invoker'],
  ['--role=${{ a }}', { a: 'projects/p/roles/own' }, '--role=projects/p/roles/own'],
  ['--path=${{ a }}', { a: 'a/b' }, '--path=a/b'],
  ['--member=serviceAccount:${{ a }}@p', { a: 'x' }, '--member=serviceAccount:x@p'],
  ['--delta=${{ a }}', { a: -1 }, '--delta=-1'],
  [{ flag: '--iap', on: '${{ a }}' }, { a: true }, '--iap'],
  [{ flag: '--iap', on: '${{ a }}' }, { a: false }, '--no-iap'],
])('%j with %j is %j', (word, variables, bound) => expect(bindArgv([word], variables)).toEqual([bound]))

test.each<[why: string, word: Argument, variables: Record<string, string | number>, said: string]>([
  ['is a flag', '${{ a }}', { a: '--project=evil' }, 'start with a hyphen'],
  ['is a short flag', '${{ a }}', { a: '-q' }, 'start with a hyphen'],
  ['is a negative number', '${{ a }}', { a: -1 }, 'start with a hyphen'],
  ['starts a word as a flag', '${{ a }}@p', { a: '--project=evil,' }, 'start with a hyphen'],
  ['starts a word as a flag behind nothing', '${{ a }}${{ b }}', { a: '', b: '--x' }, 'start with a hyphen'],
  ['makes a flag of two', '${{ a }}${{ b }}', { a: '-', b: '-project=evil' }, 'start with a hyphen'],
  ['names a flag', '--${{ a }}', { a: 'project=evil' }, 'name of a flag'],
  ['ends the name of a flag', '--pro${{ a }}', { a: 'ject=evil' }, 'name of a flag'],
  ['names a short flag', '-${{ a }}', { a: 'q' }, 'name of a flag'],
  ['holds a slash', '${{ a }}', { a: 'a/b' }, 'slash'],
  ['is a full resource name', '${{ a }}', { a: 'projects/other/secrets/s' }, 'slash'],
  ['is a full resource name in a flag', '--secret=${{ a }}', { a: 'projects/other/secrets/s' }, 'another project'],
  ['is one in capitals', '--secret=${{ a }}', { a: 'Projects/other/secrets/s' }, 'another project'],
  ['is a full Cloud Run name in a flag', '--service=${{ a }}', { a: 'namespaces/other/services/s' }, 'another project'],
  [
    'is a full name with its API',
    '--secret=${{ a }}',
    { a: '//secretmanager.googleapis.com/projects/o' },
    'another project',
  ],
  [
    'is an address',
    '--secret=${{ a }}',
    { a: 'https://secretmanager.googleapis.com/v1/projects/o' },
    'another project',
  ],
  ['starts a resource name', '${{ a }}/secrets/s', { a: 'projects/other' }, 'another project'],
  ['is an organization', '--thing=${{ a }}', { a: 'organizations/1' }, 'another project'],
  ['holds a line feed', 'x-${{ a }}', { a: 'a\nb' }, 'line break'],
  ['holds a carriage return', '${{ a }}', { a: 'a\rb' }, 'line break'],
  ['holds NUL', '--x=${{ a }}', { a: 'a\0b' }, 'NUL'],
  ['is empty', '${{ a }}', { a: '' }, 'empty'],
  ['is no yes or no', { flag: '--iap', on: '${{ a }}' }, { a: 'true' }, 'true or false'],
])('a value that %s is refused in %j with %j', (_, word, variables, said) => {
  const bind = () => bindArgv([word], variables)
  expect(bind).toThrow(UserError)
  expect(bind).toThrow(said)
})

const value = fc.oneof(
  fc.string(),
  fc.constantFrom('', '-', '--', '--project=x', '-q', '/', 'projects/p/x/y', '\n', '\0', 'a,b', '^:^a', '=', '$(id)'),
  fc.string({ unit: fc.constantFrom('-', '/', 'p', '=', ' ', '\n') }),
)
const literal = fc.constantFrom('', 'x', '--flag=', '--flag', '-', '--', 'serviceAccount:', '@p', '=', ' ', '/')

test('no bound value yields an argument that starts with a hyphen, unless the author wrote the flag', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(literal, value), { minLength: 1, maxLength: 3 }), literal, (pieces, last) => {
      const word = `${pieces.map(([text], index) => `${text}\${{ v${index} }}`).join('')}${last}`
      const variables = Object.fromEntries(pieces.map(([, text], index) => [`v${index}`, text]))
      let bound: string
      try {
        bound = bindArgv([word], variables)[0] ?? ''
      } catch (error) {
        expect((error as Error).constructor.name).toMatch(/^(ArgumentError|ExpressionError)$/)
        return
      }
      expect(bound).not.toMatch(/[\n\r\0]/)
      expect(bound).not.toBe('')
      if (bound.startsWith('-')) expect(word).toMatch(/^--flag=/)
    }),
    { numRuns: 2000 },
  )
})

test('an argument that is one value never contains a slash', () => {
  fc.assert(
    fc.property(value, (text) => {
      try {
        expect(bindArgv(['${{ v }}'], { v: text })[0]).toBe(text)
        expect(text).not.toMatch(/^-|\//)
      } catch (error) {
        expect((error as Error).constructor.name).toMatch(/^(ArgumentError|ExpressionError)$/)
      }
    }),
  )
})

const evil = ['x,B=evil', ',', 'a,', '^;^x;B=evil']

test.each([
  '--update-env-vars=A=${{ v }}',
  '--set-secrets=A=${{ v }}:1',
  '--member=user:${{ v }}',
  '--remove-labels=${{ v }}',
  '--update-labels=a=b,c=${{ v }}',
  '--tags=x${{ v }}y',
])('in %s no value can bring another item', (word) => {
  for (const v of evil.filter((text) => text.includes(',') || word.endsWith('labels=${{ v }}')))
    expect(() => bindArgv([word], { v })).toThrow(/add an item|how the list is split/)
  expect(bindArgv([word], { v: 'x' })[0]).toBe(word.replace('${{ v }}', 'x'))
})

test('nor in a flag whose value is the next argument', () => {
  expect(() => bindArgv(['--update-env-vars', 'A=${{ v }}'], { v: 'x,B=evil' })).toThrow(/add an item/)
  expect(() => bindArgv(['--labels', '${{ v }}'], { v: '^;^x' })).toThrow(/how the list is split/)
  expect(bindArgv(['--update-env-vars', 'A=${{ v }}'], { v: 'x=y' })).toEqual(['--update-env-vars', 'A=x=y'])
})

test('nor can a caret that comes after an empty value start one', () =>
  expect(() => bindArgv(['--labels=${{ a }}${{ b }}'], { a: '', b: '^;^x' })).toThrow(/how the list is split/))

test('a value in the place of a key is a key and no pair', () => {
  expect(() => bindArgv(['--update-labels=${{ v }}=b'], { v: 'evil=x' })).toThrow(/add another key/)
  expect(() => bindArgv(['--update-labels=${{ v }}'], { v: 'evil=x' })).toThrow(/add another key/)
  expect(bindArgv(['--update-labels=${{ v }}=b'], { v: 'a' })).toEqual(['--update-labels=a=b'])
})

test("gcloud's own escape gives commas their place, and holds its delimiter", () => {
  const word = '--update-env-vars=^;;^A=${{ v }};;B=${{ w }}'
  expect(bindArgv([word], { v: 'x,y', w: 'z' })).toEqual(['--update-env-vars=^;;^A=x,y;;B=z'])
  expect(() => bindArgv([word], { v: 'x;', w: 'z' })).toThrow(/cannot contain `;;`/)
  expect(() => bindArgv([word], { v: 'x;;C=evil', w: 'z' })).toThrow(/cannot contain `;;`/)
  expect(() => bindArgv(['--update-env-vars=^;;^A=;${{ v }}'], { v: ';C=evil' })).toThrow(/cannot contain `;;`/)
})

test('a text is one text, commas and all', () =>
  expect(bindArgv(['--display-name=${{ v }}'], { v: 'Web, and more' })).toEqual(['--display-name=Web, and more']))
