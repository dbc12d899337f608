import { parentPort, workerData } from 'node:worker_threads'
import type { Diagnostic } from '../runbook/diagnostic.ts'
import type { Json } from '../runbook/json.ts'
import type { Source } from '../runbook/source.ts'
import { parseFile } from './parse-file.ts'

/** What a thread that parses files is started with; it takes the next share by the counter that all of them have. */
export type ShareGiven = { shares: string[][]; next: Int32Array; cwd: string }

/** A parsed file on its way out of its thread: its places stay behind. */
export type SharedFile = { file: string; source?: Source } & (
  | { ok: true; value: Json }
  | { ok: false; diagnostics: Diagnostic[] }
)

/** A share that is done: its number, and its files in their order. */
export type SharedFiles = { share: number; files: SharedFile[] }

// The YAML library looks into it at every token, and the real one takes its time each time.
// biome-ignore lint/style/noRestrictedGlobals: a thread has an environment of its own, and nothing here reads it.
process.env = {}
const { shares, next, cwd } = workerData as ShareGiven
for (let share = Atomics.add(next, 0, 1); share < shares.length; share = Atomics.add(next, 0, 1)) {
  const files = (shares[share] ?? []).map((file): SharedFile => {
    const { source, parsed } = parseFile(file, cwd)
    const said = parsed.ok ? { ok: true as const, value: parsed.document.value } : parsed
    return { file, ...(source ? { source } : {}), ...said }
  })
  parentPort?.postMessage({ share, files } satisfies SharedFiles)
}
