import { join } from 'node:path'
import type { Checkpoint } from '../audit/checkpoint.ts'
import type { KeptCheckpoint } from '../audit/verify-checkpoint.ts'
import type { IncidentFolder } from './incident-folder.ts'
import { listKept, Refused, readKept, replaceKept } from './kept-file.ts'
import { makeFolder } from './make-folder.ts'

/** The largest that a checkpoint, its signature or a list of signers may be: 1 MiB. */
const LIMIT = 2 ** 20

/** Keeps a checkpoint, and its signature where there is one, in files that are named after its size. Throws Problem. */
export async function keepCheckpoint(
  { checkpoints, logs }: IncidentFolder,
  { size, text }: Checkpoint,
  signature?: string,
): Promise<void> {
  const path = join(checkpoints, String(size))
  await makeFolder(checkpoints, logs)
  replaceKept({ path, logs, what: 'checkpoint' }, text)
  if (signature !== undefined) replaceKept({ path: `${path}.sig`, logs, what: 'signature' }, signature)
}

/** All checkpoints beside a log, the smallest first; one that can't be read has no text. Throws Problem for what no run can have put there. */
export async function readCheckpoints({ checkpoints, logs }: IncidentFolder): Promise<KeptCheckpoint[]> {
  const kept = listKept(checkpoints, logs)
    .filter((name) => /^[0-9]{1,15}$/.test(name))
    .sort((a, b) => Number(a) - Number(b))
  const read = (name: string, what: string): string | undefined => {
    try {
      return readKept({ path: join(checkpoints, name), logs, what }, LIMIT)?.toString('utf8')
    } catch (error) {
      if (error instanceof Refused) throw error
      return undefined
    }
  }
  return kept.map((name) => {
    const signature = read(`${name}.sig`, 'signature')
    return { name, text: read(name, 'checkpoint') ?? '', ...(signature === undefined ? {} : { signature }) }
  })
}

/** The list of signers beside a log; empty where nobody signed. Throws Problem. */
export const readSigners = async ({ allowedSigners, logs }: IncidentFolder): Promise<string> =>
  readKept({ path: allowedSigners, logs, what: 'list of signers' }, LIMIT)?.toString('utf8') ?? ''

/** Adds a signer to the list beside the log, unless they are in it. Throws Problem. */
export async function addSigner(paths: IncidentFolder, signer: string): Promise<void> {
  const list = await readSigners(paths)
  if (list.split('\n').includes(signer)) return
  replaceKept({ path: paths.allowedSigners, logs: paths.logs, what: 'list of signers' }, `${list}${signer}\n`)
}
