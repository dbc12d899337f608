import { parentPort, workerData } from 'node:worker_threads'
import type { Diagnostic } from '../../base/diagnostic.ts'
import type { Json } from '../../base/json.ts'
import type { Source } from '../../base/source.ts'
import { type ParsedFile, parseFile } from './parse-file.ts'

/** The start data of a parsing thread; threads take the next share from a common counter. */
export type ShareGiven = { shares: string[][]; next: Int32Array; cwd: string }

/** A parsed file as a thread sends it: without the positions. */
export type SharedFile =
  | { ok: true; file: string; source: Source; value: Json }
  | { ok: false; file: string; source?: Source; diagnostics: Diagnostic[] }

/** A parsed share: its number, and its files in order. */
export type SharedFiles = { share: number; files: SharedFile[] }

// The YAML library reads the environment at every token, which is slow on the real one.
// biome-ignore lint/style/noRestrictedGlobals: a thread has its own environment, and nothing here reads it.
process.env = {}
const { shares, next, cwd } = workerData as ShareGiven
for (let share = Atomics.add(next, 0, 1); share < shares.length; share = Atomics.add(next, 0, 1)) {
  const files = (shares[share] ?? []).map((file) => sharedFile(parseFile(file, cwd)))
  parentPort?.postMessage({ share, files } satisfies SharedFiles)
}

function sharedFile({ file, source, parsed }: ParsedFile): SharedFile {
  if (parsed.ok) return { ok: true, file, source: parsed.document.source, value: parsed.document.value }
  return { ok: false, file, ...(source ? { source } : {}), diagnostics: parsed.diagnostics }
}
