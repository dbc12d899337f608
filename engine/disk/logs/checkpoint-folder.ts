import { join } from 'node:path'
import type { Checkpoint } from '../../audit/checkpoint.ts'
import { checkpointsAmong, type KeptCheckpoint, keptCheckpoint } from '../../audit/verify-checkpoint.ts'
import { makeFolder } from '../make-folder.ts'
import type { IncidentFolder } from './incident-folder.ts'
import { addKept, checkFolders, listKept, Refused, readKept, replaceKept, syncFolder } from './kept-file.ts'

/** The largest checkpoint, signature or list of signers: 1 MiB. */
const LIMIT = 2 ** 20

/** Stores a checkpoint in a file named after its size. Throws UserError, also if there is a different one of that size. */
export async function keepCheckpoint({ checkpoints, logs }: IncidentFolder, { size, text }: Checkpoint): Promise<void> {
  await makeFolder(checkpoints, logs)
  addKept({ path: join(checkpoints, String(size)), logs, what: 'checkpoint' }, text)
}

/**
 * Stores the signature of a stored checkpoint, and its signer in the list of signers: the list first, since a signature by
 * nobody on it doesn't count. Throws UserError, also if there is a different signature.
 */
export async function keepSignature(
  paths: IncidentFolder,
  { size }: Checkpoint,
  signature: string,
  signer: string | undefined,
): Promise<void> {
  const { checkpoints, folder, logs } = paths
  checkFolders(checkpoints, logs)
  if (signer !== undefined) await addSigner(paths, signer)
  // A power failure must not lose anything that the signature covers.
  for (const each of [folder, checkpoints]) syncFolder(each)
  addKept({ path: join(checkpoints, `${size}.sig`), logs, what: 'signature' }, signature)
}

/** Returns all checkpoints of a log, smallest first; an unreadable one has an empty text. Throws UserError for files that no run can have created. */
export async function readCheckpoints({ checkpoints, logs }: IncidentFolder): Promise<KeptCheckpoint[]> {
  const read = (name: string, what: string, unreadable: string | undefined): string | undefined => {
    try {
      return readKept({ path: join(checkpoints, name), logs, what }, LIMIT)?.toString('utf8')
    } catch (error) {
      if (error instanceof Refused) throw error
      return unreadable
    }
  }
  return checkpointsAmong(listKept(checkpoints, logs)).map((name) =>
    keptCheckpoint(name, read(name, 'checkpoint', ''), read(`${name}.sig`, 'signature', undefined)),
  )
}

/** Reads the list of signers in a log's folder; empty if nobody signed. Throws UserError. */
export const readSigners = async ({ allowedSigners, logs }: IncidentFolder): Promise<string> =>
  readKept({ path: allowedSigners, logs, what: 'list of signers' }, LIMIT)?.toString('utf8') ?? ''

/** Adds a signer to the list in the log's folder, unless they are on it. Throws UserError. */
async function addSigner(paths: IncidentFolder, signer: string): Promise<void> {
  const list = await readSigners(paths)
  if (list.split('\n').includes(signer)) return
  replaceKept({ path: paths.allowedSigners, logs: paths.logs, what: 'list of signers' }, `${list}${signer}\n`)
}
