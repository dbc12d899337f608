import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { renderDiagnostic } from '../../engine/base/render-diagnostic.ts'
import { anyInterpreter } from '../../engine/cli/validate/interpret-any.ts'
import { lintReferences } from '../../engine/cli/validate/references.ts'
import { gcloudKnowledge } from '../../engine/gcloud/command-tree.ts'
import { makeReader } from '../../engine/runbook/reader.ts'
import { cpuMs } from '../cpu-time.ts'
import { root } from '../incident/cli.ts'
import { INVENTORY, RUNBOOK, SCENARIO } from './corpus/bases.ts'

/** The number of mutations: few by default, 10,000 with `npm run test:mutations`. */
const mutations = Number(process.env.MUTATIONS ?? 400)

const read = makeReader(anyInterpreter(gcloudKnowledge(undefined)))

const shipped = [
  ...readdirSync(`${root}runbooks`).map((name) => `runbooks/${name}`),
  ...readdirSync(`${root}runbooks/scenarios`).map((name) => `runbooks/scenarios/${name}`),
  ...readdirSync(`${root}engine/starter/runbooks`).map((name) => `engine/starter/runbooks/${name}`),
].filter((name) => name.endsWith('.yaml'))

const texts = [RUNBOOK, INVENTORY, SCENARIO, ...shipped.map((name) => readFileSync(root + name, 'utf8'))]

/** Words with a meaning in these files, so that mutations get past the YAML parser. */
const DICTIONARY = [
  ...[
    '${{',
    '}}',
    '${{ service }}',
    '${{ before.ingress }}',
    '${{ result }}',
    'env',
    'inputs',
    '[]',
    '{}',
    '[',
    '}',
    '- ',
    ': ',
    '#',
    '&a ',
    '*a',
    '"',
    "'",
  ],
  ...[
    '|\n',
    '>-\n',
    '---\n',
    '!!binary ',
    '<<: ',
    'null',
    'true',
    '0',
    '-1',
    '1e999',
    '9007199254740993',
    '~',
    '.nan',
    '__proto__',
    'constructor',
    'toString',
  ],
  ...[
    'observe:',
    'apply:',
    'undo:',
    'expect: absent',
    'forEach:',
    'gcloud:',
    'secret:',
    'steps:',
    'default:',
    '$ref: "#/types/x"',
    'type: object',
    'pattern: "("',
  ],
  ...[
    '--ingress=',
    '--region',
    'run',
    'beta',
    'describe',
    'delete',
    '\t',
    '\r\n',
    '\u0000',
    '\u2028',
    '\ud800',
    '\u202e',
    '😀',
    'é',
  ],
]

type Mutation = (text: string) => string

const at = (text: string, place: number) => Math.floor(place * (text.length + 1))
const lines = (change: (all: string[], index: number) => string[]) => (text: string, place: number) => {
  const all = text.split('\n')
  return change(all, Math.floor(place * all.length)).join('\n')
}

const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
const word = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...DICTIONARY) },
  fc.string({ maxLength: 12, unit: 'binary' }),
)

const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.tuple(place, word).map(
    ([p, w]): Mutation =>
      (text) =>
        text.slice(0, at(text, p)) + w + text.slice(at(text, p)),
  ),
  fc.tuple(place, fc.integer({ min: 1, max: 30 })).map(
    ([p, n]): Mutation =>
      (text) =>
        text.slice(0, at(text, p)) + text.slice(at(text, p) + n),
  ),
  fc.tuple(place, word).map(
    ([p, w]): Mutation =>
      (text) => {
        const found = /[\w-]+/.exec(text.slice(at(text, p)))
        const start = at(text, p) + (found?.index ?? 0)
        return text.slice(0, start) + w + text.slice(start + (found?.[0].length ?? 0))
      },
  ),
  place.map(
    (p): Mutation =>
      (text) =>
        lines((all, i) => all.toSpliced(i, 1))(text, p),
  ),
  place.map(
    (p): Mutation =>
      (text) =>
        lines((all, i) => all.toSpliced(i, 0, all[i] ?? ''))(text, p),
  ),
  place.map(
    (p): Mutation =>
      (text) =>
        lines((all, i) => all.with(i, `  ${all[i]}`))(text, p),
  ),
  place.map(
    (p): Mutation =>
      (text) =>
        lines((all, i) => all.with(i, (all[i] ?? '').slice(1)))(text, p),
  ),
  fc.tuple(place, place).map(
    ([p, q]): Mutation =>
      (text) =>
        lines((all, i) => all.toSpliced(Math.floor(q * all.length), 0, all[i] ?? ''))(text, p),
  ),
  place.map(
    (p): Mutation =>
      (text) =>
        text.slice(0, at(text, p)),
  ),
)

const mutated = fc
  .tuple(fc.constantFrom(...texts), fc.array(mutation, { minLength: 1, maxLength: 4 }))
  .map(([text, changes]) => changes.reduce((changed, change) => change(changed), text))

/** Matches engine internals, which must never be shown. */
const INSIDES =
  /\n\s+at |TypeError|RangeError|ReferenceError|Cannot read|is not a function|is not iterable|\[object |undefined/

test('engine internals would be noticed', () => {
  expect('x\n    at readAny (read-any.ts:1:1)').toMatch(INSIDES)
})

test(
  `${mutations} mutations of valid files are read or refused, each in its place, quickly and in plain words`,
  async () => {
    await fc.assert(
      fc.asyncProperty(mutated, async (text) => {
        const source = { name: 'mutated.yaml', text }
        const started = cpuMs()
        const reading = read(source)
        const references = reading.ok
          ? await lintReferences([{ ...reading.value, file: `${root}runbooks/mutated.yaml`, source }])
          : []
        expect(cpuMs() - started).toBeLessThan(10_000)
        if (!reading.ok) expect(reading.diagnostics).not.toEqual([])
        const lineCount = text.split('\n').length
        for (const diagnostic of [...(reading.ok ? (reading.warnings ?? []) : reading.diagnostics), ...references]) {
          const { line, column, message, hint = '' } = diagnostic
          expect(line).toBeGreaterThanOrEqual(1)
          expect(line).toBeLessThanOrEqual(lineCount)
          expect(column).toBeLessThanOrEqual((text.split('\n')[line - 1] ?? '').length + 1)
          if (!text.includes('undefined')) expect(`${message}\n${hint}`).not.toMatch(INSIDES)
          expect(renderDiagnostic(diagnostic, source, { colour: false })).toContain('mutated.yaml:')
        }
      }),
      { numRuns: mutations },
    )
  },
  Math.max(60_000, mutations * 100),
)
