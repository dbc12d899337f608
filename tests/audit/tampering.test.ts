import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { nextLine } from '../../engine/audit/chain.ts'
import { verifyLog } from '../../engine/audit/verify.ts'
import { logOf, noted } from '../samples/sample-log.ts'

const bytesOf = (lines: string[]) => Buffer.from(lines.map((line) => `${line}\n`).join(''))
const damageOf = (lines: string[]) => verifyLog(bytesOf(lines)).damage

/** That there is damage, and that the first named line is the wanted one, give or take one. */
function expectDamage(lines: string[] | Buffer, line: number): void {
  const { damage } = verifyLog(Array.isArray(lines) ? bytesOf(lines) : lines)
  expect(damage.length).toBeGreaterThan(0)
  expect(Math.abs((damage[0]?.line ?? 0) - line)).toBeLessThanOrEqual(1)
}

const log = fc
  .integer({ min: 2, max: 9 })
  .chain((size) =>
    fc.record({ lines: fc.constant(logOf(size)), at: fc.nat({ max: size - 2 }), to: fc.nat({ max: size - 1 }) }),
  )

test('an untouched log has no damage', () => {
  for (const size of [0, 1, 2, 20]) expect(damageOf(logOf(size))).toEqual([])
})

test('any single byte changed in any line but the last is found, and its line is named', () => {
  fc.assert(
    fc.property(log, fc.nat(), fc.integer({ min: 1, max: 255 }), ({ lines, at }, place, flip) => {
      const bytes = bytesOf(lines)
      const start = bytesOf(lines.slice(0, at)).length
      const index = start + (place % bytesOf([lines[at] ?? '']).length)
      bytes[index] = (bytes[index] ?? 0) ^ flip
      expectDamage(bytes, at + 1)
    }),
    { numRuns: 500 },
  )
})

test('a removed line is found', () => {
  fc.assert(fc.property(log, ({ lines, at }) => void expectDamage(lines.toSpliced(at, 1), at + 1)))
})

test('several removed lines are found', () => {
  fc.assert(
    fc.property(log, fc.integer({ min: 1, max: 5 }), ({ lines, at }, count) => {
      fc.pre(at + count < lines.length)
      expectDamage(lines.toSpliced(at, count), at + 1)
    }),
  )
})

test('two swapped lines are found', () => {
  fc.assert(
    fc.property(log, ({ lines, at, to }) => {
      fc.pre(at !== to)
      const swapped = [...lines]
      swapped[at] = lines[to] ?? ''
      swapped[to] = lines[at] ?? ''
      expectDamage(swapped, Math.min(at, to) + 1)
    }),
  )
})

test('a repeated line is found, wherever it stands', () => {
  fc.assert(
    fc.property(log, ({ lines, at, to }) => void expectDamage(lines.toSpliced(to + 1, 0, lines[at] ?? ''), to + 2)),
  )
})

test('an inserted line is found, be it rubbish, empty, foreign, or made to fit the line before it', () => {
  const foreign = fc.constantFrom('rubbish', '', '{}', '[]', 'null', '{"seq":1}')
  fc.assert(
    fc.property(log, foreign, fc.boolean(), ({ lines, at }, text, fits) => {
      const before = verifyLog(bytesOf(lines.slice(0, at)))
      const made = nextLine({ size: before.size, hash: before.head }, new Date(0), 'x', noted(0))
      expectDamage(lines.toSpliced(at, 0, fits ? made.line : text), at + 1)
    }),
  )
})

test('a line rewritten to fit the one before it is found by the one after it, and named', () => {
  fc.assert(
    fc.property(log, ({ lines, at }) => {
      const before = verifyLog(bytesOf(lines.slice(0, at)))
      const made = nextLine({ size: before.size, hash: before.head }, new Date(99), 'run-1', noted(99))
      expect(damageOf(lines.with(at, made.line))[0]).toMatchObject({
        line: at + 1,
        what: expect.stringContaining('was changed'),
      })
    }),
  )
})

test('a torn last line is told from damage: its bytes are counted and hashed, the whole lines before it stand', () => {
  fc.assert(
    fc.property(log, fc.nat(), fc.boolean(), ({ lines, at }, cut, tampered) => {
      const head = bytesOf(tampered ? lines.with(at, 'x') : lines)
      const rest = bytesOf(['x'.repeat(50)]).subarray(0, 1 + (cut % 50))
      const { torn, whole, damage, entries, size } = verifyLog(Buffer.concat([head, rest]))
      expect(torn).toEqual({ bytes: rest.length, sha256: createHash('sha256').update(rest).digest('hex') })
      expect({ whole, size }).toEqual({ whole: head.length, size: lines.length })
      expect(damage.length > 0).toBe(tampered)
      if (!tampered) expect(entries).toHaveLength(lines.length)
    }),
  )
  expect(verifyLog(bytesOf(logOf(3)))).not.toHaveProperty('torn')
})

test('what is cut off an end is torn, or is whole lines fewer; never silently an entry', () => {
  fc.assert(
    fc.property(log, fc.integer({ min: 1, max: 400 }), ({ lines }, cut) => {
      const bytes = bytesOf(lines)
      fc.pre(cut < bytes.length)
      const { torn, whole } = verifyLog(bytes.subarray(0, bytes.length - cut))
      expect(whole + (torn?.bytes ?? 0)).toBe(bytes.length - cut)
    }),
  )
})

test.each([
  ['a removed line', (lines: string[]) => lines.toSpliced(1, 1), 2, 'entry 2 before it is missing: removed'],
  ['two removed lines', (lines: string[]) => lines.toSpliced(1, 2), 2, 'entries 2 to 3 before it are missing: removed'],
  ['a repeated line', (lines: string[]) => lines.toSpliced(2, 0, lines[1] ?? ''), 3, 'repeats line 2'],
  [
    'swapped lines',
    (lines: string[]) => [lines[1]!, lines[0]!, ...lines.slice(2)],
    1,
    'is out of place: entry 1 should come before it',
  ],
  ['an inserted line', (lines: string[]) => lines.toSpliced(1, 0, 'x'), 2, 'it is not a log entry'],
])('%s is called what it is', (_, tamper, line, what) => {
  expect(damageOf(tamper(logOf(5)))).toContainEqual({ line, what: expect.stringContaining(what) })
})

test('a log whose chain holds but whose numbers have a gap is damaged', () => {
  const [first] = logOf(1)
  const head = verifyLog(bytesOf([first!])).head
  for (const size of [0, 2, 9]) {
    const { line } = nextLine({ size, hash: head }, new Date(0), 'run-1', noted(0))
    expect(damageOf([first!, line])).toHaveLength(1)
  }
})
