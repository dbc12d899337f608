import { mkdirSync, writeFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { checkpointOf } from '../../engine/audit/checkpoint.ts'
import { grow, NO_TREE } from '../../engine/audit/merkle.ts'
import { verifyLog } from '../../engine/audit/verify.ts'
import { verifyChain } from '../../engine/audit/verify-chain.ts'
import { makeRoots, merkleRoot } from '../../engine/audit/verify-merkle.ts'
import { logOf as sampleLog } from '../samples/sample-log.ts'
import { makeDesk } from './desk.ts'

const desk = makeDesk()

/** The lines of a log, each of some hundred bytes. */
const logOf = (size: number): string[] => sampleLog(size, 'ä done '.repeat(60), 'LONG')

const bytesOf = (lines: string[]) => Buffer.from(lines.map((line) => `${line}\n`).join(''))

test('a log that is larger than the memory at hand is verified, checkpoint and all, and a change in it is named', {
  timeout: 240_000,
}, async () => {
  const lines = logOf(40_000)
  const { text } = checkpointOf('LONG', lines.reduce<typeof NO_TREE>(grow, NO_TREE))
  mkdirSync(desk.at('logs', 'LONG', 'checkpoints'), { recursive: true })
  writeFileSync(desk.at('logs', 'LONG', 'checkpoints', '40000'), text)
  const verify = async (log: Buffer) => {
    expect(log.length).toBeGreaterThan(20 * 2 ** 20)
    writeFileSync(desk.at('logs', 'LONG', 'audit.jsonl'), log)
    const environment = { NODE_OPTIONS: '--max-old-space-size=20' }
    return desk.breakglass(['audit', 'verify', 'LONG', '--logs', desk.logs], environment)
  }
  const sound = await verify(bytesOf(lines))
  expect(sound, sound.stderr).toMatchObject({
    exit: 0,
    stdout: expect.stringMatching(/intact: 40000 entries[\s\S]*the last covers 40000 entries/),
  })
  expect(await verify(bytesOf(lines.with(29_999, `${lines[29_999]} `)))).toMatchObject({
    exit: 1,
    stdout: 'line 30000 was changed: line 30001 is chained to different bytes\n',
  })
})

test('in whatever pieces a log comes, what is said of it is the same', () => {
  const lines = logOf(9)
  const tampered = fc.constantFrom(
    lines,
    lines.with(3, 'x'),
    lines.toSpliced(2, 2),
    lines.toSpliced(7, 0, lines[1] ?? ''),
    lines.toSpliced(4, 2, lines[5] ?? '', lines[4] ?? ''),
  )
  const torn = fc.constantFrom('', 'torn')
  fc.assert(
    fc.property(tampered, torn, fc.array(fc.nat({ max: 1000 }), { minLength: 1 }), (log, rest, lengths) => {
      const bytes = Buffer.concat([bytesOf(log), Buffer.from(rest)])
      const pieces: Buffer[] = []
      for (let at = 0, n = 0; at < bytes.length; n++) {
        const length = 1 + (lengths[n % lengths.length] ?? 0)
        pieces.push(bytes.subarray(at, at + length))
        at += length
      }
      const { entries, lines: whole, ...chain } = verifyLog(bytes)
      const seen: { bytes: string; entry: unknown }[] = []
      expect(verifyChain(pieces, (line) => seen.push({ bytes: line.bytes.toString(), entry: line.entry }))).toEqual(
        chain,
      )
      expect(seen.map(({ bytes }) => bytes)).toEqual(whole.map((line) => line.toString()))
      expect(seen.flatMap(({ entry }) => entry ?? [])).toEqual(entries)
    }),
  )
})

test('the roots at the sizes of checkpoints are those over as many lines, and there is none for a size that was not reached', () => {
  const lines = logOf(20).map((line) => Buffer.from(line))
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 30 })), (sizes) => {
      const roots = makeRoots(sizes)
      for (const line of lines) roots.take(line)
      for (const size of sizes)
        expect(roots.at(size)).toEqual(size > lines.length ? undefined : merkleRoot(lines.slice(0, size)))
    }),
  )
})
