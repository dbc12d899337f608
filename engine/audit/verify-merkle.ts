import { createHash } from 'node:crypto'

/** The root of RFC 6962's Merkle tree (section 2.1) over a log's lines, their stored bytes without the line feed. */
export function merkleRoot(lines: Uint8Array[]): Uint8Array {
  const [only] = lines
  if (only === undefined) return sha256()
  if (lines.length === 1) return leafHash(only)
  const split = splitOf(lines.length)
  return nodeHash(merkleRoot(lines.slice(0, split)), merkleRoot(lines.slice(split)))
}

/** The audit path of RFC 6962 (section 2.1.1) for a line, by its index from 0: what its root needs beside the line itself. */
export function auditPath(index: number, lines: Uint8Array[]): Uint8Array[] {
  if (lines.length <= 1) return []
  const split = splitOf(lines.length)
  const [left, right] = [lines.slice(0, split), lines.slice(split)]
  return index < split
    ? [...auditPath(index, left), merkleRoot(right)]
    : [...auditPath(index - split, right), merkleRoot(left)]
}

/** The root that a line and its audit path lead to (RFC 9162, section 2.1.3.2); undefined where the path doesn't fit the size. */
export function rootOfPath(line: Uint8Array, index: number, size: number, path: Uint8Array[]): Uint8Array | undefined {
  if (index >= size) return undefined
  let [node, last] = [index, size - 1]
  let root = leafHash(line)
  for (const each of path) {
    if (last === 0) return undefined
    if (node % 2 === 1 || node === last) {
      root = nodeHash(each, root)
      while (node % 2 === 0 && node !== 0) [node, last] = [node / 2, Math.floor(last / 2)]
    } else root = nodeHash(root, each)
    ;[node, last] = [Math.floor(node / 2), Math.floor(last / 2)]
  }
  return last === 0 ? root : undefined
}

/** The largest power of two below a size. */
const splitOf = (size: number): number => 2 ** Math.floor(Math.log2(size - 1))

const leafHash = (line: Uint8Array): Uint8Array => sha256(Buffer.of(0), line)
const nodeHash = (left: Uint8Array, right: Uint8Array): Uint8Array => sha256(Buffer.of(1), left, right)

function sha256(...parts: Uint8Array[]): Uint8Array {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}
