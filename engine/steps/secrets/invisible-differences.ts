import { SecretBytes } from './secret-bytes.ts'

/** An invisible trait of a value, in words; `wrong` if it is rarely intended. */
export type Trait = { says: string; wrong: boolean }

/**
 * The invisible traits of a secret's value, and the value without them. No trait says where in the middle something is,
 * how often, or how long anything is.
 */
export type Looks = { traits: Trait[]; bare: SecretBytes }

/** Characters that are invisible or look like a space, with their singular and plural names. */
const UNSEEN = {
  'line-feed': ['a line feed', 'line feeds'],
  'cr-lf': ['a CR LF line end', 'CR LF line ends'],
  'carriage-return': ['a carriage return', 'carriage returns'],
  'line-break': ['an unusual line break', 'unusual line breaks'],
  space: ['a space', 'spaces'],
  tab: ['a tab', 'tabs'],
  'no-break-space': ['a no-break space', 'no-break spaces'],
  'odd-space': ['an unusual space', 'unusual spaces'],
  'zero-width': ['a zero-width character', 'zero-width characters'],
  'byte-order-mark': ['a byte order mark', 'byte order marks'],
  nul: ['a NUL character', 'NUL characters'],
  control: ['a control character', 'control characters'],
} as const

type Unseen = keyof typeof UNSEEN

/** Characters that ordinary values have inside: passphrases, keys and files. */
const ORDINARY_INSIDE: ReadonlySet<Unseen> = new Set(['line-feed', 'space', 'tab'])

/** Finds the invisible traits of a value. The caller wipes `bare`. */
export function looksOf(secret: SecretBytes): Looks {
  return secret.lend((bytes) => {
    const wide = utf16Points(bytes)
    const points = wide ?? utf8Points(bytes)
    const read = points === undefined ? looksOfBinary(bytes) : looksOfText(points, wide !== undefined)
    points?.fill(0)
    return read
  })
}

function looksOfText(points: Uint32Array, isWide: boolean): Looks {
  const kinds = Array.from(points, (_, index) => unseenAt(points, index))
  const first = kinds.indexOf(undefined)
  const last = kinds.lastIndexOf(undefined)
  const encoding = isWide ? [{ says: 'is encoded in UTF-16', wrong: true }] : []
  const visible = points.filter((_, index) => kinds[index] === undefined)
  const composed = composedBytes(visible)
  visible.fill(0)
  const bare = new SecretBytes(composed.bytes)
  if (first < 0) {
    const nothing = points.length > 0 ? [{ says: 'holds nothing that can be seen', wrong: true }] : []
    return { traits: [...encoding, ...nothing], bare }
  }
  const inside = kinds.slice(first, last + 1)
  const after = kinds.slice(last + 1)
  const isFile = inside.includes('line-feed') || inside.includes('cr-lf')
  return {
    traits: [
      ...encoding,
      ...edge('starts with', kinds.slice(0, first)),
      ...inner(inside),
      // Files end in a line feed; a one-line value rarely should.
      ...edge('ends in', after, isFile && after.filter(isCounted).length === 1),
      ...(composed.wasComposed ? [] : [{ says: 'is not in the normal form NFC', wrong: true }]),
    ],
    bare,
  }
}

/** Both characters of a CR LF are one line end: the second is not counted. */
type Kind = Unseen | 'rest' | undefined

const isCounted = (kind: Kind): kind is Unseen => kind !== undefined && kind !== 'rest'

function edge(where: 'starts with' | 'ends in', kinds: Kind[], isUsual = false): Trait[] {
  const counted = kinds.filter(isCounted)
  return [...new Set(counted)].map((kind) => ({
    says: `${where} ${UNSEEN[kind][counted.filter((each) => each === kind).length > 1 ? 1 : 0]}`,
    wrong: !(isUsual && (kind === 'line-feed' || kind === 'cr-lf')),
  }))
}

const inner = (kinds: Kind[]): Trait[] =>
  [...new Set(kinds.filter(isCounted))].map((kind) => ({
    says: `has ${UNSEEN[kind][1]} inside`,
    wrong: !ORDINARY_INSIDE.has(kind),
  }))

/** Finds traits at the edges of binary values: a key may end in anything, so only a comparison shows what was added. */
function looksOfBinary(bytes: Uint8Array): Looks {
  const isBlank = (byte: number | undefined) => byte !== undefined && [0, 9, 10, 13, 32].includes(byte)
  let [start, end] = [0, bytes.length]
  while (start < end && isBlank(bytes[start])) start++
  while (end > start && isBlank(bytes[end - 1])) end--
  const points = Uint32Array.from(bytes)
  const kinds = Array.from(points, (_, index) => unseenAt(points, index))
  points.fill(0)
  const traits = [...edge('starts with', kinds.slice(0, start)), ...edge('ends in', kinds.slice(end))]
  return { traits: traits.map(({ says }) => ({ says, wrong: false })), bare: new SecretBytes(bytes.slice(start, end)) }
}

function unseenAt(points: Uint32Array, index: number): Kind {
  const point = points[index] as number
  if (point === 0x0a) return points[index - 1] === 0x0d ? 'rest' : 'line-feed'
  if (point === 0x0d) return points[index + 1] === 0x0a ? 'cr-lf' : 'carriage-return'
  if (point === 0x20) return 'space'
  if (point === 0x09) return 'tab'
  if (point === 0) return 'nul'
  if (point === 0xfeff) return 'byte-order-mark'
  if (isIn(point, [0x0b, 0x0c], [0x85, 0x85], [0x2028, 0x2029])) return 'line-break'
  if (point < 0x20 || isIn(point, [0x7f, 0x9f])) return 'control'
  if (point < 0xa0) return undefined
  if (isIn(point, [0xa0, 0xa0], [0x2007, 0x2007], [0x202f, 0x202f])) return 'no-break-space'
  if (isIn(point, [0x1680, 0x1680], [0x2000, 0x200a], [0x205f, 0x205f], [0x3000, 0x3000])) return 'odd-space'
  return isIn(point, ...ZERO_WIDTH) ? 'zero-width' : undefined
}

const ZERO_WIDTH: [number, number][] = [
  ...([
    [0xad, 0xad],
    [0x34f, 0x34f],
    [0x61c, 0x61c],
    [0x115f, 0x1160],
    [0x17b4, 0x17b5],
  ] as [number, number][]),
  ...([
    [0x180b, 0x180f],
    [0x200b, 0x200f],
    [0x202a, 0x202e],
    [0x2060, 0x206f],
    [0x3164, 0x3164],
  ] as [number, number][]),
  ...([
    [0xfe00, 0xfe0f],
    [0xffa0, 0xffa0],
    [0xe0000, 0xe0fff],
  ] as [number, number][]),
]

const isIn = (point: number, ...ranges: [number, number][]): boolean =>
  ranges.some(([from, to]) => from <= point && point <= to)

/** Returns the bytes of a text in NFC. Only non-ASCII text becomes a JavaScript string for a moment. */
function composedBytes(points: Uint32Array): { bytes: Uint8Array; wasComposed: boolean } {
  if (points.every((point) => point < 0x80)) return { bytes: Uint8Array.from(points), wasComposed: true }
  const text = Array.from(points, (point) => String.fromCodePoint(point)).join('')
  const composed = text.normalize('NFC')
  return { bytes: new TextEncoder().encode(composed), wasComposed: composed === text }
}

/** Decodes UTF-8; undefined if the bytes are not valid. */
function utf8Points(bytes: Uint8Array): Uint32Array | undefined {
  const points = new Uint32Array(bytes.length)
  let count = 0
  for (let at = 0; at < bytes.length; ) {
    const first = bytes[at] as number
    const length = first < 0x80 ? 1 : first >> 5 === 6 ? 2 : first >> 4 === 14 ? 3 : first >> 3 === 30 ? 4 : 0
    let point = length === 1 ? first : first & (0x7f >> length)
    for (let more = 1; more < length; more++) {
      const next = bytes[at + more]
      if (next === undefined || next >> 6 !== 2) return undefined
      point = (point << 6) | (next & 0x3f)
    }
    const least = [0, 0, 0x80, 0x800, 0x10000][length] as number
    if (length === 0 || point < least || point > 0x10ffff || isIn(point, [0xd800, 0xdfff])) return undefined
    points[count++] = point
    at += length
  }
  return points.subarray(0, count)
}

/**
 * Decodes UTF-16, recognized by its byte order mark or by a zero in every second byte; undefined if the bytes are not
 * valid.
 */
function utf16Points(bytes: Uint8Array): Uint32Array | undefined {
  if (bytes.length < 4 || bytes.length % 2 === 1) return undefined
  const marked = bytes[0] === 0xff && bytes[1] === 0xfe ? 0 : bytes[0] === 0xfe && bytes[1] === 0xff ? 1 : undefined
  const zeros = (odd: number) => bytes.every((byte, index) => (byte === 0) === (index % 2 === odd))
  const low = marked ?? (zeros(1) ? 0 : zeros(0) ? 1 : undefined)
  if (low === undefined) return undefined
  const points = new Uint32Array(bytes.length / 2)
  let count = 0
  for (let at = marked === undefined ? 0 : 2; at < bytes.length; at += 2) {
    const unit = ((bytes[at + 1 - low] as number) << 8) | (bytes[at + low] as number)
    const before = points[count - 1] ?? 0
    if (isIn(unit, [0xdc00, 0xdfff]) && isIn(before, [0xd800, 0xdbff]))
      points[count - 1] = 0x10000 + ((before - 0xd800) << 10) + (unit - 0xdc00)
    else points[count++] = unit
  }
  const read = points.subarray(0, count)
  return read.some((point) => isIn(point, [0xd800, 0xdfff])) ? undefined : read
}

/** Describes what is probably wrong with a value; undefined if nothing is. */
export function describeWrong(traits: Trait[]): string | undefined {
  const wrong = traits.filter((trait) => trait.wrong)
  return wrong.length === 0 ? undefined : wrong.map(({ says }) => says).join(' and ')
}

/** Describes the invisible difference between two values that differ in nothing else. */
export function describeUnseen(own: Trait[], theirs: Trait[], names: { own: string; theirs: string }): string {
  const without = (traits: Trait[], others: Trait[]) =>
    traits.filter(({ says }) => !others.some((other) => other.says === says)).map(({ says }) => says)
  const [mine, other] = [without(own, theirs), without(theirs, own)]
  const sides = [
    ...(mine.length > 0 ? [`${names.own} ${mine.join(' and ')}`] : []),
    ...(other.length > 0 ? [`${names.theirs} ${other.join(' and ')}`] : []),
  ]
  return sides.length > 0
    ? `only in what cannot be seen: ${sides.join(', ')}`
    : 'only in what cannot be seen: blanks and other unseen characters of the same kinds'
}
