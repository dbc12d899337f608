/** A segment of a text: a literal, or a `${{ }}` expression with the offsets of its content. */
export type Segment = { literal: string } | { expression: string; start: number; end: number }

/** Reports a `${{` without a matching `}}`. */
export class UnclosedExpression extends Error {
  readonly offset: number
  constructor(offset: number) {
    super('unclosed `${{`: expected `}}`')
    this.offset = offset
  }
}

/** Splits a text into literals and `${{ }}` expressions; throws UnclosedExpression. */
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

/** Replaces each expression in a text with underscores of the same length; returns an empty text if one is unclosed. */
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

/** Returns the expression of a text that consists of a single one, whose value keeps its type. */
export function soleExpression(segments: Segment[]): string | undefined {
  const solid = segments.filter((segment) => 'expression' in segment || segment.literal.trim() !== '')
  const first = solid[0]
  return solid.length === 1 && first && 'expression' in first ? first.expression : undefined
}

/** Returns the offset of the `}}` that closes an expression; skips map literals and quoted strings. */
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
