import type { SecretBytes } from '../steps/secret-bytes.ts'
import { base64Inside, shellQuoted } from './secret-forms.ts'

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

/**
 * Words that the log's own shape is made of. A secret that happens to be one of them is not told by it, but masked
 * it would make the log unreadable.
 */
const OWN_WORDS = new Set(
  (
    'type body incident title reason operator cloud kind scenario gcloud stand-in version account engine consent plan digest ' +
    'step decision choice observation status moved attempt action before undo verdict evidence readBack expectation ' +
    'reads durationMs check ending counts command argv project from secret cause state value exitCode stderr failure ' +
    'message environment name protected runbooks inventory inputs steps checks runbook description subject risk ' +
    'differences current wanted apply record fingerprint run.opened plan.made step.decided step.observed step.intent ' +
    'step.outcome check.observed run.closed live sandbox asked given-beforehand skip abort applied not-applied ' +
    'ambiguous in-doubt done failed drift declined interrupted conformant unknown absent denied no-login network ' +
    'timeout disabled-api no-gcloud undecided other not-found conflict unavailable invalid copy-secret none medium ' +
    'high skipped left unreadable backfill.observed file says repository commit implemented owed unchecked group byHand by-hand environment.entered by ' +
    'savedPlan id madeAt madeBy targets read marks etag generation resourceVersion lock.taken-over lock owner user host since'
  ).split(' '),
)

/** Masks every text inside a log entry, keys included, but for the words that make it an entry. */
export function maskDeep<T>(value: T, mask: (text: string) => string): T {
  return maskValue(value, (text) => (OWN_WORDS.has(text) ? text : mask(text)))
}

function maskValue<T>(value: T, mask: (text: string) => string): T {
  if (typeof value === 'string') return mask(value) as T
  if (Array.isArray(value)) return value.map((item) => maskValue(item, mask)) as T
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [mask(key), maskValue(item, mask)])) as T
}
