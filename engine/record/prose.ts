/** The places of the record that belong to people, by name. */
const PLACES = ['context', 'actions', 'backfill', 'verification', 'unfinished'] as const

/** The two comments between which a person's own words go; what stands between them survives regeneration. */
export const proseMarkers = (name: string): [string, string] => [
  `<!-- your words: ${name} -->`,
  `<!-- end of your words: ${name} -->`,
]

/** A line of a record: its number in the file (from 1), and what it says. */
export type RecordLine = { line: number; text: string }

/** What a person wrote into a place, and the number of the first line of it. */
export type Words = { line: number; text: string }

/** A record taken apart: its own lines, and the words in the places. */
export type Parts = { own: RecordLine[]; words: ReadonlyMap<string, Words> }

/**
 * Takes a record apart in one pass. A marker is a whole line: a text from the cloud or the operator that looks like one
 * never is. Within a place only its own end counts, so no words can open, end or stand in for another place; where
 * somebody deleted that end, the words go on to the next heading or marker.
 */
export function partsOf(record: string): Parts {
  const raw = record.split(/\r?\n/)
  const lines = raw.map((line) => line.trimEnd())
  const own: RecordLine[] = []
  const words = new Map<string, Words>()
  for (let at = 0; at < lines.length; ) {
    const text = lines[at] as string
    own.push({ line: ++at, text })
    const name = PLACES.find((place) => text === proseMarkers(place)[0] && !words.has(place))
    if (name === undefined) continue
    const end = endOf(lines, at, name)
    words.set(name, trimmed(raw.slice(at, end), at + 1))
    at = end
  }
  return { own, words }
}

/** The index of the line that ends a place which begins at an index. */
function endOf(lines: string[], from: number, name: string): number {
  const close = lines.indexOf(proseMarkers(name)[1], from)
  if (close >= 0) return close
  const next = lines.findIndex((line, at) => at >= from && /^#{1,2} |^<!-- (end of )?your words: /.test(line))
  return next < 0 ? lines.length : next
}

/** Words without the empty lines around them, and without the marks of the quotation in which the record has them. */
function trimmed(lines: string[], first: number): Words {
  const begin = lines.findIndex((line) => line.trim() !== '')
  if (begin < 0) return { line: first, text: '' }
  const said = lines.slice(begin, lines.findLastIndex((line) => line.trim() !== '') + 1)
  const quoted = said[0]?.startsWith('>')
  const text = said.map((line) => (quoted ? line.replace(/^> ?/, '') : line)).join('\n')
  return { line: first + begin, text }
}

/** Whether a record has any of the places for a person's words, as every derived one has. */
export const isDerived = (record: string): boolean => partsOf(record).words.size > 0

/** All that a person wrote into a record, by the name of the place; nothing where they wrote nothing. */
export const proseOf = (record: string): Record<string, string> =>
  Object.fromEntries(PLACES.map((name) => [name, partsOf(record).words.get(name)?.text ?? '']))
