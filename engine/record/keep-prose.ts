import { ownWords } from './operator-prose.ts'
import type { RecordLine } from './prose.ts'
import { partsOf, proseMarkers } from './prose.ts'

/**
 * Carries a person's words over from an earlier record into a newly derived one, as a quotation: whatever they are, they
 * end where it ends, and no reader takes them for what is derived.
 */
export function keepProse(derived: string, earlier: string): string {
  const kept = new Map(
    [...partsOf(earlier).words].map(([name, { text }]) => [proseMarkers(name)[0], ownWords(text).text]),
  )
  return derived
    .split('\n')
    .flatMap((line) => {
      const words = kept.get(line) ?? ''
      return words === '' ? [line] : [line, '', words]
    })
    .join('\n')
}

/** What in the places of somebody's record could hide or fake what is derived, by its line. */
export const proseFlaws = (record: string): RecordLine[] =>
  [...partsOf(record).words.values()]
    .flatMap(({ line, text }) => ownWords(text).quoted.map((flaw) => ({ line: line + flaw.line - 1, text: flaw.what })))
    .toSorted((a, b) => a.line - b.line)
