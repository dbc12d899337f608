import { createHmac } from 'node:crypto'
import { crc32c } from './crc32c.ts'

/**
 * A secret's value between one child's pipe and the next child's stdin. It has no text form: nothing can print it, join
 * it to a text or put it into JSON.
 */
export class SecretBytes {
  readonly #bytes: Uint8Array
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }
  /** Lends the bytes to code that writes them into a pipe, hashes them with a key or masks them. */
  lend<T>(use: (bytes: Uint8Array) => T): T {
    return use(this.#bytes)
  }
  /** Overwrites the value with zeros. */
  wipe(): void {
    this.#bytes.fill(0)
  }
  toString(): never {
    throw new Error('a secret has no text form')
  }
  toJSON(): never {
    throw new Error('a secret has no JSON form')
  }
}

/** Returns a function that fingerprints secrets with a key of this run only, so that short secrets can't be guessed. */
export function makeFingerprint(key: Uint8Array): (secret: SecretBytes) => string {
  return (secret) =>
    `hmac-sha256:${secret.lend((bytes) => createHmac('sha256', key).update(bytes).digest('hex')).slice(0, 32)}`
}

/** Returns whether a value is a secret's fingerprint. */
export const isFingerprint = (value: unknown): boolean =>
  typeof value === 'string' && /^hmac-sha256:[0-9a-f]{32}$/.test(value)

/**
 * Extracts the payload from the output of `gcloud secrets versions access --format=json` (base64url under
 * `payload.data`) without making it a text. An empty secret has no `data`. Returns undefined for any other output, and
 * `damaged` if the service's checksum (`payload.dataCrc32c`) doesn't match.
 */
export function payloadOf(output: Uint8Array): SecretBytes | 'damaged' | undefined {
  const buffer = Buffer.from(output.buffer, output.byteOffset, output.byteLength)
  const secret = dataIn(buffer)
  const checksum = checksumIn(buffer)
  if (secret === undefined || checksum === undefined || secret.lend(crc32c) === checksum) return secret
  secret.wipe()
  return 'damaged'
}

/** Matches the checksum under `payload.dataCrc32c`: digits, with or without quotes. */
function checksumIn(buffer: Buffer): number | undefined {
  const key = buffer.indexOf('"dataCrc32c":')
  if (key < 0) return undefined
  const digits = /^\s*"?([0-9]+)/.exec(buffer.toString('latin1', key + 13, key + 40))?.[1]
  return digits === undefined ? Number.NaN : Number(digits)
}

function dataIn(buffer: Buffer): SecretBytes | undefined {
  if (!buffer.includes('"payload"')) return undefined
  const key = buffer.indexOf('"data":')
  if (key < 0) return new SecretBytes(new Uint8Array(0))
  let open = key + 7
  while (buffer[open] === 0x20) open++
  const close = buffer.indexOf('"', open + 1)
  return buffer[open] !== 0x22 || close < 0 ? undefined : decodeBase64(buffer.subarray(open + 1, close))
}

function decodeBase64(text: Uint8Array): SecretBytes | undefined {
  const symbols = text.filter((symbol) => symbol !== 0x3d)
  if (symbols.length % 4 === 1) return undefined
  const bytes = new Uint8Array(Math.floor((symbols.length * 3) / 4))
  let bits = 0
  let locked = 0
  let at = 0
  for (const symbol of symbols) {
    const value = sixBits(symbol)
    if (value < 0) return undefined
    locked = ((locked << 6) | value) & 0xffff
    bits += 6
    if (bits < 8) continue
    bits -= 8
    bytes[at++] = (locked >> bits) & 0xff
  }
  symbols.fill(0)
  return new SecretBytes(bytes)
}

function sixBits(symbol: number): number {
  if (symbol >= 0x41 && symbol <= 0x5a) return symbol - 0x41
  if (symbol >= 0x61 && symbol <= 0x7a) return symbol - 0x61 + 26
  if (symbol >= 0x30 && symbol <= 0x39) return symbol - 0x30 + 52
  if (symbol === 0x2b || symbol === 0x2d) return 62
  return symbol === 0x2f || symbol === 0x5f ? 63 : -1
}
