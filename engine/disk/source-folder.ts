import { createHash } from 'node:crypto'
import { extname, join } from 'node:path'
import type { IncidentFolder } from './incident-folder.ts'
import { listKept, Refused, readKept, replaceKept } from './kept-file.ts'
import { makeFolder } from './make-folder.ts'
import { readRegular } from './regular-file.ts'

/** Keeps the files that a run was made from, as they were, under the digests that the log names them by. Throws where that fails. */
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
      replaceKept({ path: join(sources, name), logs, what: 'kept file' }, bytes)
  }
}

/** Keeps a text that a run goes by under its SHA-256, beside those files. Throws where that fails. */
export async function keepText({ sources, logs }: IncidentFolder, text: string, ending: string): Promise<void> {
  await makeFolder(sources, logs)
  const hash = createHash('sha256').update(text).digest('hex')
  replaceKept({ path: join(sources, `${hash}${ending}`), logs, what: 'kept file' }, Buffer.from(text))
}

/** The files that are kept there, by their SHA-256, whatever their names say; none where there is no such folder. Throws Problem. */
export async function readSources({ sources, logs }: IncidentFolder): Promise<Map<string, Uint8Array>> {
  const kept = listKept(sources, logs).map((name) => {
    try {
      return readKept({ path: join(sources, name), logs, what: 'kept file' })
    } catch (error) {
      if (error instanceof Refused) throw error
      return undefined
    }
  })
  return new Map(kept.flatMap((bytes) => (bytes ? [[createHash('sha256').update(bytes).digest('hex'), bytes]] : [])))
}
