import { safeProse } from './operator-prose.ts'
import { proseMarkers, type RecordLine, splitRecord } from './prose.ts'

/**
 * Copies a person's prose from an earlier record into a newly derived one, as a quotation: no prose reaches beyond it, and
 * no reader takes it for a derived statement.
 */
export function keepProse(derived: string, earlier: string): string {
  const kept = new Map(
    [...splitRecord(earlier).prose].map(([place, { text }]) => [proseMarkers(place)[0], safeProse(text).text]),
  )
  return derived
    .split('\n')
    .flatMap((line) => {
      const prose = kept.get(line) ?? ''
      return prose === '' ? [line] : [line, '', prose]
    })
    .join('\n')
}

/** Returns what in a record's prose could hide or fake a derived statement, by line. */
export const proseFlaws = (record: string): RecordLine[] =>
  [...splitRecord(record).prose.values()]
    .flatMap(({ line, text }) => safeProse(text).flaws.map((flaw) => ({ line: line + flaw.line - 1, text: flaw.what })))
    .toSorted((a, b) => a.line - b.line)
