import type { Redactor } from './redact.ts'

/**
 * Returns the path, for people, to the first secret in some data: in a string, a number or a name. Undefined if there is
 * none. Data is never masked: it must be true (an undo value, a digest), and the place of a mask would reveal the secret.
 */
export function placeOfSecret(data: unknown, { reveals }: Pick<Redactor, 'reveals'>): string | undefined {
  return findSecret(data, { reveals })?.place
}

/** Returns that path with the secret's name. */
export function findSecret(
  data: unknown,
  { reveals }: Pick<Redactor, 'reveals'>,
): { place: string; secret: string } | undefined {
  const found = search(data, reveals)
  if (found === undefined) return undefined
  const place = found.path.map((name) => (reveals(name) === undefined ? name : '(a name)')).join(' › ')
  return { place, secret: found.secret }
}

type Found = { path: string[]; secret: string }

function search(data: unknown, reveals: Redactor['reveals']): Found | undefined {
  if (typeof data === 'string' || typeof data === 'number') {
    const secret = reveals(String(data))
    return secret === undefined ? undefined : { path: [], secret }
  }
  if (typeof data !== 'object' || data === null) return undefined
  for (const [name, item] of Object.entries(data)) {
    const secret = reveals(name)
    if (secret !== undefined) return { path: [name], secret }
    const found = search(item, reveals)
    if (found) return { ...found, path: [Array.isArray(data) ? nameOf(item, name) : name, ...found.path] }
  }
  return undefined
}

/** Returns the key or name of a list item, or its number if it has neither. */
function nameOf(item: unknown, index: string): string {
  const { key, name } = (typeof item === 'object' && item !== null ? item : {}) as Record<string, unknown>
  return typeof key === 'string' ? key : typeof name === 'string' ? name : String(Number(index) + 1)
}
