import canonicalize from 'canonicalize'
import { isJsonObject, type Json } from '../base/json.ts'
import { quote } from '../base/printable.ts'
import { DEEPEST, unsafeIn } from './entry-shape.ts'

export const MEMBERS = ['body', 'prev', 'run', 'seq', 'time', 'type']

/**
 * Returns whether a text is the RFC 8785 form of the value that was parsed from it. Where the text is exactly as long as that
 * form, it is that form: each other way to write a member or a value is longer. What lengths can't settle is written anew.
 */
export const isCanonical = (value: object, text: string): boolean =>
  (!text.includes('\\u') && lengthOf(value, text.includes('\\'), 0) === text.length) ||
  canonicalOf(value as Json) === text

/**
 * Returns how long the canonical form of a value is; `escapes` says whether any text in it may need one. NaN, which equals nothing, stands for what
 * lengths can't settle: names out of order or like a number (an object orders those itself), numbers that another form may be as short as (1e2, a
 * fraction), too many levels.
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

/** A value's canonical text; undefined where it has none that an entry may hold. */
function canonicalOf(value: Json): string | undefined {
  if (unsafeIn(value, 0) !== undefined) return undefined
  try {
    return canonicalize(value)
  } catch {
    return undefined
  }
}

/** Says what is wrong with a line that is no entry by its form, and which place in the chain it claims, where that can be read. */
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
    return flaw('it ends with a carriage return; a line ends with a line feed alone', stored.length - 1)
  const nul = stored.indexOf(0)
  if (nul !== -1) return flaw('it holds a NUL byte', nul)
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
  if (missing !== undefined) return flaw(`it lacks the member ${quote(missing)}`)
  const more = Object.keys(value).find((name) => !MEMBERS.includes(name))
  if (more !== undefined) return flaw(`it has the member ${quote(more)}, which it must not have`)
  const unsafe = unsafeIn(value)
  if (unsafe !== undefined) return flaw(unsafe)
  const canonical = Buffer.from(canonicalOf(value) ?? '')
  const other = firstDifference(stored, canonical)
  if (other === undefined) return flaw(`one of ${MEMBERS.map((name) => quote(name)).join(', ')} is not of its form`)
  const [is, shall] = [stored, canonical].map((each) => quote(each.toString('utf8', other, other + 24) || 'nothing'))
  return flaw(`it is not in canonical form (RFC 8785), which has ${shall} where ${is} stands`, other)
}

/** A text as JSON, or at which byte it stops being that. */
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
