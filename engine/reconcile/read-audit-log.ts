import type { Json } from '../base/json.ts'
import type { World } from '../steps/world.ts'
import { type LoggedChange, readEntry } from './cloud-change.ts'
import { filterFor, type Window } from './window.ts'

/** A project's Admin Activity log in a window: its changes and its number of entries, or why it could not be read. */
export type AuditLog = { changes: LoggedChange[]; entries: number } | { failed: string; denied: boolean }

const TIMEOUT_MS = 5 * 60_000

/** Reads a project's Admin Activity log; gcloud reads all pages. */
export async function readAuditLog(world: World, project: string, window: Window): Promise<AuditLog> {
  const argv = ['logging', 'read', filterFor(project, window), '--order=asc']
  const { failure, output } = await world.gcloud({ argv, project, timeoutMs: TIMEOUT_MS, onlyReads: true })
  if (failure) return { failed: failure.message, denied: failure.cause === 'denied' }
  const found = listIn(output)
  if (!found) return { failed: 'gcloud exited 0 but did not print a list', denied: false }
  return { changes: found.flatMap((entry) => readEntry(entry, project) ?? []), entries: found.length }
}

function listIn(output: Uint8Array): Json[] | undefined {
  try {
    const json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(output)) as Json
    return Array.isArray(json) ? json : undefined
  } catch {
    return undefined
  }
}
