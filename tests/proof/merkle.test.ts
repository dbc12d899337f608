import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { grow, NO_TREE, rootOf } from '../../engine/audit/merkle.ts'
import { judgeProof } from '../../engine/audit/verify-inclusion.ts'
import { auditPath, merkleRoot, rootOfPath } from '../../engine/audit/verify-merkle.ts'
import { root } from './desk.ts'
import vectors from './tlog-vectors.json' with { type: 'json' }

/** The leaves and roots that Certificate Transparency's own implementations of RFC 6962 are tested with. */
const leaves = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'].map(
  (hex) => Buffer.from(hex, 'hex'),
)
const roots = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
]
const hex = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('hex')

test.each(roots.map((wanted, size) => [size, wanted] as const))(
  'the root over %i leaves is the published one, by the writer and by the verifier',
  (size, wanted) => {
    const lines = leaves.slice(0, size)
    expect(hex(merkleRoot(lines))).toBe(wanted)
    expect(hex(rootOf(lines.reduce(grow, NO_TREE)))).toBe(wanted)
  },
)

test.each<[index: number, size: number, path: string[]]>([
  [0, 1, []],
  [
    0,
    8,
    [
      '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
    ],
  ],
  [
    5,
    8,
    [
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ],
  ],
  [2, 3, ['fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125']],
  [
    1,
    5,
    [
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
      '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
    ],
  ],
])('the audit path of leaf %i of %i is the published one', (index, size, path) => {
  expect(auditPath(index, leaves.slice(0, size)).map(hex)).toEqual(path)
})

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')

test("the roots over up to a hundred lines are those of Go's sumdb/tlog, by the writer and by the verifier", () => {
  const lines = vectors.lines.map((line) => Buffer.from(line))
  expect(vectors.roots).toHaveLength(100)
  let tree = NO_TREE
  for (const [n, wanted] of vectors.roots.entries()) {
    tree = grow(tree, lines[n] ?? '')
    expect([n + 1, base64(rootOf(tree)), base64(merkleRoot(lines.slice(0, n + 1)))]).toEqual([n + 1, wanted, wanted])
  }
})

test("the inclusion proofs are those of Go's sumdb/tlog, and ours takes Go's", () => {
  const lines = vectors.lines.map((line) => Buffer.from(line))
  expect(vectors.proofs.length).toBeGreaterThan(40)
  for (const { size, index, path } of vectors.proofs) {
    expect(auditPath(index, lines.slice(0, size)).map(base64), `${index} of ${size}`).toEqual(path)
    const hashes = path.map((hash) => Buffer.from(hash, 'base64'))
    const found = rootOfPath(lines[index] ?? Buffer.of(), index, size, hashes)
    expect(base64(found ?? Buffer.of())).toBe(vectors.roots[size - 1])
  }
})

test("a proof of the first line leads to Go's root by Go's path, and by the path of another size it does not", () => {
  const firsts = vectors.proofs.filter(({ index }) => index === 0)
  for (const { size, path } of firsts) {
    const checkpoint = `breakglass/INC-1\n${size}\n${vectors.roots[size - 1]}\n`
    const proof = { kind: 'InclusionProof', version: 1, line: vectors.lines[0] ?? '', seq: 1, checkpoint } as const
    // It leads there; only then is it found that Go's line is no entry of ours.
    expect(judgeProof({ ...proof, path }), `of ${size}`).toContain('it is not a log entry')
    for (const other of firsts.filter((each) => each.size !== size))
      expect(judgeProof({ ...proof, path: other.path }), `of ${size}, by ${other.size}`).toContain('is not entry 1')
  }
})

test('every path leads to the root from its own leaf, and from no other place, leaf or size', () => {
  const sizes = fc.integer({ min: 1, max: 70 }).chain((size) => fc.tuple(fc.constant(size), fc.nat({ max: size - 1 })))
  fc.assert(
    fc.property(sizes, fc.nat(), ([size, index], other) => {
      const lines = Array.from({ length: size }, (_, n) => Buffer.from(`line ${n}`))
      const path = auditPath(index, lines)
      const wanted = hex(merkleRoot(lines))
      const line = lines[index] as Buffer
      expect(hex(rootOfPath(line, index, size, path))).toBe(wanted)
      expect(hex(rootOfPath(Buffer.from('another'), index, size, path))).not.toBe(wanted)
      const elsewhere = other % size
      if (elsewhere !== index) expect(hex(rootOfPath(line, elsewhere, size, path))).not.toBe(wanted)
      if (path.length > 0) expect(hex(rootOfPath(line, index, size, path.slice(1)))).not.toBe(wanted)
      expect(rootOfPath(line, index, size, [...path, Buffer.alloc(32)])).toBeUndefined()
      expect(rootOfPath(line, size, size, path)).toBeUndefined()
    }),
  )
})

/** The shapes of entries, the canonical form of JSON by its library, and how a text is shown: nothing that writes a log. */
const SHARED = /^(node:crypto|canonicalize|\.\/entry(-shape)?\.ts|\.\/verify.*\.ts|\.\.\/base\/(json|printable)\.ts)$/

test('what verifies a log shares nothing with what writes it but the published form', () => {
  const folder = join(root, 'engine', 'audit')
  const verifiers = readdirSync(folder).filter((name) => name.startsWith('verify'))
  expect(verifiers.length).toBeGreaterThan(2)
  for (const name of verifiers) {
    const source = readFileSync(join(folder, name), 'utf8')
    const imported = [...source.matchAll(/^import (?!type )[^']*from '(.+)'/gm)].map(([, from]) => from)
    expect(imported.filter((from) => !SHARED.test(from ?? ''))).toEqual([])
  }
})
