import { createHash } from 'node:crypto'
import { extname, join } from 'node:path'
import { makeFolder } from '../make-folder.ts'
import { readRegular } from '../regular-file.ts'
import type { IncidentFolder } from './incident-folder.ts'
import { addKept, listKept, Refused, readKept } from './kept-file.ts'

/** Stores copies of the files that a run was made from, under the digests that the log names. Throws if that fails. */
export async function keepSources(
  { sources, logs }: IncidentFolder,
  used: { file: string; digest: string }[],
): Promise<void> {
  await makeFolder(sources, logs)
  const there = new Set(listKept(sources, logs))
  for (const { file, digest } of used) {
    const bytes = readRegular(file)
    const hash = createHash('sha256').update(bytes).digest('hex')
    const name = `${hash}${extname(file)}`
    if (digest === `sha256:${hash}` && !there.has(name))
      addKept({ path: join(sources, name), logs, what: 'kept file' }, bytes)
  }
}

/** Stores a text that a run depends on under its SHA-256, with those files. Throws if that fails. */
export async function keepText({ sources, logs }: IncidentFolder, text: string, ending: string): Promise<void> {
  await makeFolder(sources, logs)
  const hash = createHash('sha256').update(text).digest('hex')
  addKept({ path: join(sources, `${hash}${ending}`), logs, what: 'kept file' }, Buffer.from(text))
}

/** A stored file, with the SHA-256 (hex) of its bytes, whatever its name says. */
export type Source = { name: string; hash: string; bytes: Uint8Array }

/** Returns the stored files; none if there is no such folder. Throws UserError. */
export const readSources = ({ sources, logs }: IncidentFolder): Source[] =>
  listKept(sources, logs)
    .toSorted()
    .flatMap((name) => {
      try {
        const bytes = readKept({ path: join(sources, name), logs, what: 'kept file' })
        return bytes ? [{ name, hash: createHash('sha256').update(bytes).digest('hex'), bytes }] : []
      } catch (error) {
        if (error instanceof Refused) throw error
        return []
      }
    })
