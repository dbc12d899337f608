import { type RecordLine, splitRecord } from './prose.ts'

/** The statements of a record that the log does not support, and those of the log that the record lacks. */
export type Comparison = { unsupported: RecordLine[]; missing: string[] }

/** Compares a record with the one that was derived from the log; a person's prose is left out. */
export function compareRecords(theirs: string, derived: string): Comparison {
  const claimed = splitRecord(theirs).derived.filter(({ text }) => text !== '')
  const supported = splitRecord(derived).derived.flatMap(({ text }) => (text === '' ? [] : [text]))
  const common = commonLines(
    claimed.map(({ text }) => text),
    supported,
  )
  return {
    unsupported: claimed.filter((_, index) => !common.some(([at]) => at === index)),
    missing: supported.filter((_, index) => !common.some(([, at]) => at === index)),
  }
}

/** Returns the log head that a record names: how many entries it was derived from, and the hash of the last. */
export function headIn(record: string): { size: number; hash: string } | undefined {
  const found = splitRecord(record).derived.flatMap(({ text }) => HEAD.exec(text) ?? [])
  const [, size, hash] = found.slice(-3)
  return size === undefined || hash === undefined ? undefined : { size: Number(size), hash }
}

const HEAD = /^([0-9]{1,15}) entries\. Head: `sha256:([0-9a-f]{64})`$/

/** Returns the positions of a longest common subsequence of lines. */
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
