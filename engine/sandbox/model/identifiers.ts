import { createHash } from 'node:crypto'

/** A source of random bytes; tests pass a fixed one. */
export type Random = (bytes: number) => Uint8Array

const letters = 'abcdefghijklmnopqrstuvwxyz'

/** Returns a random UUID, version 4. */
export function uuid(random: Random): string {
  const bytes = Buffer.from(random(16))
  bytes[6] = (bytes[6]! & 0x0f) | 0x40
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

/** Returns an etag in IAM's form: standard base64 that starts with `Bw`. */
export const etag = (random: Random): string => Buffer.concat([Uint8Array.of(7), random(7)]).toString('base64')

/** Returns a service account's unique id: 21 digits that start with 1. */
export const uniqueId = (random: Random): string => `1${Array.from(random(20), (byte) => byte % 10).join('')}`

/** Returns the three letters that end a revision's name. */
export const revisionSuffix = (random: Random): string => Array.from(random(3), (byte) => letters[byte % 26]).join('')

/** Returns the ten letters and digits that identify a project in its services' URLs, the same in every sandbox. */
export const projectHash = (number: string): string =>
  BigInt(`0x${createHash('sha256').update(number).digest('hex')}`)
    .toString(36)
    .slice(0, 10)

/** Returns the SHA-256 of bytes, in hex. */
export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
