/** A file's text with the name under which it is shown to the person. */
export type Source = { name: string; text: string }

/** A place in a source: 1-based lines and columns (UTF-16 units, as editors count), the end exclusive. */
export type Range = { line: number; column: number; endLine: number; endColumn: number }

/** Offsets into a source's text, the end exclusive. */
export type Span = { start: number; end: number }

/** The largest file that is read, in bytes (and, for a text that comes from elsewhere, in UTF-16 units). */
export const sourceLimit = 1024 * 1024

/** Makes the function that turns spans of a text into ranges; spans outside the text are moved to its edge. */
export function rangeFinder(text: string): (span: Span) => Range {
  let lineStarts: number[] | undefined
  const position = (offset: number) => {
    lineStarts ??= startsOfLines(text)
    const line = lastAtMost(lineStarts, offset)
    return { line: line + 1, column: offset - lineStarts[line]! + 1 }
  }
  return ({ start, end }) => {
    const from = Math.min(Math.max(start, 0), text.length)
    const first = position(from)
    const last = position(Math.min(Math.max(end, from), text.length))
    return { ...first, endLine: last.line, endColumn: last.column }
  }
}

function startsOfLines(text: string): number[] {
  const starts = [0]
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}

/** The index of the last number of an ascending list that is at most `limit`. */
function lastAtMost(numbers: number[], limit: number): number {
  let low = 0
  let high = numbers.length
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (numbers[middle]! <= limit) low = middle
    else high = middle
  }
  return low
}
