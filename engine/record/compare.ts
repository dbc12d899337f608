import { partsOf, type RecordLine } from './prose.ts'

/** What somebody's record says that the log doesn't, and what the log says that it doesn't. */
export type Comparison = { unsupported: RecordLine[]; missing: string[] }

/** Holds somebody's record against the one that was derived from the log; a person's words in their places are left alone. */
export function compareRecords(theirs: string, derived: string): Comparison {
  const said = partsOf(theirs).own.filter(({ text }) => text !== '')
  const supported = partsOf(derived).own.flatMap(({ text }) => (text === '' ? [] : [text]))
  const common = commonLines(
    said.map(({ text }) => text),
    supported,
  )
  return {
    unsupported: said.filter((_, index) => !common.some(([at]) => at === index)),
    missing: supported.filter((_, index) => !common.some(([, at]) => at === index)),
  }
}

/** How many entries of the log a record was derived from, and the hash of the last, by its own last word; undefined where it doesn't say. */
export function headIn(record: string): { size: number; hash: string } | undefined {
  const found = partsOf(record).own.flatMap(({ text }) => HEAD.exec(text) ?? [])
  const [, size, hash] = found.slice(-3)
  return size === undefined || hash === undefined ? undefined : { size: Number(size), hash }
}

const HEAD = /^([0-9]{1,15}) entries\. Head: `sha256:([0-9a-f]{64})`$/

/** The places of a longest sequence of lines that both have, in order. */
function commonLines(a: string[], b: string[]): [number, number][] {
  const width = b.length + 1
  const longest = new Uint32Array((a.length + 1) * width)
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--)
      longest[i * width + j] =
        a[i] === b[j]
          ? (longest[(i + 1) * width + j + 1] ?? 0) + 1
          : Math.max(longest[(i + 1) * width + j] ?? 0, longest[i * width + j + 1] ?? 0)
  const pairs: [number, number][] = []
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if (a[i] === b[j]) pairs.push([i++, j++])
    else if ((longest[(i + 1) * width + j] ?? 0) >= (longest[i * width + j + 1] ?? 0)) i++
    else j++
  }
  return pairs
}
