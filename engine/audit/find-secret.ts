import type { Redactor } from './redact.ts'

/** A secret in some data: the path to it, for people, and the secret's name. */
export type FoundSecret = { place: string; secret: string }

/**
 * Returns the first secret in some data: in a string, a number or a name; undefined if there is none. Data is never masked: it
 * must be true (an undo value, a digest), and the place of a mask would reveal the secret.
 */
export function findSecret(data: unknown, { secretIn }: Pick<Redactor, 'secretIn'>): FoundSecret | undefined {
  const found = search(data, secretIn)
  if (found === undefined) return undefined
  const place = found.path.map((name) => (secretIn(name) === undefined ? name : '(a name)')).join(' › ')
  return { place, secret: found.secret }
}

type Found = { path: string[]; secret: string }

function search(data: unknown, secretIn: Redactor['secretIn']): Found | undefined {
  if (typeof data === 'string' || typeof data === 'number') {
    const secret = secretIn(String(data))
    return secret === undefined ? undefined : { path: [], secret }
  }
  if (typeof data !== 'object' || data === null) return undefined
  for (const [name, item] of Object.entries(data)) {
    const secret = secretIn(name)
    if (secret !== undefined) return { path: [name], secret }
    const found = search(item, secretIn)
    if (found) return { ...found, path: [Array.isArray(data) ? nameOf(item, name) : name, ...found.path] }
  }
  return undefined
}

/** Returns the key or name of a list item, or its number if it has neither. */
function nameOf(item: unknown, index: string): string {
  const { key, name } = (typeof item === 'object' && item !== null ? item : {}) as Record<string, unknown>
  return typeof key === 'string' ? key : typeof name === 'string' ? name : String(Number(index) + 1)
}
