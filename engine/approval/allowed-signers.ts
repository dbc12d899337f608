import { readPublicKey } from './ssh-signature.ts'

/** A line of an allowed_signers file: its principals as written, and the fingerprint of its key or authority. */
export type AllowedLine = { principals: string[]; options: string; authority: boolean; key: string }

/** Reads the lines of an allowed_signers file that contain a key; ssh-keygen decides which of them count. */
export function readAllowedSigners(text: string): AllowedLine[] {
  return text.split(/\r?\n/).flatMap((raw): AllowedLine[] => {
    const line = raw.trimStart()
    const [, quoted, bare, rest = ''] = /^(?:"([^"]*)"|([^\s"#]\S*))\s+([\s\S]*)$/.exec(line) ?? []
    const listed = quoted ?? bare
    if (listed === undefined) return []
    const { options, key } = splitOptions(rest)
    const read = readPublicKey(key)
    if (read === undefined) return []
    const authority = /(^|,)cert-authority(,|$)/i.test(options.replaceAll(/"[^"]*"/g, ''))
    return [{ principals: listed.split(',').filter((each) => each !== ''), options, authority, key: read.fingerprint }]
  })
}

/** Returns the principals that an allowed_signers file gives a key by name; a pattern names nobody. */
export const principalsOf = (lines: AllowedLine[], key: string): string[] => [
  ...new Set(
    lines
      .filter((line) => !line.authority && line.key === key)
      .flatMap(({ principals }) => principals.filter((principal) => !isPattern(principal))),
  ),
]

/** Returns whether a principal of an allowed_signers file matches several names or excludes some. */
export const isPattern = (principal: string): boolean => /[*?]|^\s*!/.test(principal)

/** Returns the lines of a list that let somebody sign who could not sign before; new options only restrict. */
export function addedTo(was: string, is: string): AllowedLine[] {
  const before = readAllowedSigners(was)
  return readAllowedSigners(is).filter(
    (line) =>
      !before.some(
        (other) =>
          other.key === line.key &&
          other.principals.join(',') === line.principals.join(',') &&
          (other.options === line.options || (other.options === '' && !line.authority)),
      ),
  )
}

/** Splits the options, in which quoted text may contain anything, from the key after them. */
function splitOptions(rest: string): { options: string; key: string } {
  if (readPublicKey(rest) !== undefined) return { options: '', key: rest }
  const options = /^(?:"(?:\\.|[^"\\])*"|[^\s"])+/.exec(rest)?.[0] ?? ''
  return { options, key: rest.slice(options.length).trimStart() }
}
