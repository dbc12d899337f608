// biome-ignore lint/style/noRestrictedImports: it loads RE2 later than the rest, and has no other effect.
import { createRequire } from 'node:module'
import { memoize } from './memoize.ts'

/** A regular expression in RE2's syntax, matched in time that grows with the text and never explodes. */
export type Pattern = {
  /** Whether any part of the text fits. */
  test(text: string): boolean
  /** How many instructions it compiles to: the work for one character of the text. */
  size: number
}

/** A pattern that RE2 doesn't have: not well formed, a lookaround, a backreference, or too large. */
export class PatternError extends Error {}

const LONGEST = 10_000

/** How many instructions may run for one text: a few seconds' worth. */
const MOST_WORK = 100_000_000

/** Compiles a pattern as CEL's `matches` wants it; throws PatternError. */
export const compilePattern = (source: string): Pattern => compiled(source)

/** Compiles a pattern of JSON Schema, whose way of writing characters is JavaScript's (`\u00e9`, `\/`); throws PatternError. */
export const compileSchemaPattern = (source: string): Pattern => compiled(engine().translateRegExp(source))

const compiled = memoize(500, (source: string): Pattern => {
  if (source.length > LONGEST)
    throw new PatternError(`the pattern has ${source.length} characters, at most ${LONGEST} are allowed`)
  try {
    const re = engine().compile(source)
    const size = re.programSize()
    const test = (text: string): boolean => {
      if (text.length * size > MOST_WORK)
        throw new PatternError(`the text has ${text.length} characters, too many for the pattern \`${source}\``)
      return re.matcher(text).find()
    }
    return { test, size }
  } catch (error) {
    throw new PatternError(`the pattern is not one that RE2 has: ${reasonIn((error as Error).message)}`)
  }
})

const LACKING = [
  [/invalid or unsupported Perl syntax: `\(\?<?[=!]|invalid named capture: `\(\?<[=!]/, 'lookahead and lookbehind'],
  [/invalid escape sequence: `\\(?:[1-9]|k)/, 'references back to a group'],
] as const

function reasonIn(message: string): string {
  const reason = message.replace(/^error parsing regexp: /, '').slice(0, 200)
  const lacking = LACKING.find(([said]) => said.test(reason))?.[1]
  return lacking === undefined ? reason : `it has no ${lacking} (${reason})`
}

type Engine = typeof import('re2js').RE2JS

/** RE2, loaded when the first pattern is compiled: most commands have none, and it takes longer to load than they do. */
const engine = (): Engine => {
  loaded ??= (createRequire(import.meta.url)('re2js') as typeof import('re2js')).RE2JS
  return loaded
}
let loaded: Engine | undefined
