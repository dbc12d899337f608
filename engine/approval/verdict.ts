/** Somebody who signed, as the allowed_signers file lists them: all the principals of their key. */
export type Signer = { principals: string[]; key: string }

/** The result of checking a signature: the signer, or why it doesn't count. `key` is a fingerprint. */
export type SignatureVerdict =
  | { verdict: 'good'; signer: Signer }
  | { verdict: 'unreadable' }
  | { verdict: 'wrong-namespace'; key: string; namespace: string; wanted: string }
  | { verdict: 'broken'; key: string }
  | { verdict: 'unknown-key'; key: string }
  | { verdict: 'not-valid'; key: string; says: string }
  | { verdict: 'revoked'; key: string }
  | { verdict: 'nameless'; key: string; pattern: string }

/** Describes why a signature doesn't count. */
export function describeVerdict(verdict: Exclude<SignatureVerdict, { verdict: 'good' }>): string {
  switch (verdict.verdict) {
    case 'unreadable':
      return 'its signature is not an SSH signature'
    case 'wrong-namespace':
      return `its signature is for \`${verdict.namespace}\` instead of \`${verdict.wanted}\` (key ${verdict.key})`
    case 'broken':
      return `its signature does not match its text: it was changed after it was signed (key ${verdict.key})`
    case 'unknown-key':
      return `the key ${verdict.key} is not among the allowed signers`
    case 'not-valid':
      return `the key ${verdict.key} is not valid: ${verdict.says}`
    case 'revoked':
      return `the key ${verdict.key} is revoked`
    case 'nameless':
      return `the key ${verdict.key} identifies nobody: the allowed signers list it only under the pattern ${verdict.pattern}`
  }
}

/** Returns whether two signers are the same person: they share the key, or a principal in any spelling. */
export const samePerson = (a: Signer, b: Signer): boolean =>
  a.key === b.key || a.principals.some((principal) => includesPrincipal(b.principals, principal))

/** Returns whether a list contains a principal, in any spelling. */
export const includesPrincipal = (principals: string[], principal: string): boolean =>
  principals.some((other) => plainPrincipal(other) === plainPrincipal(principal))

/** Normalizes a principal for comparison: it ignores case, Unicode variants, and quotes and spaces around it. */
export const plainPrincipal = (principal: string): string =>
  withoutQuotes(principal.normalize('NFKC').replaceAll(/\p{Default_Ignorable_Code_Point}/gu, ''))
    .toUpperCase()
    .toLowerCase()
    .normalize('NFKC')

function withoutQuotes(text: string): string {
  const isQuote = (at: number) => /[\s"']/.test(text.charAt(at))
  let [start, end] = [0, text.length]
  while (start < end && isQuote(start)) start++
  while (end > start && isQuote(end - 1)) end--
  return text.slice(start, end)
}

/** Returns a signer's name for messages. */
export const nameOfSigner = ({ principals }: Signer): string => principals.join(', ')
