import type { Redactor } from './redact.ts'

/**
 * Where in some data a secret stands, as a path for people, if it stands anywhere: in a text, a number or a name.
 * Data is never masked: it must be true (an undo value, a digest), and the place of a mask would tell the secret.
 */
export function placeOfSecret(data: unknown, { reveals }: Pick<Redactor, 'reveals'>): string | undefined {
  const found = search(data, reveals)
  return found?.map((name) => (reveals(name) ? '(a name)' : name)).join(' › ')
}

function search(data: unknown, reveals: Redactor['reveals']): string[] | undefined {
  if (typeof data === 'string' || typeof data === 'number') return reveals(String(data)) ? [] : undefined
  if (typeof data !== 'object' || data === null) return undefined
  for (const [name, item] of Object.entries(data)) {
    if (reveals(name)) return [name]
    const found = search(item, reveals)
    if (found) return [Array.isArray(data) ? nameOf(item, name) : name, ...found]
  }
  return undefined
}

/** An item of a list goes by its key or name where it has one. */
function nameOf(item: unknown, index: string): string {
  const { key, name } = (typeof item === 'object' && item !== null ? item : {}) as Record<string, unknown>
  return typeof key === 'string' ? key : typeof name === 'string' ? name : String(Number(index) + 1)
}
