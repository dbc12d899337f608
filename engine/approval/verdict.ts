/** Somebody who signed, as the allowed_signers file knows them: all the principals that the key stands for. */
export type Signer = { principals: string[]; key: string }

/** What checking a signature says: who it was, or why it doesn't count. `key` is a fingerprint. */
export type SignatureVerdict =
  | { verdict: 'good'; signer: Signer }
  | { verdict: 'unreadable' }
  | { verdict: 'wrong-namespace'; key: string; namespace: string; wanted: string }
  | { verdict: 'broken'; key: string }
  | { verdict: 'unknown-key'; key: string }
  | { verdict: 'not-valid'; key: string; says: string }
  | { verdict: 'revoked'; key: string }
  | { verdict: 'nameless'; key: string; pattern: string }

/** Why a signature doesn't count, in a few words. */
export function describeVerdict(verdict: Exclude<SignatureVerdict, { verdict: 'good' }>): string {
  switch (verdict.verdict) {
    case 'unreadable':
      return 'its signature is not an SSH signature'
    case 'wrong-namespace':
      return `its signature was made for \`${verdict.namespace}\` and not for \`${verdict.wanted}\` (key ${verdict.key})`
    case 'broken':
      return `its signature is over another text: it was changed after it was signed (key ${verdict.key})`
    case 'unknown-key':
      return `the key ${verdict.key} is unknown: it is not among the allowed signers`
    case 'not-valid':
      return `the key ${verdict.key} does not count: ${verdict.says}`
    case 'revoked':
      return `the key ${verdict.key} was revoked`
    case 'nameless':
      return `the key ${verdict.key} names nobody: the allowed signers have it only under the pattern ${verdict.pattern}`
  }
}

/** Whether two signers are one person: they share the key, or a principal in some form. */
export const samePerson = (a: Signer, b: Signer): boolean =>
  a.key === b.key || a.principals.some((principal) => includesPrincipal(b.principals, principal))

/** Whether a principal is among others, however either is written. */
export const includesPrincipal = (principals: string[], principal: string): boolean =>
  principals.some((other) => plainPrincipal(other) === plainPrincipal(principal))

/** The one form of a principal by which people are told apart: no case, no Unicode variants, no quotes and spaces around it. */
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

/** A signer as people are told of them. */
export const nameOfSigner = ({ principals }: Signer): string => principals.join(', ')
