import canonicalize from 'canonicalize'
import { isJsonObject, type Json } from '../base/json.ts'
import { quote } from '../base/printable.ts'
import { DEEPEST, unsafeIn } from './entry-shape.ts'

export const MEMBERS = ['body', 'prev', 'run', 'seq', 'time', 'type']

/**
 * Returns whether text is the RFC 8785 form of the value parsed from it. If it is exactly as long as that form, it is that
 * form: every other way to write a member or a value is longer. If lengths can't settle it, the value is encoded again.
 */
export const isCanonical = (value: object, text: string): boolean =>
  (!text.includes('\\u') && lengthOf(value, text.includes('\\'), 0) === text.length) ||
  canonicalOf(value as Json) === text

/**
 * Returns the length of a value's canonical form; `escapes` is whether a string in it may need an escape. Returns NaN, which
 * equals nothing, if lengths can't settle it: names that are out of order or look like numbers (an object reorders those),
 * numbers with another form as short (1e2, a fraction), too many levels.
 */
function lengthOf(value: unknown, escapes: boolean, depth: number): number {
  if (typeof value === 'string') return escapes ? JSON.stringify(value).length : value.length + 2
  if (typeof value === 'number') {
    if (value === 0) return 1
    return Number.isSafeInteger(value) && value % 100 !== 0 ? String(value).length : Number.NaN
  }
  if (typeof value !== 'object' || value === null) return value === false ? 5 : 4
  if (depth >= DEEPEST) return Number.NaN
  let length = 1
  if (Array.isArray(value)) for (const item of value) length += lengthOf(item, escapes, depth + 1) + 1
  else {
    let before = ''
    for (const name in value) {
      if (name < before || (name >= '0' && name < ':')) return Number.NaN
      before = name
      length += lengthOf(name, escapes, 0) + 2 + lengthOf((value as Record<string, unknown>)[name], escapes, depth + 1)
    }
  }
  return Math.max(length, 2)
}

/** Returns a value's canonical text; undefined if it has none that an entry may contain. */
function canonicalOf(value: Json): string | undefined {
  if (unsafeIn(value, 0) !== undefined) return undefined
  try {
    return canonicalize(value)
  } catch {
    return undefined
  }
}

/** Describes why a line isn't an entry, with the place in the chain that it claims, if that can be read. */
export function flawIn(bytes: Uint8Array): { flaw: string; link?: { seq: number; prev: string } } {
  const flaw = (what: string, at?: number) => ({
    flaw: `was changed: it is not a log entry: ${at === undefined ? '' : `at byte ${at + 1}, `}${what}`,
  })
  const stored = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (stored.length === 0) return flaw('the line is empty')
  const text = stored.toString('utf8')
  const broken = firstDifference(stored, Buffer.from(text))
  if (broken !== undefined) return flaw('it is not UTF-8', broken)
  if (text.startsWith('\ufeff')) return flaw('it begins with a byte order mark', 0)
  if (text.endsWith('\r'))
    return flaw('it ends with a carriage return; lines end with a line feed only', stored.length - 1)
  const nul = stored.indexOf(0)
  if (nul !== -1) return flaw('it contains a NUL byte', nul)
  const { value, at } = parse(text)
  if (value === undefined) return flaw('it is not JSON', at)
  if (!isJsonObject(value)) return flaw('it is not a JSON object', 0)
  const { seq, prev } = value
  const link = Number.isSafeInteger(seq) && typeof prev === 'string' ? { link: { seq: seq as number, prev } } : {}
  return { ...flawOf(value, stored, flaw), ...link }
}

function flawOf(
  value: { [name: string]: Json },
  stored: Buffer,
  flaw: (what: string, at?: number) => { flaw: string },
) {
  const missing = MEMBERS.find((name) => !Object.hasOwn(value, name))
  if (missing !== undefined) return flaw(`missing member ${quote(missing)}`)
  const more = Object.keys(value).find((name) => !MEMBERS.includes(name))
  if (more !== undefined) return flaw(`unknown member ${quote(more)}`)
  const unsafe = unsafeIn(value)
  if (unsafe !== undefined) return flaw(unsafe)
  const canonical = Buffer.from(canonicalOf(value) ?? '')
  const other = firstDifference(stored, canonical)
  if (other === undefined) return flaw(`one of ${MEMBERS.map((name) => quote(name)).join(', ')} has an invalid form`)
  const [is, shall] = [stored, canonical].map((each) => quote(each.toString('utf8', other, other + 24) || 'nothing'))
  return flaw(`it is not in canonical form (RFC 8785): expected ${shall}, found ${is}`, other)
}

/** Parses text as JSON, or returns the byte at which parsing fails. */
function parse(text: string): { value?: Json; at?: number } {
  try {
    return { value: JSON.parse(text) }
  } catch (error) {
    const position = /at position (\d+)/.exec((error as Error).message)?.[1]
    const at = position === undefined ? text.length : Number(position)
    return { at: Buffer.byteLength(text.slice(0, at)) }
  }
}

function firstDifference(a: Uint8Array, b: Uint8Array): number | undefined {
  const length = Math.max(a.length, b.length)
  for (let at = 0; at < length; at++) if (a[at] !== b[at]) return at
  return undefined
}
