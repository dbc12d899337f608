/** The places of the record that belong to people, by name. */
const PLACES = ['context', 'actions', 'backfill', 'verification', 'unfinished'] as const

/** The two comments between which a person's own words go; what stands between them survives regeneration. */
export const proseMarkers = (name: string): [string, string] => [
  `<!-- your words: ${name} -->`,
  `<!-- end of your words: ${name} -->`,
]

/**
 * Carries a person's words over from an earlier record into a newly derived one. A marker is a whole line: a text from
 * the cloud or the operator that looks like one never is.
 */
export function keepProse(derived: string, earlier: string): string {
  const kept = new Map(PLACES.map((name) => [proseMarkers(name)[0], proseIn(earlier, name)]))
  return derived
    .split('\n')
    .flatMap((line) => {
      const words = kept.get(line) ?? ''
      return words === '' ? [line] : [line, '', words]
    })
    .join('\n')
}

/** The words in a place; where somebody deleted the comment that ends them, they go on to the next heading or marker. */
function proseIn(text: string, name: string): string {
  const [open, close] = proseMarkers(name)
  const lines = text.split(/\r?\n/)
  const from = lines.indexOf(open)
  if (from < 0) return ''
  const rest = lines.slice(from + 1)
  const end = rest.indexOf(close)
  const next = end >= 0 ? end : rest.findIndex((line) => /^#{1,2} |^<!-- (end of )?your words: /.test(line))
  return rest
    .slice(0, next < 0 ? rest.length : next)
    .join('\n')
    .trim()
}

/** Whether a record has any of the places for a person's words, as every derived one has. */
export const isDerived = (record: string): boolean =>
  record.split(/\r?\n/).some((line) => PLACES.some((name) => line.trimEnd() === proseMarkers(name)[0]))

/** All that a person wrote into a record, by the name of the place. */
export const proseOf = (record: string): Record<string, string> =>
  Object.fromEntries(PLACES.map((name) => [name, proseIn(record, name)]))

/** A record's own lines with their numbers: without what stands between the markers of a person's words. */
export function withoutProse(record: string): { line: number; text: string }[] {
  let place: string | undefined
  return record.split(/\r?\n/).flatMap((raw, index) => {
    const text = raw.trimEnd()
    const closes = place !== undefined && (text === proseMarkers(place)[1] || /^#{1,2} /.test(text))
    if (place !== undefined && !closes) return []
    place = PLACES.find((name) => text === proseMarkers(name)[0])
    return [{ line: index + 1, text }]
  })
}
