import { parentPort, workerData } from 'node:worker_threads'
import type { Diagnostic } from '../../base/diagnostic.ts'
import type { Json } from '../../base/json.ts'
import type { Source } from '../../base/source.ts'
import { type ParsedFile, parseFile } from './parse-file.ts'

/** What a thread that parses files is started with; it takes the next share by the counter that all of them have. */
export type ShareGiven = { shares: string[][]; next: Int32Array; cwd: string }

/** A parsed file on its way out of its thread: its places stay behind. */
export type SharedFile =
  | { ok: true; file: string; source: Source; value: Json }
  | { ok: false; file: string; source?: Source; diagnostics: Diagnostic[] }

/** A share that is done: its number, and its files in their order. */
export type SharedFiles = { share: number; files: SharedFile[] }

// The YAML library looks into it at every token, and the real one takes its time each time.
// biome-ignore lint/style/noRestrictedGlobals: a thread has an environment of its own, and nothing here reads it.
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
