import { hash } from 'node:crypto'
import type { Entry } from './entry.ts'

/** A whole line of a log: its number (from 1), its stored bytes without the line feed, their SHA-256, and the entry that it is, if it is one. */
export type Line = { number: number; bytes: Uint8Array; hash: string; entry?: Entry }

const FEED = 0x0a
const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Goes through the whole lines of a log whose bytes come in pieces; answers what stands behind the last line feed. */
export function eachLine(log: Iterable<Uint8Array>, look: (bytes: Uint8Array) => void): Uint8Array {
  let begun: Uint8Array[] = []
  for (const piece of log) {
    let from = 0
    for (let end = piece.indexOf(FEED); end !== -1; end = piece.indexOf(FEED, from)) {
      const bytes = piece.subarray(from, end)
      look(begun.length === 0 ? bytes : Buffer.concat([...begun, bytes]))
      begun = []
      from = end + 1
    }
    if (from < piece.length) begun.push(piece.subarray(from))
  }
  return Buffer.concat(begun)
}

/** Reads a line as an entry. */
export function readLine(bytes: Uint8Array, number: number): Line {
  const line = { number, bytes, hash: sha256(bytes) }
  try {
    const entry = JSON.parse(utf8.decode(bytes))
    return isEntry(entry) ? { ...line, entry } : line
  } catch {
    return line
  }
}

/** SHA-256 (hex) of stored bytes. */
export const sha256 = (bytes: Uint8Array): string => hash('sha256', bytes, 'hex')

// biome-ignore lint/suspicious/noExplicitAny: it can be any JSON.
const isEntry = (entry: any): boolean =>
  Number.isSafeInteger(entry?.seq) &&
  typeof entry.prev === 'string' &&
  typeof entry.type === 'string' &&
  typeof entry.time === 'string' &&
  typeof entry.run === 'string' &&
  typeof entry.body === 'object' &&
  entry.body !== null
