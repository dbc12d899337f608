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

/**
 * The six members of an entry in canonical order, as README has them: nothing else can stand on a line. The body is
 * parsed by itself, which takes half the time of parsing the whole.
 */
const ENTRY =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what a run's name must not have.
  /^\{"body":(\{.*\}),"prev":"([0-9a-f]{64})","run":"([^"\\\x00-\x1f\x7f-\x9f]{1,200})","seq":([1-9][0-9]{0,15}),"time":"([0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{3}Z)","type":"([a-z-]+\.[a-z-]+)"\}$/s

/** Reads a line as an entry, as strictly as README defines one. */
export function readLine(bytes: Uint8Array, number: number): Line {
  const line: Line = { number, bytes, hash: sha256(bytes) }
  const found = textOf(bytes)?.match(ENTRY)
  if (found === null || found === undefined) return flawed(line, undefined)
  const [, text = '', prev = '', run = '', digits = '', time = '', type = ''] = found
  const seq = Number(digits)
  const body = parsed(text)
  if (body === undefined || !Number.isSafeInteger(seq) || !isDay(time) || !isCanonical(body, text))
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
