import { hash } from 'node:crypto'

/** A SHA-256 as a string of one character per byte, which is made in half the time of a byte array. */
type Hash = string

/** An RFC 6962 Merkle tree (section 2.1), reduced to the roots of its full subtrees: the one over 2^n lines at n. */
type Tree = (Hash | undefined)[]

/** The roots over the first lines of a log, computed while it is read. */
export type Roots = {
  /** Adds the next line (its stored bytes without the line feed). */
  take(line: Uint8Array): void
  /** Returns the root over this many lines, if that size was requested and reached. */
  at(size: number): Uint8Array | undefined
}

/** Computes the roots over a log's first lines at these sizes; it hashes no line beyond the largest. */
export function makeRoots(sizes: number[]): Roots {
  const wanted = new Set(sizes)
  const last = sizes.reduce((a, b) => Math.max(a, b), 0)
  const tree: Tree = []
  const roots = new Map([[0, merkleRoot([])]])
  let size = 0
  return {
    take(line) {
      if (size >= last) return
      grow(tree, line)
      if (wanted.has(++size)) roots.set(size, rootOf(tree))
    },
    at: (size) => roots.get(size),
  }
}

/** Returns the root over these lines. */
export function merkleRoot(lines: Uint8Array[]): Uint8Array {
  const tree: Tree = []
  for (const line of lines) grow(tree, line)
  return rootOf(tree)
}

function grow(tree: Tree, line: Uint8Array): void {
  let root = leafHash(line)
  let level = 0
  for (let left = tree[0]; left !== undefined; left = tree[++level]) {
    root = nodeHash(left, root)
    tree[level] = undefined
  }
  tree[level] = root
}

function rootOf(tree: Tree): Uint8Array {
  const root = tree.reduce((right, left) => (left && right ? nodeHash(left, right) : (left ?? right)), undefined)
  return bytesOf(root ?? sha256(Buffer.of()))
}

/** Returns the RFC 6962 audit path (section 2.1.1) of a line, by its index from 0: the hashes that lead from the line to the root. */
export function auditPath(index: number, lines: Uint8Array[]): Uint8Array[] {
  if (lines.length <= 1) return []
  const split = splitOf(lines.length)
  const [left, right] = [lines.slice(0, split), lines.slice(split)]
  return index < split
    ? [...auditPath(index, left), merkleRoot(right)]
    : [...auditPath(index - split, right), merkleRoot(left)]
}

/** Returns the root that a line and its audit path lead to (RFC 9162, section 2.1.3.2); undefined if the path doesn't fit the size. */
export function rootOfPath(line: Uint8Array, index: number, size: number, path: Uint8Array[]): Uint8Array | undefined {
  if (index >= size) return undefined
  let [node, last] = [index, size - 1]
  let root = leafHash(line)
  for (const each of path.map(hashIn)) {
    if (last === 0) return undefined
    if (node % 2 === 1 || node === last) {
      root = nodeHash(each, root)
      while (node % 2 === 0 && node !== 0) [node, last] = [node / 2, Math.floor(last / 2)]
    } else root = nodeHash(root, each)
    ;[node, last] = [Math.floor(node / 2), Math.floor(last / 2)]
  }
  return last === 0 ? bytesOf(root) : undefined
}

/** Returns the largest power of two below a size. */
const splitOf = (size: number): number => 2 ** Math.floor(Math.log2(size - 1))

const LEAF = Buffer.of(0)
const leafHash = (line: Uint8Array): Hash => sha256(Buffer.concat([LEAF, line]))
const nodeHash = (left: Hash, right: Hash): Hash => sha256(Buffer.from(`\x01${left}${right}`, 'latin1'))

const sha256 = (bytes: Uint8Array): Hash => hash('sha256', bytes, 'binary')
const bytesOf = (hash: Hash): Uint8Array => Buffer.from(hash, 'latin1')
const hashIn = (bytes: Uint8Array): Hash => Buffer.from(bytes).toString('latin1')
