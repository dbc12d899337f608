import { suggest } from '../../base/suggest.ts'
import type { Finding } from './findings.ts'

/** Returns a finding if a name is unknown, with the closest known name as a hint. */
export function unknownName(path: Finding['path'], what: string, name: string, known: string[]): Finding[] {
  if (known.includes(name)) return []
  const meant = suggest(name, known)
  const hint = meant
    ? `did you mean \`${meant}\`?`
    : known.length > 0
      ? `available: ${known.join(', ')}`
      : `no ${what} is defined`
  return [{ path, message: `there is no ${what} \`${name}\``, hint }]
}
