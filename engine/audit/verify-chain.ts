import { eachLine, type Line, readLine, sha256 } from './verify-lines.ts'

/** Something wrong with a log, at a line (from 1). */
export type Damage = { line: number; what: string }

/** A last line without its line feed: how many bytes it has, and their SHA-256 (hex). */
export type Torn = { bytes: number; sha256: string }

/**
 * What the chain of a log proves of its whole lines: how many there are, where they end, all that is wrong with them.
 * A write that was cut off leaves a torn last line behind; nothing was done on the strength of it, so it is no damage.
 */
export type Chain = {
  size: number
  head: string
  damage: Damage[]
  /** How many bytes the whole lines are. */
  whole: number
  torn?: Torn
}

/** What the next line is held against: the line before it, and whether that one fits its own. */
type Before = { number: number; hash: string; seq: number | undefined; fits: boolean }

/** A line that doesn't follow the one before it; without a number where it is no entry at all. */
type Break = { number: number; hash: string; seq: number | undefined; due: number; before: Before }

/** Numbers of entries that stand in a row. */
type Row = { from: number; to: number }

const START: Before = { number: 0, hash: '0'.repeat(64), seq: undefined, fits: true }

/**
 * Checks sequence and chain of a log's stored bytes, without ever re-making a line; `look` sees each. No line is kept,
 * only what breaks the chain; where something does, the log is gone through once more, to say what became of it. A chain
 * alone can't show that its tail was cut or that all of it was written anew: that takes a head hash kept elsewhere.
 */
export function verifyChain(log: Iterable<Uint8Array>, look: (line: Line) => void = () => {}): Chain {
  const breaks: Break[] = []
  const rows: Row[] = []
  let [before, whole] = [START, 0]
  const rest = eachLine(log, (bytes) => {
    const line = readLine(bytes, before.number + 1)
    const broken = breakAt(line, before)
    if (broken) breaks.push(broken)
    if (line.entry) addTo(rows, line.entry.seq)
    before = { number: line.number, hash: line.hash, seq: line.entry?.seq, fits: line.entry?.prev === before.hash }
    whole += bytes.length + 1
    look(line)
  })
  return {
    size: before.number,
    head: before.hash,
    damage: judge(breaks, rows, log),
    whole,
    ...(rest.length > 0 ? { torn: { bytes: rest.length, sha256: sha256(rest) } } : {}),
  }
}

function breakAt({ number, hash, entry }: Line, before: Before): Break | undefined {
  const due = (before.seq ?? before.number) + 1
  if (entry?.seq === due && entry.prev === before.hash) return undefined
  return { number, hash, seq: entry?.seq, due, before }
}

function addTo(rows: Row[], seq: number): void {
  const last = rows.at(-1)
  if (last && last.to + 1 === seq) last.to = seq
  else rows.push({ from: seq, to: seq })
}

function judge(breaks: Break[], rows: Row[], log: Iterable<Uint8Array>): Damage[] {
  const entries = breaks.filter(({ seq }) => seq !== undefined)
  const first =
    entries.length === 0 ? new Map<string, number>() : firstWith(new Set(entries.map(({ hash }) => hash)), log)
  return breaks.map((each) => damageOf(each, first.get(each.hash) ?? each.number, rows))
}

/** The first line of each of these hashes. */
function firstWith(hashes: Set<string>, log: Iterable<Uint8Array>): Map<string, number> {
  const first = new Map<string, number>()
  let number = 0
  eachLine(log, (bytes) => {
    number++
    const hash = sha256(bytes)
    if (hashes.has(hash) && !first.has(hash)) first.set(hash, number)
  })
  return first
}

/** What a break says of the log, with the first line that is the same as the one that breaks it. */
function damageOf({ number, seq, due, before }: Break, first: number, rows: Row[]): Damage {
  if (seq === undefined) return { line: number, what: 'was changed: it is not a log entry' }
  if (first < number) return { line: number, what: `repeats line ${first}` }
  if (seq > due) return { line: number, what: missing(due, seq - 1, rows) }
  if (seq < due)
    return {
      line: number,
      what: `is out of its place or was inserted: it carries the number ${seq} where ${due} belongs`,
    }
  return before.seq !== undefined && before.fits
    ? { line: before.number, what: `was changed: line ${number} was chained to other bytes` }
    : { line: number, what: 'was changed: it is not chained to the line before it' }
}

function missing(from: number, to: number, rows: Row[]): string {
  const which = from === to ? `entry ${from}` : `entries ${from} to ${to}`
  const elsewhere = rows.some((row) => row.from <= to && row.to >= from)
  return elsewhere
    ? `is out of its place: ${which} should come before it`
    : `${which} before it ${from === to ? 'is' : 'are'} missing: removed`
}
