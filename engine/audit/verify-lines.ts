import { hash } from 'node:crypto'
import type { Entry } from './entry.ts'
import { misfitOf } from './entry-shape.ts'
import { flawIn, isCanonical } from './verify-form.ts'

/**
 * A whole line of a log: its number (from 1), its stored bytes without the line feed, and their SHA-256. `link` is its
 * place in the chain as far as that can be read; `entry` is there only if the line is exactly what an entry must be, else
 * `flaw` says what is wrong with it.
 */
export type Line = {
  number: number
  bytes: Uint8Array
  hash: string
  link?: { seq: number; prev: string }
  entry?: Entry
  flaw?: string
}

/** A line may have so many bytes; what is longer is read no further. */
export const LONGEST_LINE = 64 * 2 ** 20

/** A line that is too long for an entry: nothing behind its beginning is read. */
export class LineTooLong extends Error {}

const FEED = 0x0a
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Goes through the whole lines of a log whose bytes come in pieces; answers what stands behind the last line feed. Throws LineTooLong. */
export function eachLine(log: Iterable<Uint8Array>, look: (bytes: Uint8Array) => void): Uint8Array {
  let begun: Uint8Array[] = []
  let length = 0
  for (const piece of log) {
    let from = 0
    for (let end = piece.indexOf(FEED); end !== -1; end = piece.indexOf(FEED, from)) {
      const bytes = piece.subarray(from, end)
      if (length + bytes.length > LONGEST_LINE) throw new LineTooLong()
      look(begun.length === 0 ? bytes : Buffer.concat([...begun, bytes]))
      begun = []
      length = 0
      from = end + 1
    }
    if (from === piece.length) continue
    begun.push(piece.subarray(from))
    length += piece.length - from
    if (length > LONGEST_LINE) throw new LineTooLong()
  }
  return Buffer.concat(begun)
}

/** How an entry begins, and what stands behind its body: members are in canonical order, so nothing else can stand on a line. */
const HEAD = '{"body":{'
const PREV = ',"prev":"'
const TAIL =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what a run's name must not have.
  /","run":"([^"\\\x00-\x1f\x7f-\x9f]{1,200})","seq":([1-9][0-9]{0,15}),"time":"([0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{3}Z)","type":"([a-z-]+\.[a-z-]+)"\}$/y
const HASH = /^[0-9a-f]{64}$/

/**
 * Reads a line as an entry, as strictly as README defines one; `due` is the hash that it is expected to be chained to,
 * which spares a look at it. The body is parsed by itself: what stands behind it has one form.
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
  else line.flaw = `is not as an entry must be: ${misfit}`
  return line
}

/** SHA-256 (hex) of stored bytes. */
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

/** The last day that was seen to be one: most lines of a log are of one day. */
let knownDay = ''

/** Whether there is such a day: the form alone lets the 30th of February pass. */
function isDay(time: string): boolean {
  const day = time.slice(0, 10)
  if (day === knownDay) return true
  const at = new Date(time)
  if (Number.isNaN(at.getTime()) || at.toISOString() !== time) return false
  knownDay = day
  return true
}
