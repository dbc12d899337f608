import type { Entry } from './entry.ts'
import { eachLine, type Line } from './verify-lines.ts'
import { makeRoots, type Roots } from './verify-merkle.ts'

/** An entry that contains a person's signature. */
export type SignedEntry = Extract<Entry, { type: 'operator.identified' | 'plan.approved' | 'override.countersigned' }>

/** A person's signature as the log has it; `digest` and `revoked` identify the lists that it was checked with at the time. */
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

/** What people have signed in a log, in order, and what in the log they can have signed for. */
export type SignedLog = {
  signed: PersonSigned[]
  opened: Map<string, Pick<Opened, 'incident' | 'savedPlan'>>
  /** The digests of each run's plans. */
  plans: Map<string, string[]>
  /** The SHA-256 of each override's line, by entry number. */
  overrides: Map<number, string>
  /** The roots at the sizes that countersignatures name. */
  roots: Pick<Roots, 'at'>
}

/** Collects what people have signed while a log is read. */
export type SignedReader = {
  take(line: Line): void
  /** Returns what was found; reads the log again for the roots if somebody countersigned. */
  read(log: Iterable<Uint8Array>): SignedLog
}

/** Makes a reader that has seen no line yet. */
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
 * Returns why a statement isn't about the log that contains it, if so: a genuine signature proves nothing about anything
 * else. The entry's other members aren't trusted, since whoever can write the log can write them.
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
        : 'it approves a different plan than the one that was run'
    case 'Operator':
      if (statement.incident !== incident || statement.run !== run) return 'it is for another run'
      return [...(plans.get(run) ?? []), savedPlan?.digest].includes(statement.digest)
        ? undefined
        : 'it is for another plan'
    case 'Countersignature': {
      if (statement.incident !== incident || statement.run !== run) return 'it is for another run'
      const { override, log } = statement
      if (overrides.get(override.seq) !== override.hash) return 'it is for another override'
      const root = roots.at(log.size)
      return log.size < entry && root && Buffer.from(root).toString('base64') === log.root
        ? undefined
        : 'it does not match the log as it was at that time'
    }
    default:
      return 'its kind of statement is unknown'
  }
}
