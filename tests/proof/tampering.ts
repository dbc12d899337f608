import { EMPTY, nextLine } from '../../engine/audit/chain.ts'
import type { Entry, LogEvent } from '../../engine/audit/entry.ts'
import { verifyLog } from '../../engine/audit/verify.ts'
import { type CheckpointClaim, checkAgainst, coveredBy } from '../../engine/audit/verify-checkpoint.ts'

/** One way to tamper with a log: what it is called, and the log afterwards. */
export type Mutation = { what: string; log: Uint8Array }

const FEED = Buffer.from('\n')

/** The lines of a log, without their line feeds. */
export const linesOf = (log: Uint8Array): Buffer[] =>
  Buffer.from(log)
    .toString('latin1')
    .trimEnd()
    .split('\n')
    .map((line) => Buffer.from(line, 'latin1'))

const joined = (lines: Uint8Array[]): Buffer => Buffer.concat(lines.flatMap((line) => [line, FEED]))

/** Each byte (or each so-manyth) made three others: its last bit turned, its case changed, a line feed. One log is lent to all. */
export function* changedBytes(log: Uint8Array, every = 1): Generator<Mutation> {
  const bytes = Buffer.from(log)
  for (let at = 0; at < bytes.length; at += every) {
    const own = bytes[at] as number
    for (const other of [own ^ 0x01, own ^ 0x20, own === 0x0a ? 0x00 : 0x0a]) {
      bytes[at] = other
      yield { what: `byte ${at} made ${other}`, log: bytes }
    }
    bytes[at] = own
  }
}

/** Each line removed, repeated, swapped with the next, and another one put before it; and each cut at the end of a line. */
export function* changedLines(log: Uint8Array): Generator<Mutation> {
  const lines = linesOf(log)
  for (const [index, line] of lines.entries()) {
    const at = `line ${index + 1}`
    const next = lines[index + 1]
    const other = Buffer.from(line.toString().replace('"run":"run-', '"run":"run-0'))
    yield { what: `${at} removed`, log: joined(lines.toSpliced(index, 1)) }
    yield { what: `${at} repeated`, log: joined(lines.toSpliced(index, 0, line)) }
    yield { what: `${at} repeated at the end`, log: joined([...lines, line]) }
    if (next) yield { what: `${at} swapped with the next`, log: joined(lines.toSpliced(index, 2, next, line)) }
    yield { what: `a line inserted before ${at}`, log: joined(lines.toSpliced(index, 0, other)) }
    yield { what: `an empty line inserted before ${at}`, log: joined(lines.toSpliced(index, 0, Buffer.alloc(0))) }
    yield { what: `cut before ${at}`, log: joined(lines.slice(0, index)) }
  }
}

/** The log written anew from each of its lines on, chained as it should be, with one word of that line another. */
export function* chainedAnew(log: Uint8Array): Generator<Mutation> {
  const entries = linesOf(log).map((line) => JSON.parse(line.toString()) as Entry)
  for (const changed of entries.keys())
    yield { what: `written anew from line ${changed + 1} on`, log: chain(entries, changed) }
}

/** A whole log made of other entries by the product's own writer. */
function chain(entries: Entry[], changed: number): Buffer {
  let head = EMPTY
  const lines = entries.map(({ time, run, type, body }, index) => {
    const event = { type, body: index === changed ? { ...body, forged: true } : body } as unknown as LogEvent
    const next = nextLine(head, new Date(time), run, event)
    head = next.head
    return Buffer.from(next.line)
  })
  return joined(lines)
}

/** Whether the verifier finds that a log is not the one that a checkpoint was made of. */
export function isFound({ log }: Mutation, checkpoint: CheckpointClaim): boolean {
  const { damage, lines } = verifyLog(log)
  return damage.length > 0 || checkAgainst(checkpoint, coveredBy(lines, [checkpoint.size])) !== undefined
}
