import type { Entry } from './entry.ts'
import type { Line } from './verify-lines.ts'
import type { Roots } from './verify-merkle.ts'

/** An entry in which a person has signed. */
export type SignedEntry = Extract<Entry, { type: 'operator.identified' | 'plan.approved' | 'override.countersigned' }>

/** An entry by which a person's signature is judged, and the SHA-256 (hex) of its line. */
export type ConsentEntry = { entry: Entry; hash: string }

const ABOUT_CONSENT: ReadonlySet<Entry['type']> = new Set([
  'run.opened',
  'plan.made',
  'operator.identified',
  'plan.approved',
  'policy.overridden',
  'override.countersigned',
])

/** What a line has to say of people's consent; undefined where that is nothing. */
export const consentIn = ({ entry, hash }: Line): ConsentEntry | undefined =>
  entry !== undefined && ABOUT_CONSENT.has(entry.type) ? { entry, hash } : undefined

/** The sizes of the log at which people have signed its root. */
export const sizesSigned = (signed: PersonSigned[]): number[] =>
  signed.flatMap(({ statement }) => (statement.kind === 'Countersignature' ? [statement.log.size] : []))

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
export const signedIn = (consents: readonly ConsentEntry[]): PersonSigned[] =>
  consents
    .map(({ entry }) => entry)
    .filter(isSigned)
    .map(({ seq, type, body }) => {
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
  consents: readonly ConsentEntry[],
  roots: Pick<Roots, 'at'>,
): string | undefined {
  const entries = consents.map(({ entry }) => entry)
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
      const at = consents.find(({ entry }) => entry.seq === override.seq)
      if (at?.entry.type !== 'policy.overridden' || at.hash !== override.hash)
        return 'it was given for another override'
      const root = Buffer.from(roots.at(log.size) ?? []).toString('base64')
      return log.size < seq && root === log.root ? undefined : 'it was given for another log than this was by then'
    }
    default:
      return 'it is a statement of a kind that is not known'
  }
}
