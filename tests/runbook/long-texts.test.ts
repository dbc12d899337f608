import { readdirSync, readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { parseAst } from 'vitest/node'
import { readAllowedSigners } from '../../engine/approval/allowed-signers.ts'
import { plainPrincipal } from '../../engine/approval/verdict.ts'
import { idOf } from '../../engine/author/draft.ts'
import { errorText } from '../../engine/gcloud/error-text.ts'
import { classifyFailure } from '../../engine/gcloud/failure.ts'
import { safeProse } from '../../engine/record/operator-prose.ts'
import { lintArguments } from '../../engine/runbook/lint/arguments.ts'
import { bracesOnly, lintShellHabits } from '../../engine/runbook/lint/shell-habits.ts'
import { cpuMs } from '../cpu-time.ts'

const engine = fileURLToPath(new URL('../../engine/', import.meta.url))

type Pattern = { at: string; source: string; flags: string }
type Node = { type?: string; start?: number; regex?: { pattern: string; flags: string } }

/** Returns every regular expression literal with a repetition in the engine. */
function patterns(): Pattern[] {
  const files = readdirSync(engine, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))
  return files.flatMap((name) => {
    const text = stripTypeScriptTypes(readFileSync(join(engine, name), 'utf8'))
    const found: Pattern[] = []
    const visit = (node: unknown) => {
      if (typeof node !== 'object' || node === null) return
      const { type, start = 0, regex } = node as Node
      if (type === 'Literal' && regex && /[*+]|\{\d+,/.test(regex.pattern))
        found.push({
          at: `${name}:${text.slice(0, start).split('\n').length}`,
          source: regex.pattern,
          flags: regex.flags,
        })
      for (const inner of Object.values(node)) visit(inner)
    }
    visit(parseAst(text))
    return found
  })
}

const LENGTH = 20_000

/** Returns long texts for a pattern: a piece of the pattern or of common text, repeated, then something that does not match. */
function* attacks({ source }: Pattern): Generator<string> {
  const written = source.replaceAll(/\\([^A-Za-z0-9])/g, '$1').match(/[A-Za-z0-9 :'<>\-_/@.{}[\]$#=",]{1,60}/g) ?? []
  const pieces = new Set([...' aA0-_/.:=,\n\t"\'`[{(<\\\x1b$|>#@*', 'a ', 'a-', 'a,', '{{', '${{', '\\a', ...written])
  const before = ['', 'a@', ...written.filter((piece) => piece.length > 2).slice(-4)]
  for (const piece of pieces)
    for (const first of before)
      for (const last of ['', '@', '\r!\n']) yield first + piece.repeat(Math.ceil(LENGTH / piece.length)) + last
}

/** Returns the milliseconds that a pattern takes for its slowest text: the best of three tries, because machines are busy. */
function slowest(pattern: Pattern): { ms: number; text: string } {
  const form = new RegExp(pattern.source, pattern.flags)
  const once = (text: string) => {
    const start = cpuMs()
    if (pattern.flags.includes('g')) text.replaceAll(form, 'x')
    else form.exec(text)
    return cpuMs() - start
  }
  let worst = { ms: 0, text: '' }
  for (const text of attacks(pattern)) {
    let ms = once(text)
    for (let again = 0; again < 2 && ms > LIMIT; again++) ms = Math.min(ms, once(text))
    if (ms > worst.ms) worst = { ms, text: text.slice(0, 60) }
    if (ms > LIMIT) break
  }
  return worst
}

/** Linear matching takes about a millisecond, quadratic matching some hundreds. */
const LIMIT = 150

test('no regular expression of the engine takes more than linear time', { timeout: 300_000 }, () => {
  const all = patterns()
  expect(all.length).toBeGreaterThan(150)
  const slow = all.map((pattern) => ({ ...pattern, ...slowest(pattern) })).filter(({ ms }) => ms > LIMIT)
  expect(slow).toEqual([])
})

const many = (piece: string, length = 200_000) => piece.repeat(Math.ceil(length / piece.length))

test.each<[string, () => unknown]>([
  ['a line of spaces in a list of signers', () => readAllowedSigners(`a${many('\t')}\r!`)],
  ['a principal of quotes', () => plainPrincipal(`a${many(`"`)}a`)],
  ['an id of a script with marks', () => idOf(many('${{'), many('@\n'), many('-a'))],
  ['an error of gcloud that quotes tags', () => errorText(`ERROR: ${many('<a')}`)],
  [
    'an error of gcloud that quotes errors',
    () => errorText(`ERROR: ${many("HttpError accessing <>: response: <{'status': 1")}`),
  ],
  ['an error of gcloud with many names', () => classifyFailure(1, `ERROR: ${many('API [[')}${many('Permission ')}`)],
  ['a word of braces', () => bracesOnly([], many('{{ '))],
  ['a word of open expressions', () => lintArguments([], ['gcloud', `${many('${{')}\n`])],
  ['a word of quotes and dollars', () => lintShellHabits([], [many('"$'), many('${ env')])],
  ["a row of a table in a person's words", () => safeProse(`a | b\n${many('-|', 20_000)}x`)],
])('%s ends within seconds', (_, take) => {
  const start = cpuMs()
  take()
  expect(cpuMs() - start).toBeLessThan(3000)
})
