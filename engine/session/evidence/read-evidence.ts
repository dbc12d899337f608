import { createHash } from 'node:crypto'
import { resolve } from 'node:path'
import { verifyChain } from '../../audit/verify-chain.ts'
import { checkpointsAmong, type KeptCheckpoint, keptCheckpoint } from '../../audit/verify-checkpoint.ts'
import { type KeptFile, keptFile } from '../../audit/verify-sources.ts'
import { UserError } from '../../base/problem.ts'
import { readCheckpoints, readSigners } from '../../disk/logs/checkpoint-folder.ts'
import { hasRecord, type IncidentFolder, logChunks } from '../../disk/logs/incident-folder.ts'
import { readSources } from '../../disk/logs/source-folder.ts'
import { readNamed } from '../../disk/regular-file.ts'
import { unpackTar } from '../../disk/tar.ts'
import { existingIncident, remainsOf } from '../host/existing-incident.ts'
import { logsFolder } from '../host/logs-folder.ts'
import type { CommonOptions } from '../host/options.ts'
import type { Runtime } from '../host/runtime.ts'

/** Everything that a verification reads: a log's bytes, in chunks, and the files stored with it. */
export type Evidence = {
  incident: string
  log: Iterable<Uint8Array>
  checkpoints: KeptCheckpoint[]
  /** The keys that signed the checkpoints, according to the runs. */
  signers: string
  /** The files that the runs used, by SHA-256. */
  sources: ReadonlyMap<string, Uint8Array>
  /** The same files, by name. */
  kept: KeptFile[]
  /** Other files in the folder, which nothing in the log covers. */
  unvouched: string[]
  /** Names of files that only a run with log entries leaves in the folder. */
  remains: string[]
}

/** Reads the evidence in an incident's folder, or in an archive of it. Throws UserError if there is no log. */
export async function readEvidence(given: string, options: CommonOptions, runtime: Runtime): Promise<Evidence> {
  if (given.endsWith('.tar')) return readArchive(given, runtime)
  return evidenceIn(await existingIncident(logsFolder(options, runtime), given))
}

/** Reads the evidence in an incident's folder; unless its bytes are given, the log is read from the disk as it is verified. Throws UserError. */
export async function evidenceIn(paths: IncidentFolder, log: Evidence['log'] = logChunks(paths)): Promise<Evidence> {
  const found = readSources(paths)
  return {
    incident: paths.incident,
    log,
    checkpoints: await readCheckpoints(paths),
    signers: await readSigners(paths),
    sources: new Map(found.map(({ hash, bytes }) => [hash, bytes])),
    kept: found.map(({ name, hash, bytes }) => keptFile(name, hash, bytes)),
    unvouched: hasRecord(paths) ? ['record.md'] : [],
    remains: await remainsOf(paths),
  }
}

/** The largest archive that is read: 1 GiB. */
const LARGEST_ARCHIVE = 2 ** 30

/** A file that a run used, in an archive. */
const SOURCE = /^sources\/([0-9a-f]{64})(?:\.|$)/

/** What is checked in an archive, apart from the plans of its log. */
const VOUCHED = /^(audit\.jsonl|allowed_signers|checkpoints\/[0-9]{1,15}(\.sig)?|sources\/.+)$/

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

async function readArchive(given: string, { cwd }: Runtime): Promise<Evidence> {
  const refuse = (why: string) =>
    new UserError(`cannot verify ${given}: ${why}`, 'check the path, or export it again', 1)
  const bytes = await readNamed(resolve(cwd, given), LARGEST_ARCHIVE).catch(({ message }: Error) => {
    throw refuse(message)
  })
  try {
    const files = new Map(unpackTar(bytes).map((file) => [file.name, file.bytes]))
    const text = (name: string) => (files.has(name) ? Buffer.from(files.get(name) ?? []).toString('utf8') : undefined)
    const log = files.get('audit.jsonl')
    if (!log) throw new Error('it has no log')
    const named = namedIn(log)
    refuseChanged(files, named.plans)
    const checkpoints = checkpointsAmong(
      [...files.keys()].flatMap((name) => /^checkpoints\/(.+)$/.exec(name)?.[1] ?? []),
    ).map((name) => keptCheckpoint(name, text(`checkpoints/${name}`), text(`checkpoints/${name}.sig`)))
    const sources = new Map([...files].flatMap(([name, bytes]) => (SOURCE.test(name) ? [[sha256(bytes), bytes]] : [])))
    const kept = [...files].flatMap(([name, bytes]) =>
      name.startsWith('sources/') ? [keptFile(name.slice('sources/'.length), sha256(bytes), bytes)] : [],
    )
    const unvouched = [...files.keys()].filter((name) => !VOUCHED.test(name) && !named.plans.has(name))
    const signers = text('allowed_signers') ?? ''
    return { incident: named.incident, log: [log], checkpoints, signers, sources, kept, unvouched, remains: [] }
  } catch (error) {
    throw refuse((error as Error).message)
  }
}

/** Returns the incident of a log, from its first entry, and the file names of its runs' plans, with their digests. */
function namedIn(log: Uint8Array): { incident: string; plans: Map<string, string> } {
  const named = { incident: '', plans: new Map<string, string>() }
  verifyChain([log], ({ entry }) => {
    if (named.incident === '' && entry?.type === 'run.opened') named.incident = entry.body.incident
    if (entry?.type === 'plan.made')
      named.plans.set(`plans/${entry.run}-${entry.seq}.json`, entry.body.digest.slice('sha256:'.length))
  })
  return named
}

/** Refuses plans and sources that don't have the digests in the log. Throws an Error. */
function refuseChanged(files: Map<string, Uint8Array>, plans: Map<string, string>): void {
  for (const [name, bytes] of files) {
    const named = SOURCE.exec(name)?.[1] ?? plans.get(name)
    if (named !== undefined && sha256(bytes) !== named) throw new Error(`${name} is not the file that the log names`)
  }
}
