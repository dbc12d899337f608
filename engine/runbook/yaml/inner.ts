import type { Span } from '../../base/source.ts'

/**
 * Returns the span of part of a string inside its scalar, or undefined if the scalar contains an escape. Folding and
 * indentation only change white space, so all other characters can be counted.
 */
export function innerSpan(text: string, scalar: Span, value: string, start: number, end: number): Span | undefined {
  const written = text.slice(scalar.start, scalar.end)
  const body = contentStart(written)
  const first = countBlack(value.slice(0, start)) + 1
  const last = countBlack(value.slice(0, end))
  if (last < first) return undefined
  let seen = 0
  let from: number | undefined
  let next = 0
  for (let at = body; at < written.length; at += 1) {
    const character = written[at]!
    if (isWhite(character)) continue
    while (next < value.length && isWhite(value[next]!)) next += 1
    if (character !== value[next] || isEscape(written, at)) return undefined
    next += 1
    seen += 1
    if (seen === first) from = at
    if (seen === last) return { start: scalar.start + (from ?? at), end: scalar.start + at + 1 }
  }
  return undefined
}

/** Returns the offset after the opening quote or the header of a block scalar. */
function contentStart(written: string): number {
  if (/^["']/.test(written)) return 1
  return /^[|>]/.test(written) ? written.indexOf('\n') + 1 : 0
}

/** Returns whether a quoted scalar has an escape at an offset: a backslash, or a doubled single quote. */
const isEscape = (written: string, at: number) =>
  (written[0] === '"' && written[at] === '\\') || (written[0] === "'" && written[at] === "'")

const isWhite = (character: string) => /[ \t\r\n]/.test(character)
const countBlack = (text: string) => text.replace(/[ \t\r\n]/g, '').length
