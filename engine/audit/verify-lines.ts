import { hash } from 'node:crypto'
import type { Entry } from './entry.ts'
import { misfitOf } from './entry-shape.ts'
import { flawIn, isCanonical } from './verify-form.ts'

/**
 * A complete line of a log: its number (from 1), its stored bytes without the line feed, and their SHA-256. `link` is its
 * place in the chain, if that can be read; `entry` is set only if the line is a valid entry, otherwise `flaw` says what is wrong.
 */
export type Line = {
  number: number
  bytes: Uint8Array
  hash: string
  link?: { seq: number; prev: string }
  entry?: Entry
  flaw?: string
}

/** The longest line that is read, in bytes. */
export const LONGEST_LINE = 64 * 2 ** 20

/** Thrown at a line that is too long for an entry: nothing after its beginning is read. */
export class LineTooLong extends Error {}

const FEED = 0x0a
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Calls `visit` for each complete line of a log that arrives in chunks; returns the bytes after the last line feed. Throws LineTooLong. */
export function eachLine(log: Iterable<Uint8Array>, visit: (bytes: Uint8Array) => void): Uint8Array {
  let partial: Uint8Array[] = []
  let length = 0
  for (const piece of log) {
    let from = 0
    for (let end = piece.indexOf(FEED); end !== -1; end = piece.indexOf(FEED, from)) {
      const bytes = piece.subarray(from, end)
      if (length + bytes.length > LONGEST_LINE) throw new LineTooLong()
      visit(partial.length === 0 ? bytes : Buffer.concat([...partial, bytes]))
      partial = []
      length = 0
      from = end + 1
    }
    if (from === piece.length) continue
    partial.push(piece.subarray(from))
    length += piece.length - from
    if (length > LONGEST_LINE) throw new LineTooLong()
  }
  return Buffer.concat(partial)
}

/** The beginning of an entry and what follows its body: members are in canonical order, so a line contains nothing else. */
const HEAD = '{"body":{'
const PREV = ',"prev":"'
const TAIL =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a run's name must not contain them.
  /","run":"([^"\\\x00-\x1f\x7f-\x9f]{1,200})","seq":([1-9][0-9]{0,15}),"time":"([0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{3}Z)","type":"([a-z-]+\.[a-z-]+)"\}$/y
const HASH = /^[0-9a-f]{64}$/

/**
 * Reads a line as an entry, as strictly as logs/README.md defines one. `due` is the hash that the line should be chained to,
 * which saves checking its form. The body is parsed on its own, since everything after it has only one form.
 */
export function readLine(bytes: Uint8Array, number: number, due?: string): Line {
  const line: Line = { number, bytes, hash: sha256(bytes) }
  const text = textOf(bytes)
  if (text === undefined || !text.startsWith(HEAD)) return flawed(line, undefined)
  const end = text.lastIndexOf(PREV)
  const prev = text.slice(end + PREV.length, end + PREV.length + 64)
  TAIL.lastIndex = end + PREV.length + 64
  const found = TAIL.exec(text)
  if (end < 0 || found === null || (prev !== due && !HASH.test(prev))) return flawed(line, undefined)
  const [, run = '', digits = '', time = '', type = ''] = found
  const [seq, own] = [Number(digits), text.slice(HEAD.length - 1, end)]
  const body = parsed(own)
  if (body === undefined || !Number.isSafeInteger(seq) || !isDay(time) || !isCanonical(body, own))
    return flawed(line, { seq, prev })
  line.link = { seq, prev }
  const misfit = misfitOf(type, body)
  if (misfit === undefined) line.entry = { seq, prev, time, run, type, body } as Entry
  else line.flaw = `is not a valid entry: ${misfit}`
  return line
}

/** Returns the SHA-256 (hex) of stored bytes. */
export const sha256 = (bytes: Uint8Array): string => hash('sha256', bytes, 'hex')

function flawed(line: Line, link: Line['link']): Line {
  const { flaw, link: read } = flawIn(line.bytes)
  line.flaw = flaw
  const place = link ?? read
  if (place !== undefined) line.link = place
  return line
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes)
  } catch {
    return undefined
  }
}

function parsed(text: string): object | undefined {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The last day that was found to exist: most lines of a log are from one day. */
let knownDay = ''

/** Returns whether a time's day exists: the pattern alone accepts February 30. */
function isDay(time: string): boolean {
  const day = time.slice(0, 10)
  if (day === knownDay) return true
  const at = new Date(time)
  if (Number.isNaN(at.getTime()) || at.toISOString() !== time) return false
  knownDay = day
  return true
}
