import type { Segment } from '../runbook/expressions/template.ts'

/** A piece of an argument: the author's text, or a bound value. */
export type Piece = { text: string; bound: boolean }

/** Returns the pieces of an argument, each expression filled. */
export const piecesOf = (segments: Segment[], fill: (segment: Segment) => string): Piece[] =>
  segments.map((segment) => ({ text: fill(segment), bound: 'expression' in segment }))

/** Flags whose value is one text, including its commas. */
const PLAIN_TEXTS = /^--(display-name|description|title|message|reason|comment)$/

/** Flags whose value is a list of KEY=VALUE. */
const PAIRS = /^--([a-z-]+-)?(env-vars|secrets|labels|annotations|metadata|tags|args|options|parameters|substitutions)$/

/**
 * Returns why a bound value would add an item to a flag's list, or a key to its pairs: gcloud splits at commas, or at a
 * delimiter between two carets at the start. Flags that may not take lists are treated as lists, except known texts.
 */
export function faultInList(flag: string, pieces: Piece[]): string | undefined {
  if (PLAIN_TEXTS.test(flag)) return undefined
  const [first] = pieces
  const own = first && !first.bound ? /^\^([^^]+)\^/.exec(first.text) : null
  // A value can't contain any character of a long delimiter: together with the author's text it could complete one.
  const delimiter = own?.[1] ?? ','
  let item = ''
  let start = true
  for (const { text, bound } of pieces) {
    if (bound && start && text.startsWith('^'))
      return 'a value cannot start with `^`: it would change how the list is split'
    if (bound && [...delimiter].some((part) => text.includes(part)))
      return `a value cannot contain \`${delimiter}\`: it would add an item to the list`
    if (bound && PAIRS.test(flag) && !item.includes('=') && text.includes('='))
      return 'a key cannot contain `=`: it would add another key'
    if (text !== '') start = false
    item = `${item}${text}`.split(delimiter).at(-1) ?? ''
  }
  return undefined
}
