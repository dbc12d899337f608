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
  }
}

/** Whether two signers are one person: a key or a principal of theirs is the same. */
export const samePerson = (a: Signer, b: Signer): boolean =>
  a.key === b.key || a.principals.some((principal) => b.principals.includes(principal))

/** A signer as people are told of them. */
export const nameOfSigner = ({ principals }: Signer): string => principals.join(', ')
