import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The forms in which a secret could stand in a text, by name. */
export function formsOf(secret: Buffer): Record<string, Buffer> {
  const text = secret.toString('utf8')
  const isText = Buffer.from(text).equals(secret)
  const base64 = secret.toString('base64')
  const hex = secret.toString('hex')
  const forms: Record<string, string> = {
    base64: base64.replace(/=+$/, ''),
    base64url: secret.toString('base64url'),
    hex,
    'upper-case hex': hex.toUpperCase(),
    ...(isText
      ? {
          trimmed: text.trim(),
          'JSON-escaped': JSON.stringify(text.trim()).slice(1, -1),
          'URL-escaped': encodeURIComponent(text.trim()),
          'base64 without its last line feed': Buffer.from(text.trim()).toString('base64').replace(/=+$/, ''),
        }
      : {}),
  }
  return { raw: secret, ...Object.fromEntries(Object.entries(forms).map(([name, form]) => [name, Buffer.from(form)])) }
}

/** Every file under a folder, by path. */
export const filesUnder = (folder: string): Record<string, Buffer> =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((file) => [file, readFileSync(file)]),
  )

/** Where any form of any of the secrets is found: "place: secret, form". */
export function tracesOf(secrets: Record<string, Buffer>, places: Record<string, Buffer | string>): string[] {
  return Object.entries(places).flatMap(([place, content]) =>
    Object.entries(secrets).flatMap(([name, secret]) =>
      Object.entries(formsOf(secret))
        .filter(([, form]) => Buffer.from(content).includes(form))
        .map(([form]) => `${place}: ${name}, ${form}`),
    ),
  )
}
