/** How each byte is written, by its value; undefined leaves it as it is. */
type Way = (Uint8Array | undefined)[]

const wayOf = (otherwise: (byte: number) => string | undefined): Way =>
  Array.from({ length: 256 }, (_, byte) => {
    const other = otherwise(byte)
    return other === undefined ? undefined : new Uint8Array(Buffer.from(other))
  })

/** The bytes, each written in a way. */
function written(bytes: Uint8Array, way: Way): Uint8Array {
  let length = 0
  for (const byte of bytes) length += way[byte]?.length ?? 1
  const result = new Uint8Array(length)
  let at = 0
  for (const byte of bytes) {
    const other = way[byte]
    if (other === undefined) result[at++] = byte
    else {
      result.set(other, at)
      at += other.length
    }
  }
  return result
}

const hex = (byte: number): string => byte.toString(16).padStart(2, '0')
const character = String.fromCharCode

const SHORT_ESCAPES: Record<number, string> = {
  8: '\\b',
  9: '\\t',
  10: '\\n',
  12: '\\f',
  13: '\\r',
  34: '\\"',
  92: '\\\\',
}

const inJson = wayOf((byte) => SHORT_ESCAPES[byte] ?? (byte < 0x20 ? `\\u00${hex(byte)}` : undefined))

const inUrl = (byte: number): string | undefined =>
  byte < 0x80 && /[A-Za-z0-9\-_.!~*'()]/.test(character(byte)) ? undefined : `%${hex(byte).toUpperCase()}`

const WAYS: Way[] = [inJson, wayOf(inUrl), wayOf((byte) => (byte === 0x20 ? '+' : inUrl(byte)))]

/** How shells and their users quote: inside single quotes in two ways, in double quotes, or with a backslash before each odd character. */
const SHELL: Way[] = (
  [
    (byte) => (byte === 0x27 ? "'\\''" : undefined),
    (byte) => (byte === 0x27 ? `'"'"'` : undefined),
    (byte) => (/["\\$`]/.test(character(byte)) ? `\\${character(byte)}` : undefined),
    (byte) => (byte < 0x80 && /[^A-Za-z0-9_\-.,:+/@\n]/.test(character(byte)) ? `\\${character(byte)}` : undefined),
  ] as ((byte: number) => string | undefined)[]
).map(wayOf)

const [inHex, inHEX] = [wayOf(hex), wayOf((byte) => hex(byte).toUpperCase())]

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** The symbols of base64 from the first whole one on, with zeros before the bytes, and without what the end shares with others. */
function symbols(bytes: Uint8Array, offset: number, alphabet: string, whole: boolean): Uint8Array {
  const bits = (offset + bytes.length) * 8
  const from = Math.ceil((offset * 8) / 6)
  const to = whole ? Math.ceil(bits / 6) : Math.floor(bits / 6)
  const at = (index: number): number => (index < offset ? 0 : (bytes[index - offset] ?? 0))
  const result = new Uint8Array(Math.max(0, to - from))
  for (let n = 0; n < result.length; n++) {
    const bit = (from + n) * 6
    const two = (at(bit >> 3) << 8) | at((bit >> 3) + 1)
    result[n] = alphabet.charCodeAt((two >> (10 - (bit & 7))) & 63)
  }
  return result
}

/** Fewer symbols stand in any base64 by chance. */
const SHORTEST_INSIDE = 6

/** Bytes as base64 and base64url, alone or as a part of something longer (they start at any of three places in a group of four symbols), and as hex. */
function encoded(bytes: Uint8Array): Uint8Array[] {
  const alone = symbols(bytes, 0, BASE64, true)
  const padding = new Uint8Array((4 - (alone.length % 4)) % 4).fill(0x3d)
  const inside = [0, 1, 2].flatMap((offset) =>
    [BASE64, BASE64URL]
      .map((alphabet) => symbols(bytes, offset, alphabet, false))
      .filter(({ length }) => length >= SHORTEST_INSIDE),
  )
  return [
    alone,
    Uint8Array.from([...alone, ...padding]),
    symbols(bytes, 0, BASE64URL, true),
    ...inside,
    written(bytes, inHex),
    written(bytes, inHEX),
  ]
}

/** A copy, which `slice` of a Buffer is not. */
const copyOf = (bytes: Uint8Array, from = 0, to = bytes.length): Uint8Array => new Uint8Array(bytes.subarray(from, to))

/** The text that bytes are read as, without the blanks at its ends too: plain bytes never become a JavaScript text, which nothing can wipe. */
function textsOf(bytes: Uint8Array): [Uint8Array, Uint8Array] {
  if (bytes.some((byte) => byte >= 0x80)) {
    const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
    return [copyOf(Buffer.from(text)), copyOf(Buffer.from(text.trim()))]
  }
  const blank = (byte: number | undefined): boolean => byte === 0x20 || (byte !== undefined && byte >= 9 && byte <= 13)
  let [start, end] = [0, bytes.length]
  while (start < end && blank(bytes[start])) start++
  while (end > start && blank(bytes[end - 1])) end--
  return [copyOf(bytes), copyOf(bytes, start, end)]
}

/** The lines that are long enough to tell something by themselves. */
function linesOf(bytes: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = []
  for (let from = 0; from <= bytes.length; ) {
    const feed = bytes.indexOf(10, from)
    const end = feed < 0 ? bytes.length : feed
    lines.push(copyOf(bytes, from, feed > from && bytes[feed - 1] === 13 ? end - 1 : end))
    from = end + 1
  }
  return lines.filter((line) => lengthOf(line) >= 8)
}

/** How many characters UTF-8 bytes are; those beyond the basic plane count twice, as in JavaScript. */
export function lengthOf(bytes: Uint8Array): number {
  let length = 0
  for (const byte of bytes) if ((byte & 0xc0) !== 0x80) length += byte >= 0xf0 ? 2 : 1
  return length
}

/** How many characters a secret's text has without the blanks at its ends. */
export function trimmedLength(bytes: Uint8Array): number {
  const texts = textsOf(bytes)
  const length = lengthOf(texts[1])
  for (const text of texts) text.fill(0)
  return length
}

/**
 * Lends every form of a secret in which a text could hold it, and wipes each afterwards: raw, line by line, as base64
 * and base64url (alone, or inside something longer), as hex, and URL-, JSON- and shell-escaped.
 */
export function lendForms(bytes: Uint8Array, use: (form: Uint8Array) => void): void {
  const [raw, trimmed] = textsOf(bytes)
  const lend = (form: Uint8Array): void => {
    use(form)
    form.fill(0)
  }
  const texts = trimmed.length === raw.length ? [raw] : [raw, trimmed]
  for (const text of [...texts, ...linesOf(raw)]) {
    // What a way leaves as it is, is the text itself.
    for (const way of [...WAYS, ...SHELL]) if (text.some((byte) => way[byte] !== undefined)) lend(written(text, way))
    if (!texts.includes(text)) lend(text)
  }
  for (const part of trimmed.length === bytes.length ? [bytes] : [bytes, trimmed])
    for (const form of encoded(part)) lend(form)
  for (const text of [raw, trimmed]) lend(text)
}
