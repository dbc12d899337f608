import type { Entry } from './entry.ts'
import { eachLine, type Line } from './verify-lines.ts'
import { makeRoots, type Roots } from './verify-merkle.ts'

/** An entry in which a person has signed. */
export type SignedEntry = Extract<Entry, { type: 'operator.identified' | 'plan.approved' | 'override.countersigned' }>

/** What a person signed, as a log has it; `digest` and `revoked` are of the lists that it was checked with then. */
export type PersonSigned = {
  entry: number
  run: string
  type: SignedEntry['type']
  statement: SignedEntry['body']['statement']
  signature: string
  signer: { principals: string[]; key: string }
  digest?: string
  revoked?: string
}

type Opened = Extract<Entry, { type: 'run.opened' }>['body']

/** What people have signed in a log, in its order, and what of the log they can have signed for. */
export type SignedLog = {
  signed: PersonSigned[]
  opened: Map<string, Pick<Opened, 'incident' | 'savedPlan'>>
  /** The digests of the plans that were made, by run. */
  plans: Map<string, string[]>
  /** The SHA-256 of the lines of overrides, by the number of their entry. */
  overrides: Map<number, string>
  /** The roots at the sizes that countersignatures name. */
  roots: Pick<Roots, 'at'>
}

/** Finds what people have signed in a log, as it is gone through. */
export type SignedReader = {
  take(line: Line): void
  /** What was found; goes through the log again for the roots, where somebody has countersigned. */
  read(log: Iterable<Uint8Array>): SignedLog
}

/** A reader that has seen no line yet. */
export function makeSignedReader(): SignedReader {
  const found: Found = { signed: [], opened: new Map(), plans: new Map(), overrides: new Map() }
  return {
    take: (line) => take(line, found),
    read(log) {
      const roots = makeRoots(
        found.signed.flatMap(({ statement }) => (statement.kind === 'Countersignature' ? [statement.log.size] : [])),
      )
      if (found.signed.some(({ statement }) => statement.kind === 'Countersignature')) eachLine(log, roots.take)
      return { ...found, roots }
    },
  }
}

type Found = Omit<SignedLog, 'roots'>

function take({ number, hash, entry }: Line, { signed, opened, plans, overrides }: Found): void {
  switch (entry?.type) {
    case 'run.opened': {
      const { incident, savedPlan } = entry.body
      opened.set(entry.run, { incident, ...(savedPlan ? { savedPlan } : {}) })
      return
    }
    case 'plan.made':
      plans.set(entry.run, [...(plans.get(entry.run) ?? []), entry.body.digest])
      return
    case 'policy.overridden':
      overrides.set(number, hash)
      return
    case 'operator.identified':
    case 'plan.approved':
    case 'override.countersigned':
      signed.push(personSigned(entry))
  }
}

function personSigned({ seq: entry, run, type, body }: SignedEntry): PersonSigned {
  const { statement, signature, principals, key, checkedWith } = body
  const { allowedSigners: digest, revokedKeys: revoked } = checkedWith
  return {
    ...{ entry, run, type, statement, signature, signer: { principals, key } },
    ...(digest === undefined ? {} : { digest }),
    ...(revoked === undefined ? {} : { revoked }),
  }
}

/**
 * Why a statement is not about the log that it stands in, if so: a genuine signature proves nothing where it was given
 * to something else. The entry's own members may be anything, since who can write a log can write them.
 */
export function misplaced(
  { entry, run, statement }: PersonSigned,
  { opened, plans, overrides, roots }: SignedLog,
): string | undefined {
  const own = opened.get(run)
  if (own === undefined) return 'it belongs to no run of this log'
  const { incident, savedPlan } = own
  switch (statement.kind) {
    case 'Approval':
      return statement.plan.id === savedPlan?.id && statement.plan.digest === savedPlan?.digest
        ? undefined
        : 'it was given to another plan than the one that was carried out'
    case 'Operator':
      if (statement.incident !== incident || statement.run !== run) return 'it was given for another run'
      return [...(plans.get(run) ?? []), savedPlan?.digest].includes(statement.digest)
        ? undefined
        : 'it was given for another plan'
    case 'Countersignature': {
      if (statement.incident !== incident || statement.run !== run) return 'it was given for another run'
      const { override, log } = statement
      if (overrides.get(override.seq) !== override.hash) return 'it was given for another override'
      const root = roots.at(log.size)
      return log.size < entry && root && Buffer.from(root).toString('base64') === log.root
        ? undefined
        : 'it was given for another log than this was by then'
    }
    default:
      return 'it is a statement of a kind that is not known'
  }
}
