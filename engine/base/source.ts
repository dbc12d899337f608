/** The text of a file and the name to show for it. */
export type Source = { name: string; text: string }

/** A range in a source: 1-based lines and columns in UTF-16 units, as editors count; the end is exclusive. */
export type Range = { line: number; column: number; endLine: number; endColumn: number }

/** Offsets into the text of a source; the end is exclusive. */
export type Span = { start: number; end: number }

/** The largest file to read, in bytes; for a text from elsewhere, in UTF-16 units. */
export const sourceLimit = 1024 * 1024

/** Returns a function that turns spans of a text into ranges and clamps spans outside the text. */
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

/** Returns the index of the last number in an ascending list that is at most `limit`. */
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
