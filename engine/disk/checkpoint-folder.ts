import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import writeFileAtomic from 'write-file-atomic'
import type { Checkpoint } from '../audit/checkpoint.ts'
import type { KeptCheckpoint } from '../audit/verify-checkpoint.ts'
import type { IncidentFolder } from './incident-folder.ts'

/** Keeps a checkpoint, and its signature where there is one, in files that are named after its size. */
export async function keepCheckpoint(
  paths: IncidentFolder,
  { size, text }: Checkpoint,
  signature?: string,
): Promise<void> {
  const file = join(paths.checkpoints, String(size))
  await mkdir(paths.checkpoints, { recursive: true, mode: 0o700 })
  await writeFileAtomic(file, text, { mode: 0o600 })
  if (signature !== undefined) await writeFileAtomic(`${file}.sig`, signature, { mode: 0o600 })
}

/** All checkpoints beside a log, the smallest first; one that can't be read has no text. */
export async function readCheckpoints({ checkpoints }: IncidentFolder): Promise<KeptCheckpoint[]> {
  const names = await readdir(checkpoints).catch(() => [])
  const kept = names.filter((name) => /^[0-9]{1,15}$/.test(name)).sort((a, b) => Number(a) - Number(b))
  return Promise.all(
    kept.map(async (name) => {
      const text = await readFile(join(checkpoints, name), 'utf8').catch(() => '')
      const signature = await readFile(join(checkpoints, `${name}.sig`), 'utf8').catch(() => undefined)
      return { name, text, ...(signature === undefined ? {} : { signature }) }
    }),
  )
}

/** The list of signers beside a log; empty where nobody signed. */
export const readSigners = ({ allowedSigners }: IncidentFolder): Promise<string> =>
  readFile(allowedSigners, 'utf8').catch(() => '')

/** Adds a signer to the list beside the log, unless they are in it. */
export async function addSigner(paths: IncidentFolder, signer: string): Promise<void> {
  const list = await readSigners(paths)
  if (list.split('\n').includes(signer)) return
  await writeFileAtomic(paths.allowedSigners, `${list}${signer}\n`, { mode: 0o600 })
}
