import { suggest } from '../../base/suggest.ts'
import type { Finding } from './findings.ts'

/** The finding that a name is not among those that there are, with the one that was probably meant. */
export function unknownName(path: Finding['path'], what: string, name: string, known: string[]): Finding[] {
  if (known.includes(name)) return []
  const meant = suggest(name, known)
  const hint = meant
    ? `did you mean \`${meant}\`?`
    : known.length > 0
      ? `there are: ${known.join(', ')}`
      : `there are none yet`
  return [{ path, message: `there is no ${what} \`${name}\``, hint }]
}
