/** A piece of a text: literal, or one `${{ }}` expression with its offsets in the text (of what is between the braces). */
export type Segment = { literal: string } | { expression: string; start: number; end: number }

/** A `${{` that nothing closes. */
export class UnclosedExpression extends Error {
  readonly offset: number
  constructor(offset: number) {
    super('`${{` is not closed by `}}`')
    this.offset = offset
  }
}

/** Splits a text at its `${{ }}` expressions; throws UnclosedExpression. */
export function splitTemplate(text: string): Segment[] {
  const segments: Segment[] = []
  let from = 0
  for (;;) {
    const open = text.indexOf('${{', from)
    if (open < 0) break
    const start = open + 3
    const end = endOfExpression(text, start)
    if (end < 0) throw new UnclosedExpression(open)
    if (open > from) segments.push({ literal: text.slice(from, open) })
    segments.push({ expression: text.slice(start, end), start, end })
    from = end + 2
  }
  if (from < text.length) segments.push({ literal: text.slice(from) })
  return segments
}

/** The text with each expression replaced by as many characters that mean nothing; none of it where one is not closed. */
export function withoutExpressions(text: string): string {
  if (!text.includes('${{')) return text
  try {
    return splitTemplate(text)
      .map((part) => ('literal' in part ? part.literal : '_'.repeat(part.expression.length + 5)))
      .join('')
  } catch (error) {
    if (error instanceof UnclosedExpression) return ''
    throw error
  }
}

/** The one expression that a text consists of, if it consists of one: its value then keeps its type. */
export function soleExpression(segments: Segment[]): string | undefined {
  const solid = segments.filter((segment) => 'expression' in segment || segment.literal.trim() !== '')
  const first = solid[0]
  return solid.length === 1 && first && 'expression' in first ? first.expression : undefined
}

/** Where the `}}` that closes an expression starts: braces of map literals and texts in quotes are passed over. */
function endOfExpression(text: string, start: number): number {
  let depth = 0
  for (let i = start; i < text.length; i++) {
    const c = text[i]
    if (c === "'" || c === '"') {
      i = endOfQuote(text, i)
      if (i < 0) return -1
    } else if (c === '{') depth++
    else if (c === '}' && depth > 0) depth--
    else if (c === '}' && text[i + 1] === '}') return i
  }
  return -1
}

function endOfQuote(text: string, open: number): number {
  for (let i = open + 1; i < text.length; i++) {
    if (text[i] === '\\') i++
    else if (text[i] === text[open]) return i
  }
  return -1
}
