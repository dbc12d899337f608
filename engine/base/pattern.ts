// biome-ignore lint/style/noRestrictedImports: it loads RE2 later than the rest, and has no other effect.
import { createRequire } from 'node:module'
import { memoize } from './memoize.ts'

/** A regular expression in RE2 syntax, which matches in time linear in the length of the text. */
export type Pattern = {
  /** Returns whether any part of the text matches. */
  test(text: string): boolean
  /** The number of instructions: the work for one character of the text. */
  size: number
}

/** Reports a pattern that RE2 rejects: malformed, too large, or with lookaround or backreferences. */
export class PatternError extends Error {}

const LONGEST = 10_000

/** The most instructions to run for one text, which take a few seconds. */
const MOST_WORK = 100_000_000

/** Compiles a pattern for CEL's `matches`; throws PatternError. */
export const compilePattern = (source: string): Pattern => compiled(source)

/** Compiles a JSON Schema pattern, which has JavaScript escapes (`\u00e9`, `\/`); throws PatternError. */
export const compileSchemaPattern = (source: string): Pattern => compiled(engine().translateRegExp(source))

const compiled = memoize(500, (source: string): Pattern => {
  if (source.length > LONGEST)
    throw new PatternError(`the pattern has ${source.length} characters; the maximum is ${LONGEST}`)
  try {
    const re = engine().compile(source)
    const size = re.programSize()
    const test = (text: string): boolean => {
      if (text.length * size > MOST_WORK)
        throw new PatternError(`the text has ${text.length} characters, too many to match the pattern \`${source}\``)
      return re.matcher(text).find()
    }
    return { test, size }
  } catch (error) {
    throw new PatternError(`invalid RE2 pattern: ${reasonIn((error as Error).message)}`)
  }
})

const UNSUPPORTED = [
  [/invalid or unsupported Perl syntax: `\(\?<?[=!]|invalid named capture: `\(\?<[=!]/, 'lookahead and lookbehind are'],
  [/invalid escape sequence: `\\(?:[1-9]|k)/, 'backreferences are'],
] as const

function reasonIn(message: string): string {
  const reason = message.replace(/^error parsing regexp: /, '').slice(0, 200)
  const unsupported = UNSUPPORTED.find(([form]) => form.test(reason))?.[1]
  return unsupported === undefined ? reason : `${unsupported} not supported (${reason})`
}

type Engine = typeof import('re2js').RE2JS

/** Loads RE2 with the first pattern: most commands need none, and loading takes longer than they do. */
const engine = (): Engine => {
  loaded ??= (createRequire(import.meta.url)('re2js') as typeof import('re2js')).RE2JS
  return loaded
}
let loaded: Engine | undefined
