import { distance } from 'fastest-levenshtein'

const longestWord = 64

/** Returns the candidate closest to a misspelled word, or undefined if none is close enough. */
export function suggest(word: string, candidates: readonly string[]): string | undefined {
  if (word.length === 0 || word.length > longestWord) return undefined
  let best: { candidate: string; cost: number } | undefined
  for (const candidate of candidates) {
    if (candidate === word || candidate.length > longestWord) continue
    const cost = costOf(word, candidate)
    if (cost <= allowance(Math.max(word.length, candidate.length)) && cost < (best?.cost ?? Infinity))
      best = { candidate, cost }
  }
  return best?.candidate ?? completion(word, candidates)
}

/** Returns how many typos a word of this length may contain. */
function allowance(length: number): number {
  if (length < 3) return 0
  if (length < 5) return 1
  return length < 8 ? 2 : 3
}

/** Returns the edit distance, which ignores case style and counts swapped letters as one edit. */
function costOf(word: string, candidate: string): number {
  const a = plain(word)
  const b = plain(candidate)
  if (a === b) return 0
  const edits = distance(a, b)
  return edits > 1 && [...a].sort().join('') === [...b].sort().join('') ? edits - 1 : edits
}

const plain = (word: string) => word.toLowerCase().replace(/[-_\s]/g, '')

/** Returns the only candidate that starts with the word, such as `description` for `desc`. */
function completion(word: string, candidates: readonly string[]): string | undefined {
  const start = plain(word)
  if (start.length < 3) return undefined
  const longer = candidates.filter((candidate) => candidate !== word && plain(candidate).startsWith(start))
  return longer.length === 1 ? longer[0] : undefined
}

/** Returns the name that a person most likely meant on the command line, where `production` may be called `prod`. */
export const suggestName = (word: string, names: readonly string[]): string | undefined =>
  suggest(word, names) ?? sameStart(word, names)

/** The only name of which the word has at least the first three letters, and two thirds of all. */
function sameStart(word: string, names: readonly string[]): string | undefined {
  const typed = plain(word)
  const found = names.filter((name) => {
    const letters = [...plain(name)]
    const differs = letters.findIndex((letter, at) => letter !== typed[at])
    const same = differs < 0 ? letters.length : differs
    return name !== word && same >= 3 && same * 3 >= letters.length * 2
  })
  return found.length === 1 ? found[0] : undefined
}
