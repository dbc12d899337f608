import { createHash } from 'node:crypto'

/** An RFC 6962 Merkle tree over a log's lines: the roots of its full subtrees, largest first. */
export type Tree = { size: number; peaks: Uint8Array[] }

/** The tree of an empty log. */
export const NO_TREE: Tree = { size: 0, peaks: [] }

const LEAF = new Uint8Array([0])
const NODE = new Uint8Array([1])

/** Adds a line (its bytes without the line feed) to a tree. */
export function grow({ size, peaks }: Tree, line: Uint8Array | string): Tree {
  const grown = [...peaks, sha256(LEAF, line)]
  for (let rest = size; rest % 2 === 1; rest = (rest - 1) / 2) join(grown)
  return { size: size + 1, peaks: grown }
}

/** Returns the root over all lines. */
export function rootOf({ peaks }: Tree): Uint8Array {
  const rest = [...peaks]
  while (rest.length > 1) join(rest)
  return rest[0] ?? sha256()
}

/** Merges the last two subtrees. */
function join(peaks: Uint8Array[]): void {
  const [left, right] = peaks.splice(-2) as [Uint8Array, Uint8Array]
  peaks.push(sha256(NODE, left, right))
}

function sha256(...parts: (Uint8Array | string)[]): Uint8Array {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}
