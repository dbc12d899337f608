import { createHash } from 'node:crypto'
import type { Entry } from './entry.ts'
import { merkleRoot } from './verify-merkle.ts'

/** An entry in which a person has signed. */
export type SignedEntry = Extract<Entry, { type: 'operator.identified' | 'plan.approved' | 'override.countersigned' }>

/** What a person signed, as a log has it; `digest` and `revoked` are of the lists that it was checked with then. */
export type PersonSigned = {
  entry: number
  type: SignedEntry['type']
  statement: SignedEntry['body']['statement']
  signature: string
  signer: { principals: string[]; key: string }
  digest?: string
  revoked?: string
}

/** The statements of people in a log, in its order. */
export const signedIn = (entries: readonly Entry[]): PersonSigned[] =>
  entries.filter(isSigned).map(({ seq, type, body }) => {
    const { statement, signature, principals, key, checkedWith } = body
    const { allowedSigners: digest, revokedKeys: revoked } = checkedWith
    return {
      ...{ entry: seq, type, statement, signature, signer: { principals, key } },
      ...(digest === undefined ? {} : { digest }),
      ...(revoked === undefined ? {} : { revoked }),
    }
  })

const isSigned = (entry: Entry): entry is SignedEntry =>
  entry.type === 'operator.identified' || entry.type === 'plan.approved' || entry.type === 'override.countersigned'

/**
 * Why a statement is not about the log that it stands in, if so: a genuine signature proves nothing where it was given
 * to something else. The entry's own members may be anything, since who can write a log can write them.
 */
export function misplaced(
  { entry: seq, statement }: PersonSigned,
  entries: readonly Entry[],
  lines: Uint8Array[],
): string | undefined {
  const own = entries.find((entry) => entry.seq === seq)
  const opened = entries.find((entry) => entry.type === 'run.opened' && entry.run === own?.run)
  if (own === undefined || opened?.type !== 'run.opened') return 'it belongs to no run of this log'
  const { incident, savedPlan } = opened.body
  switch (statement.kind) {
    case 'Approval':
      return statement.plan.id === savedPlan?.id && statement.plan.digest === savedPlan?.digest
        ? undefined
        : 'it was given to another plan than the one that was carried out'
    case 'Operator': {
      if (statement.incident !== incident || statement.run !== own.run) return 'it was given for another run'
      const digests = entries.flatMap((entry) =>
        entry.type === 'plan.made' && entry.run === own.run ? [entry.body.digest] : [],
      )
      return [...digests, savedPlan?.digest].includes(statement.digest) ? undefined : 'it was given for another plan'
    }
    case 'Countersignature': {
      if (statement.incident !== incident || statement.run !== own.run) return 'it was given for another run'
      const { override, log } = statement
      const at = entries.find((entry) => entry.seq === override.seq)
      const hash = createHash('sha256')
        .update(lines[override.seq - 1] ?? '')
        .digest('hex')
      if (at?.type !== 'policy.overridden' || hash !== override.hash) return 'it was given for another override'
      const root = Buffer.from(merkleRoot(lines.slice(0, log.size))).toString('base64')
      return log.size < seq && root === log.root ? undefined : 'it was given for another log than this was by then'
    }
    default:
      return 'it is a statement of a kind that is not known'
  }
}
