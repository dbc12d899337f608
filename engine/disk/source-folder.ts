import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import writeFileAtomic from 'write-file-atomic'
import type { IncidentFolder } from './incident-folder.ts'

/** Keeps the files that a run was made from, as they were, under the digests that the log names them by. Throws where that fails. */
export async function keepSources(
  { sources }: IncidentFolder,
  used: { file: string; digest: string }[],
): Promise<void> {
  await mkdir(sources, { recursive: true, mode: 0o700 })
  const there = new Set(await readdir(sources))
  for (const { file, digest } of used) {
    const bytes = await readFile(file)
    const hash = createHash('sha256').update(bytes).digest('hex')
    const name = `${hash}${extname(file)}`
    if (digest === `sha256:${hash}` && !there.has(name))
      await writeFileAtomic(join(sources, name), bytes, { mode: 0o600 })
  }
}

/** The files that are kept there, by their SHA-256, whatever their names say; none where there is no such folder. */
export async function readSources({ sources }: IncidentFolder): Promise<Map<string, Uint8Array>> {
  const names = await readdir(sources).catch(() => [])
  const kept = await Promise.all(names.map((name) => readFile(join(sources, name)).catch(() => undefined)))
  return new Map(kept.flatMap((bytes) => (bytes ? [[createHash('sha256').update(bytes).digest('hex'), bytes]] : [])))
}
