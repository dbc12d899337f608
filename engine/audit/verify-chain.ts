import { eachLine, type Line, LineTooLong, LONGEST_LINE, readLine, sha256 } from './verify-lines.ts'
import { type ClockBack, makeStory } from './verify-story.ts'

/** Damage at a line (from 1) of a log. */
export type Damage = { line: number; what: string }

/** A last line without a line feed: its size in bytes and their SHA-256 (hex). */
export type Torn = { bytes: number; sha256: string }

/**
 * What a log's chain proves about its complete lines: their number, the head, and everything that is wrong. An interrupted
 * write leaves a torn last line; nothing was done because of that line, so it isn't damage.
 */
export type Chain = {
  size: number
  head: string
  damage: Damage[]
  /** The size of the complete lines in bytes. */
  whole: number
  torn?: Torn
  clockBack?: ClockBack
}

/** The previous line, and whether it is chained to the line before it. */
type Before = { number: number; hash: string; seq: number | undefined; fits: boolean }

/** A line that doesn't follow the previous one; without `seq` if it isn't an entry. */
type Break = { number: number; hash: string; seq: number | undefined; due: number; before: Before; flaw?: string }

/** A range of consecutive entry numbers. */
type Row = { from: number; to: number }

const START: Before = { number: 0, hash: '0'.repeat(64), seq: undefined, fits: true }

/** The most flaws that are listed: more of the same help nobody. */
const MOST_FLAWS = 1000

/**
 * Verifies a log's stored bytes without re-encoding any line: sequence, chain, that each line is an entry as logs/README.md
 * defines it, and that the entries belong together and to the incident. `visit` sees each line. Lines aren't kept, only
 * breaks in the chain; if there are any, a second pass over the log determines what happened. A chain alone can't reveal a
 * cut tail or a complete rewrite: that takes a head hash stored elsewhere.
 */
export function verifyChain(
  log: Iterable<Uint8Array>,
  visit: (line: Line) => void = () => {},
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
    visit(line)
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

const TOO_LONG = `is longer than ${LONGEST_LINE / 2 ** 20} MiB; the rest of the log was not read`

/** Reads a log line by line, up to a line that is too long for an entry. */
function throughLines(log: Iterable<Uint8Array>, visit: (bytes: Uint8Array) => void, stop: () => void): Uint8Array {
  try {
    return eachLine(log, visit)
  } catch (error) {
    if (!(error instanceof LineTooLong)) throw error
    stop()
    return new Uint8Array(0)
  }
}

/** Merges breaks in the chain with other flaws; a line with a break reports only the break. */
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

/** Finds the first line with each of these hashes. */
function firstWith(hashes: Set<string>, log: Iterable<Uint8Array>): Map<string, number> {
  const first = new Map<string, number>()
  let number = 0
  const visit = (bytes: Uint8Array) => {
    number++
    const hash = sha256(bytes)
    if (hashes.has(hash) && !first.has(hash)) first.set(hash, number)
  }
  throughLines(log, visit, () => {})
  return first
}

/** Describes the damage behind a break; `first` is the first line with the same bytes as the one that breaks the chain. */
function damageOf({ number, seq, due, before, flaw }: Break, first: number, rows: Row[]): Damage {
  if (seq === undefined) return { line: number, what: flaw ?? 'was changed: it is not a log entry' }
  if (first < number) return { line: number, what: `repeats line ${first}` }
  if (seq > due) return { line: number, what: missing(due, seq - 1, rows) }
  if (seq < due)
    return {
      line: number,
      what: `is out of place or was inserted: its number is ${seq}, expected ${due}`,
    }
  return before.seq !== undefined && before.fits
    ? { line: before.number, what: `was changed: line ${number} is chained to different bytes` }
    : { line: number, what: 'was changed: it is not chained to the previous line' }
}

function missing(from: number, to: number, rows: Row[]): string {
  const which = from === to ? `entry ${from}` : `entries ${from} to ${to}`
  const elsewhere = rows.some((row) => row.from <= to && row.to >= from)
  return elsewhere
    ? `is out of place: ${which} should come before it`
    : `${which} before it ${from === to ? 'is' : 'are'} missing: removed`
}
