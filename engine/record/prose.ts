/** The places of the record that belong to people, by name. */
const PLACES = ['context', 'actions', 'verification', 'unfinished'] as const

/** The two comments between which a person's own words go; what stands between them survives regeneration. */
export const proseMarkers = (name: string): [string, string] => [
  `<!-- your words: ${name} -->`,
  `<!-- end of your words: ${name} -->`,
]

/** Carries a person's words over from an earlier record into a newly derived one. */
export function keepProse(derived: string, earlier: string): string {
  return PLACES.reduce((text, name) => {
    const words = proseIn(earlier, name)
    const [open, close] = proseMarkers(name)
    const from = text.indexOf(open)
    const to = text.indexOf(close)
    if (words === undefined || words.trim() === '' || from < 0 || to < 0) return text
    return `${text.slice(0, from + open.length)}\n\n${words.trim()}\n\n${text.slice(to)}`
  }, derived)
}

function proseIn(text: string, name: string): string | undefined {
  const [open, close] = proseMarkers(name)
  const from = text.indexOf(open)
  const to = text.indexOf(close, from)
  return from < 0 || to < 0 ? undefined : text.slice(from + open.length, to)
}
