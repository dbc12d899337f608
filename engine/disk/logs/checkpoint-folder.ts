import { join } from 'node:path'
import type { Checkpoint } from '../../audit/checkpoint.ts'
import { checkpointsAmong, type KeptCheckpoint, keptCheckpoint } from '../../audit/verify-checkpoint.ts'
import { makeFolder } from '../make-folder.ts'
import type { IncidentFolder } from './incident-folder.ts'
import { addKept, checkFolders, listKept, Refused, readKept, replaceKept, syncFolder } from './kept-file.ts'

/** The largest that a checkpoint, its signature or a list of signers may be: 1 MiB. */
const LIMIT = 2 ** 20

/** Keeps a checkpoint in a file that is named after its size. Throws UserError, also where there is another one of that size. */
export async function keepCheckpoint({ checkpoints, logs }: IncidentFolder, { size, text }: Checkpoint): Promise<void> {
  await makeFolder(checkpoints, logs)
  addKept({ path: join(checkpoints, String(size)), logs, what: 'checkpoint' }, text)
}

/**
 * Keeps the signature of a checkpoint that is kept, and who made it in the list of signers: first the list, since a
 * signature of nobody in it counts for nothing. Throws UserError, also where there is another signature.
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
  // Nothing may be lost with the power of which the signature says that it was there.
  for (const each of [folder, checkpoints]) syncFolder(each)
  addKept({ path: join(checkpoints, `${size}.sig`), logs, what: 'signature' }, signature)
}

/** All checkpoints beside a log, the smallest first; one that can't be read has an empty text. Throws UserError for what no run can have put there. */
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

/** The list of signers beside a log; empty where nobody signed. Throws UserError. */
export const readSigners = async ({ allowedSigners, logs }: IncidentFolder): Promise<string> =>
  readKept({ path: allowedSigners, logs, what: 'list of signers' }, LIMIT)?.toString('utf8') ?? ''

/** Adds a signer to the list beside the log, unless they are in it. Throws UserError. */
async function addSigner(paths: IncidentFolder, signer: string): Promise<void> {
  const list = await readSigners(paths)
  if (list.split('\n').includes(signer)) return
  replaceKept({ path: paths.allowedSigners, logs: paths.logs, what: 'list of signers' }, `${list}${signer}\n`)
}
