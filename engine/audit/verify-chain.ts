import { eachLine, type Line, LineTooLong, LONGEST_LINE, readLine, sha256 } from './verify-lines.ts'
import { type ClockBack, makeStory } from './verify-story.ts'

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
  clockBack?: ClockBack
}

/** What the next line is held against: the line before it, and whether that one fits its own. */
type Before = { number: number; hash: string; seq: number | undefined; fits: boolean }

/** A line that doesn't follow the one before it; without a number where it is no entry at all. */
type Break = { number: number; hash: string; seq: number | undefined; due: number; before: Before; flaw?: string }

/** Numbers of entries that stand in a row. */
type Row = { from: number; to: number }

const START: Before = { number: 0, hash: '0'.repeat(64), seq: undefined, fits: true }

/** So many flaws of lines are listed; that there are more of the same helps nobody. */
const MOST_FLAWS = 1000

/**
 * Checks a log's stored bytes, without ever re-making a line: sequence and chain, that each line is an entry exactly as
 * README has it, and that the entries belong together and to the incident. `look` sees each line. No line is kept, only
 * what breaks the chain; where something does, the log is gone through once more, to say what became of it. A chain
 * alone can't show that its tail was cut or that all of it was written anew: that takes a head hash kept elsewhere.
 */
export function verifyChain(
  log: Iterable<Uint8Array>,
  look: (line: Line) => void = () => {},
  incident?: string,
): Chain {
  const breaks: Break[] = []
  const rows: Row[] = []
  const flaws: Damage[] = []
  const story = makeStory(incident)
  let [before, whole] = [START, 0]
  const take = (bytes: Uint8Array): void => {
    const line = readLine(bytes, before.number + 1, before.hash)
    const broken = breakAt(line, before)
    if (broken) breaks.push(broken)
    if (line.link) addTo(rows, line.link.seq)
    const flaw = line.entry ? story.take(line.entry, line.number) : line.flaw
    if (flaw && flaws.length < MOST_FLAWS) flaws.push({ line: line.number, what: flaw })
    before = { number: line.number, hash: line.hash, seq: line.link?.seq, fits: line.link?.prev === before.hash }
    whole += bytes.length + 1
    look(line)
  }
  const rest = throughLines(log, take, () => flaws.push({ line: before.number + 1, what: TOO_LONG }))
  const clockBack = story.clockBack()
  return {
    size: before.number,
    head: before.hash,
    damage: together(judge(breaks, rows, log), flaws),
    whole,
    ...(rest.length > 0 ? { torn: { bytes: rest.length, sha256: sha256(rest) } } : {}),
    ...(clockBack ? { clockBack } : {}),
  }
}

const TOO_LONG = `is longer than ${LONGEST_LINE / 2 ** 20} MiB: nothing from there on was read`

/** Goes through a log's lines, up to one that is too long for an entry. */
function throughLines(log: Iterable<Uint8Array>, look: (bytes: Uint8Array) => void, stop: () => void): Uint8Array {
  try {
    return eachLine(log, look)
  } catch (error) {
    if (!(error instanceof LineTooLong)) throw error
    stop()
    return new Uint8Array(0)
  }
}

/** What the chain says of a line, and what is wrong with others by themselves: the one is said of a line, and not both. */
function together(broken: Damage[], flaws: Damage[]): Damage[] {
  const named = new Set(broken.map(({ line }) => line))
  const others = flaws.filter(({ line }) => !named.has(line))
  return others.length === 0 ? broken : [...broken, ...others].sort((a, b) => a.line - b.line)
}

function breakAt({ number, hash, link, flaw }: Line, before: Before): Break | undefined {
  const due = (before.seq ?? before.number) + 1
  if (link?.seq === due && link.prev === before.hash) return undefined
  return { number, hash, seq: link?.seq, due, before, ...(flaw ? { flaw } : {}) }
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
  const look = (bytes: Uint8Array) => {
    number++
    const hash = sha256(bytes)
    if (hashes.has(hash) && !first.has(hash)) first.set(hash, number)
  }
  throughLines(log, look, () => {})
  return first
}

/** What a break says of the log, with the first line that is the same as the one that breaks it. */
function damageOf({ number, seq, due, before, flaw }: Break, first: number, rows: Row[]): Damage {
  if (seq === undefined) return { line: number, what: flaw ?? 'was changed: it is not a log entry' }
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
