import type { SecretBytes } from '../steps/secret-bytes.ts'
import { base64Inside, shellQuoted } from './secret-forms.ts'

/** What a masked secret looks like. */
export const MASK = '(secret)'

/** Secrets shorter than this can't be masked in texts: hiding every `a` would hide everything. */
const SHORTEST = 4

/** What is shorter than this stands in data by chance: `prod`, `true`, a port. */
const TELLING = 8

/** A single word is in data by chance too: `internal`, `production`. */
const PLAIN_WORD = /^[A-Z]?[a-z]{1,11}$/

/** Remembers secrets in the forms in which a text could hold them. The second wall, not the first. */
export type Redactor = {
  /** Answers whether it can be hidden: a value that is too short would hide everything. */
  remember(secret: SecretBytes): boolean
  /** Names that are in every command anyway, such as a project's id: a secret that equals one hides nothing. */
  spare(names: string[]): void
  /** For text from outside: hides every form of every secret. */
  mask(text: string): string
  /** For data, which is kept as it is or not at all: whether it holds a secret that can't be there by chance. */
  reveals(text: string): boolean
}

/** Makes a redactor; it holds the secrets in memory until the process ends. */
export function makeRedactor(): Redactor {
  const forms = new Set<string>()
  const spared = new Set<string>()
  let hidden: string[] = []
  let telling: string[] = []
  const sort = () => {
    hidden = [...forms].filter((form) => !spared.has(form)).sort((a, b) => b.length - a.length)
    telling = hidden.filter((form) => form.length >= TELLING && !PLAIN_WORD.test(form))
  }
  return {
    remember(secret) {
      for (const form of secret.lend(formsOf)) forms.add(form)
      sort()
      return secret.lend(isMaskable)
    },
    spare(names) {
      for (const name of names) spared.add(name)
      sort()
    },
    mask: (text) => hidden.reduce((masked, form) => masked.replaceAll(form, MASK), text),
    reveals: (text) => telling.some((form) => text.includes(form)),
  }
}

/** Whether a secret's own text is long enough, without the line feed that many end in; of an empty one there is nothing to hide. */
function isMaskable(bytes: Uint8Array): boolean {
  const text = Buffer.from(bytes).toString('utf8').trim()
  return bytes.length === 0 || Math.min(text.length || bytes.length, bytes.length) >= SHORTEST
}

/** A secret raw, line by line, as base64 and base64url (alone, or inside something longer), as hex, and URL-, JSON- and shell-escaped. */
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
    encodeURIComponent(text.toWellFormed()).replaceAll('%20', '+'),
    ...shellQuoted(text),
  ])
  for (const part of [buffer, Buffer.from(trimmed)]) {
    const base64 = part.toString('base64')
    forms.push(
      base64,
      base64.replaceAll('=', ''),
      part.toString('base64url'),
      ...base64Inside(part),
      part.toString('hex'),
      part.toString('hex').toUpperCase(),
    )
  }
  return forms.filter((form) => form.length >= SHORTEST)
}
