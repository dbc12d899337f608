/** The encoding of each byte, by its value; undefined leaves the byte unchanged. */
type Encoding = (Uint8Array | undefined)[]

const encodingOf = (encodeByte: (byte: number) => string | undefined): Encoding =>
  Array.from({ length: 256 }, (_, byte) => {
    const other = encodeByte(byte)
    return other === undefined ? undefined : new Uint8Array(Buffer.from(other))
  })

/** Encodes each byte. */
function encode(bytes: Uint8Array, encoding: Encoding): Uint8Array {
  let length = 0
  for (const byte of bytes) length += encoding[byte]?.length ?? 1
  const result = new Uint8Array(length)
  let at = 0
  for (const byte of bytes) {
    const other = encoding[byte]
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

const inJson = encodingOf((byte) => SHORT_ESCAPES[byte] ?? (byte < 0x20 ? `\\u00${hex(byte)}` : undefined))

const inUrl = (byte: number): string | undefined =>
  byte < 0x80 && /[A-Za-z0-9\-_.!~*'()]/.test(character(byte)) ? undefined : `%${hex(byte).toUpperCase()}`

const ENCODINGS: Encoding[] = [inJson, encodingOf(inUrl), encodingOf((byte) => (byte === 0x20 ? '+' : inUrl(byte)))]

/** The quoting styles of shells and their users: two inside single quotes, one inside double quotes, and a backslash before each special character. */
const SHELL: Encoding[] = (
  [
    (byte) => (byte === 0x27 ? "'\\''" : undefined),
    (byte) => (byte === 0x27 ? `'"'"'` : undefined),
    (byte) => (/["\\$`]/.test(character(byte)) ? `\\${character(byte)}` : undefined),
    (byte) => (byte < 0x80 && /[^A-Za-z0-9_\-.,:+/@\n]/.test(character(byte)) ? `\\${character(byte)}` : undefined),
  ] as ((byte: number) => string | undefined)[]
).map(encodingOf)

const [inHex, inHEX] = [encodingOf(hex), encodingOf((byte) => hex(byte).toUpperCase())]

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** Returns the base64 symbols that these bytes determine if `offset` other bytes precede them; `whole` adds the last, partial symbol. */
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

/** The fewest symbols that are unlikely to be in other base64 by chance. */
const SHORTEST_INSIDE = 6

/** Encodes bytes as hex, base64 and base64url, alone and as part of something longer, where they start at any of three places in a group of four symbols. */
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
    encode(bytes, inHex),
    encode(bytes, inHEX),
  ]
}

/** Copies bytes, which `slice` of a Buffer doesn't. */
const copyOf = (bytes: Uint8Array, from = 0, to = bytes.length): Uint8Array => new Uint8Array(bytes.subarray(from, to))

/** Returns the text of these bytes, with and without the white space around it. Plain bytes never become a JavaScript string, which nothing can wipe. */
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

/** Returns the lines that are long enough to be distinctive. */
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

/** Counts the characters of UTF-8 bytes; those beyond the basic plane count twice, as in JavaScript. */
export function lengthOf(bytes: Uint8Array): number {
  let length = 0
  for (const byte of bytes) if ((byte & 0xc0) !== 0x80) length += byte >= 0xf0 ? 2 : 1
  return length
}

/** Counts the characters of a secret's text without the white space around it. */
export function trimmedLength(bytes: Uint8Array): number {
  const texts = textsOf(bytes)
  const length = lengthOf(texts[1])
  for (const text of texts) text.fill(0)
  return length
}

/**
 * Lends every form in which text could contain a secret, and wipes each afterwards: raw, line by line, as base64 and
 * base64url (alone or inside something longer), as hex, and URL-, JSON- and shell-escaped.
 */
export function lendForms(bytes: Uint8Array, use: (form: Uint8Array) => void): void {
  const [raw, trimmed] = textsOf(bytes)
  const lend = (form: Uint8Array): void => {
    use(form)
    form.fill(0)
  }
  const texts = trimmed.length === raw.length ? [raw] : [raw, trimmed]
  for (const text of [...texts, ...linesOf(raw)]) {
    // An encoding that changes nothing yields the text itself.
    for (const encoding of [...ENCODINGS, ...SHELL])
      if (text.some((byte) => encoding[byte] !== undefined)) lend(encode(text, encoding))
    if (!texts.includes(text)) lend(text)
  }
  for (const part of trimmed.length === bytes.length ? [bytes] : [bytes, trimmed])
    for (const form of encoded(part)) lend(form)
  for (const text of [raw, trimmed]) lend(text)
}
