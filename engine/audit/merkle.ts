import { createHash } from 'node:crypto'

const sha256 = (...parts: Uint8Array[]): Uint8Array => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}

const LEAF = new Uint8Array([0])
const NODE = new Uint8Array([1])

/** The root of RFC 6962's Merkle tree over a log's lines (their stored bytes without the line feed). */
export function merkleRoot(lines: Uint8Array[]): Uint8Array {
  const [only] = lines
  if (only === undefined) return sha256()
  if (lines.length === 1) return sha256(LEAF, only)
  const split = 2 ** Math.floor(Math.log2(lines.length - 1))
  return sha256(NODE, merkleRoot(lines.slice(0, split)), merkleRoot(lines.slice(split)))
}
