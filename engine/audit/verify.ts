import { createHash } from 'node:crypto'
import type { Entry } from './entry.ts'

/** Something wrong with a log, at a line (from 1). */
export type Damage = { line: number; what: string }

/** A last line without its line feed: how many bytes it has, and their SHA-256 (hex). */
export type Torn = { bytes: number; sha256: string }

/**
 * What reading a log proved of its whole lines: their entries, where they end, everything that is wrong with them.
 * A write that was cut off leaves a torn last line behind; nothing was done on the strength of it, so it is no damage.
 */
export type Verification = {
  entries: Entry[]
  lines: Uint8Array[]
  size: number
  head: string
  damage: Damage[]
  /** How many bytes the whole lines are. */
  whole: number
  torn?: Torn
}

type Line = {
  number: number
  bytes: Uint8Array
  hash: string
  entry?: { seq: number; prev: string } & Record<string, unknown>
}

const FIRST_PREV = '0'.repeat(64)
const utf8 = new TextDecoder('utf-8', { fatal: true })

/**
 * Reads a log's stored bytes and checks sequence and chain, without ever re-making a line. A chain alone can't show
 * that its tail was cut or that all of it was written anew: that takes a head hash kept elsewhere.
 */
export function verifyLog(bytes: Uint8Array): Verification {
  const whole = bytes.lastIndexOf(0x0a) + 1
  const rest = bytes.subarray(whole)
  const lines = splitLines(bytes.subarray(0, whole))
  const damage = lines.flatMap((line, index) => judge(line, index, lines))
  const entries = lines.flatMap((line) => (line.entry ? [line.entry as unknown as Entry] : []))
  return {
    entries,
    lines: lines.map(({ bytes }) => bytes),
    size: lines.length,
    head: lines.at(-1)?.hash ?? FIRST_PREV,
    damage,
    whole,
    ...(rest.length > 0 ? { torn: { bytes: rest.length, sha256: sha256(rest) } } : {}),
  }
}

function judge(line: Line, index: number, lines: Line[]): Damage[] {
  const { number, entry } = line
  if (!entry) return [{ line: number, what: 'was changed: it is not a log entry' }]
  const before = lines[index - 1]
  const prev = before?.hash ?? FIRST_PREV
  const seq = (before ? (before.entry?.seq ?? number - 1) : 0) + 1
  if (entry.seq === seq && entry.prev === prev) return []
  const twin = lines.slice(0, index).find((other) => other.hash === line.hash)
  if (twin) return [{ line: number, what: `repeats line ${twin.number}` }]
  if (entry.seq > seq) return [{ line: number, what: missing(seq, entry.seq - 1, lines) }]
  if (entry.seq < seq)
    return [
      {
        line: number,
        what: `is out of its place or was inserted: it carries the number ${entry.seq} where ${seq} belongs`,
      },
    ]
  return before?.entry && prevIsSound(index - 1, lines)
    ? [{ line: before.number, what: `was changed: line ${number} was chained to other bytes` }]
    : [{ line: number, what: 'was changed: it is not chained to the line before it' }]
}

/** Whether a line still fits the one before it, so that a break behind it speaks of its own bytes. */
function prevIsSound(index: number, lines: Line[]): boolean {
  return lines[index]?.entry?.prev === (lines[index - 1]?.hash ?? FIRST_PREV)
}

function missing(from: number, to: number, lines: Line[]): string {
  const which = from === to ? `entry ${from}` : `entries ${from} to ${to}`
  const elsewhere = lines.some((line) => line.entry !== undefined && line.entry.seq >= from && line.entry.seq <= to)
  return elsewhere
    ? `is out of its place: ${which} should come before it`
    : `${which} before it ${from === to ? 'is' : 'are'} missing: removed`
}

function splitLines(bytes: Uint8Array): Line[] {
  const lines: Line[] = []
  for (let from = 0; from < bytes.length; ) {
    const end = bytes.indexOf(0x0a, from)
    lines.push(readLine(bytes.subarray(from, end), lines.length + 1))
    from = end + 1
  }
  return lines
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

function readLine(bytes: Uint8Array, number: number): Line {
  const hash = sha256(bytes)
  try {
    const entry = JSON.parse(utf8.decode(bytes))
    const sound =
      Number.isSafeInteger(entry?.seq) &&
      typeof entry.prev === 'string' &&
      typeof entry.type === 'string' &&
      typeof entry.time === 'string' &&
      typeof entry.run === 'string' &&
      typeof entry.body === 'object' &&
      entry.body !== null
    return sound ? { number, bytes, hash, entry } : { number, bytes, hash }
  } catch {
    return { number, bytes, hash }
  }
}
