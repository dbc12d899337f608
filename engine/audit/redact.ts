import type { SecretBytes } from '../steps/secret-bytes.ts'

/** What a masked secret looks like. */
export const MASK = '(secret)'

/** Secrets shorter than this are not masked in texts: hiding every `a` would hide everything. They are in no text in the first place. */
const SHORTEST = 4

/** Remembers secrets in the forms in which a text could hold them, and masks those forms. The second wall, not the first. */
export type Redactor = { remember(secret: SecretBytes): void; mask(text: string): string }

/** Makes a redactor; it holds the secrets in memory until the process ends. */
export function makeRedactor(): Redactor {
  const forms = new Set<string>()
  let sorted: string[] = []
  return {
    remember(secret) {
      for (const form of secret.lend(formsOf)) forms.add(form)
      sorted = [...forms].sort((a, b) => b.length - a.length)
    },
    mask: (text) => sorted.reduce((masked, form) => masked.replaceAll(form, MASK), text),
  }
}

/** A secret raw, line by line, and as base64, base64url, hex, URL- and JSON-escaped text. */
function formsOf(bytes: Uint8Array): string[] {
  if (bytes.length < SHORTEST) return []
  const buffer = Buffer.from(bytes)
  const raw = buffer.toString('utf8')
  const trimmed = raw.trim()
  const lines = raw.split(/\r?\n/).filter((line) => line.length >= 8)
  const texts = [raw, trimmed, ...lines]
  const forms = texts.flatMap((text) => [
    text,
    JSON.stringify(text).slice(1, -1),
    encodeURIComponent(text.toWellFormed()),
  ])
  for (const part of [buffer, Buffer.from(trimmed)]) {
    const base64 = part.toString('base64')
    forms.push(
      base64,
      base64.replaceAll('=', ''),
      part.toString('base64url'),
      part.toString('hex'),
      part.toString('hex').toUpperCase(),
    )
  }
  return forms.filter((form) => form.length >= SHORTEST)
}

/** Masks every text inside a JSON value, keys included. */
export function maskDeep<T>(value: T, mask: (text: string) => string): T {
  if (typeof value === 'string') return mask(value) as T
  if (Array.isArray(value)) return value.map((item) => maskDeep(item, mask)) as T
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [mask(key), maskDeep(item, mask)])) as T
}
