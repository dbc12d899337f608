/** The names of the places in a record that are for a person's prose. */
const PLACES = ['context', 'actions', 'backfill', 'verification', 'unfinished'] as const

/** Returns the two comments between which a person's prose survives regeneration. */
export const proseMarkers = (name: string): [string, string] => [
  `<!-- prose: ${name} -->`,
  `<!-- end of prose: ${name} -->`,
]

/** A line of a record: its number in the file (from 1), and its text. */
export type RecordLine = { line: number; text: string }

/** A person's prose in one place, and the number of its first line. */
export type Prose = { line: number; text: string }

/** A record split into its derived lines and the prose by place. */
export type SplitRecord = { derived: RecordLine[]; prose: ReadonlyMap<string, Prose> }

/**
 * Splits a record in one pass. A marker is a whole line, which no text from the cloud or the operator ever is. Within a
 * place only its own end marker counts, so prose can't open, end or replace another place; if somebody deleted that
 * marker, the prose ends at the next heading or marker.
 */
export function splitRecord(record: string): SplitRecord {
  const raw = record.split(/\r?\n/)
  const lines = raw.map((line) => line.trimEnd())
  const derived: RecordLine[] = []
  const prose = new Map<string, Prose>()
  for (let at = 0; at < lines.length; ) {
    const text = lines[at] as string
    derived.push({ line: ++at, text })
    const name = PLACES.find((place) => text === proseMarkers(place)[0] && !prose.has(place))
    if (name === undefined) continue
    const end = endOf(lines, at, name)
    prose.set(name, trimmed(raw.slice(at, end), at + 1))
    at = end
  }
  return { derived, prose }
}

/** Returns the index of the line that ends the place which starts at `from`. */
function endOf(lines: string[], from: number, name: string): number {
  const close = lines.indexOf(proseMarkers(name)[1], from)
  if (close >= 0) return close
  const next = lines.findIndex((line, at) => at >= from && /^#{1,2} |^<!-- (end of )?prose: /.test(line))
  return next < 0 ? lines.length : next
}

/** Returns prose without the empty lines around it and without the quotation marks that the record adds. */
function trimmed(lines: string[], first: number): Prose {
  const begin = lines.findIndex((line) => line.trim() !== '')
  if (begin < 0) return { line: first, text: '' }
  const written = lines.slice(begin, lines.findLastIndex((line) => line.trim() !== '') + 1)
  const quoted = written[0]?.startsWith('>')
  const text = written.map((line) => (quoted ? line.replace(/^> ?/, '') : line)).join('\n')
  return { line: first + begin, text }
}

/** Reports whether a record has a place for prose, as every derived one has. */
export const isDerived = (record: string): boolean => splitRecord(record).prose.size > 0

/** Returns the prose in a record by place; an empty text where there is none. */
export const proseOf = (record: string): Record<string, string> =>
  Object.fromEntries(PLACES.map((name) => [name, splitRecord(record).prose.get(name)?.text ?? '']))
