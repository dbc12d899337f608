import type { Segment } from '../runbook/expressions/template.ts'

/** A piece of a word: the author's own text, or a value that was bound. */
export type Piece = { text: string; bound: boolean }

/** The pieces of a word, each expression filled. */
export const piecesOf = (segments: Segment[], fill: (segment: Segment) => string): Piece[] =>
  segments.map((segment) => ({ text: fill(segment), bound: 'expression' in segment }))

/** Flags whose value is one text, commas and all. */
const PLAIN_TEXTS = /^--(display-name|description|title|message|reason|comment)$/

/** Flags whose value is a list of KEY=VALUE. */
const PAIRS = /^--([a-z-]+-)?(env-vars|secrets|labels|annotations|metadata|tags|args|options|parameters|substitutions)$/

/**
 * Why a bound value would become more than one item of a flag's list, or another key of its pairs: gcloud splits lists
 * at commas, or at what stands between two carets at the very start. It can't be told for sure which flags take lists, so
 * all do but those that are known to be one text.
 */
export function faultInList(flag: string, pieces: Piece[]): string | undefined {
  if (PLAIN_TEXTS.test(flag)) return undefined
  const [first] = pieces
  const own = first && !first.bound ? /^\^([^^]+)\^/.exec(first.text) : null
  // Of a delimiter of several characters a value can hold none: beside the author's own text it could make a whole one.
  const delimiter = own?.[1] ?? ','
  let item = ''
  let start = true
  for (const { text, bound } of pieces) {
    if (bound && start && text.startsWith('^'))
      return 'a value cannot start with ^, it would change where a list is split'
    if (bound && [...delimiter].some((part) => text.includes(part)))
      return `a value cannot hold \`${delimiter}\`, it would be another item of the list`
    if (bound && PAIRS.test(flag) && !item.includes('=') && text.includes('='))
      return 'a value in the place of a key cannot hold `=`, it would be another key'
    if (text !== '') start = false
    item = `${item}${text}`.split(delimiter).at(-1) ?? ''
  }
  return undefined
}
