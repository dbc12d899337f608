import type { Entry } from '../../audit/entry.ts'
import { type Chain, verifyChain } from '../../audit/verify-chain.ts'
import { type CheckpointClaim, type Covered, checkAgainst, judgeKept, sizesOf } from '../../audit/verify-checkpoint.ts'
import type { Line } from '../../audit/verify-lines.ts'
import { makeRoots } from '../../audit/verify-merkle.ts'
import { makeSignedReader } from '../../audit/verify-people.ts'
import { judgeSources, makeNamedFiles, type SourcesVerdict } from '../../audit/verify-sources.ts'
import type { SshHost } from '../../ssh/keygen.ts'
import { checkPeople, type People } from './check-people.ts'
import { checkSignatures, type Signatures } from './check-signatures.ts'
import type { Evidence } from './read-evidence.ts'

/** What a reader has from elsewhere: a checkpoint, and a list of signers. */
export type FromElsewhere = { anchor?: CheckpointClaim; signers?: string }

/** What the evidence of an incident proves, and everything that is wrong with it. */
export type Verified = {
  log: Chain & Covered
  sources: SourcesVerdict
  signatures: Signatures
  people: People
  /** The entries after which a run makes a checkpoint, but without one in the log's folder. */
  unkept: number[]
  /** Everything that is wrong, except a torn last line; the first item is the most important. */
  wrong: string[]
  /** A description of a torn last line. It is an interrupted write, which a run may repair, only if nothing is wrong. */
  torn?: string
}

/** The entries after which a run makes a checkpoint. */
const MAKES_ONE: ReadonlySet<Entry['type']> = new Set<Entry['type']>([
  'run.opened',
  'run.resumed',
  'run.closed',
  'step.intent',
  'override.countersigned',
  'cloud.reconciled',
])

/**
 * Verifies an incident's log and the files stored with it, in one pass over the log: its chain, all checkpoints and their
 * signatures, what people have signed, and the files that were used. `visit` sees each line.
 */
export async function verifyEvidence(
  evidence: Evidence,
  { anchor, signers }: FromElsewhere,
  host: SshHost,
  visit: (line: Line) => void = () => {},
): Promise<Verified> {
  const { incident, checkpoints } = evidence
  const roots = makeRoots([...sizesOf(checkpoints), ...(anchor ? [anchor.size] : [])])
  const signed = makeSignedReader()
  const named = makeNamedFiles()
  const kept = new Set(checkpoints.map(({ name }) => name))
  const unkept: number[] = []
  const chain = verifyChain(
    evidence.log,
    (line) => {
      roots.take(line.bytes)
      signed.take(line)
      if (line.entry) named.take(line.entry)
      if (line.entry && MAKES_ONE.has(line.entry.type) && !kept.has(String(line.number))) unkept.push(line.number)
      visit(line)
    },
    incident,
  )
  const log = { ...chain, roots }
  const sources = judgeSources(evidence.kept, named.named())
  const signatures = await checkSignatures(evidence, signers, host)
  const people = await checkPeople(signed.read(evidence.log), evidence.sources, signers, host)
  const wrong = [...wrongWith(log, evidence, anchor), ...sources.wrong, ...signatures.wrong, ...people.wrong]
  const torn = log.torn ? { torn: describeTorn(log, wrong, evidence) } : {}
  return { log, sources, signatures, people, unkept, wrong, ...torn }
}

function wrongWith(log: Chain & Covered, evidence: Evidence, anchor: CheckpointClaim | undefined): string[] {
  const damage = log.damage.map(({ line, what }) => `line ${line} ${what}`)
  const against = anchor && checkAgainst(anchor, log)
  const beside = evidence.checkpoints.flatMap((kept) => judgeKept(kept, evidence.incident, log) ?? [])
  const gone =
    log.size === 0 ? evidence.remains.map((name) => `the log is missing: its runs wrote ${name} in its folder`) : []
  // A broken chain or the given checkpoint says it already: the stored checkpoints need not repeat it.
  return damage.length > 0
    ? [...damage, ...(against ? [against] : [])]
    : against
      ? [against]
      : beside.length > 0
        ? beside
        : gone
}

/** Describes a torn line; a line that a checkpoint covers was complete when that was made, so its write was not interrupted. */
function describeTorn({ size, torn }: Chain, wrong: string[], { checkpoints }: Evidence): string {
  const what = `torn last line: ${torn?.bytes} bytes without a line feed, SHA-256 ${torn?.sha256}`
  if (wrong.length === 0)
    return `${what}. A write was interrupted; the next run on the incident removes them and logs that`
  const covered = sizesOf(checkpoints).some((covers) => covers > size)
  return `${what}. ${covered ? `A checkpoint covers line ${size + 1}, so its write was not interrupted` : 'No run will add to this log'}`
}
