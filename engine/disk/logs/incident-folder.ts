import { closeSync, lstatSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { UserError } from '../../base/problem.ts'
import { describeTrouble, exitCodeOfTrouble } from '../fs-errors.ts'
import { listFolders, openKept, readKept, replaceKept, unreadable } from './kept-file.ts'

/** The paths of an incident's files. */
export type IncidentFolder = {
  incident: string
  /** The folder of all logs. */
  logs: string
  folder: string
  log: string
  record: string
  checkpoints: string
  sources: string
  allowedSigners: string
  lock: string
}

/** The form of an incident's id: it is a folder's name, and people type it. */
export const INCIDENT = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/

/** Returns the incidents that have a folder among the logs; none if there are no logs yet. Throws UserError. */
export async function incidentsIn(logs: string): Promise<string[]> {
  try {
    return listFolders(logs, INCIDENT)
  } catch (error) {
    if (error instanceof UserError) throw error
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw new UserError(
      `cannot read the logs in ${logs}: ${describeTrouble(error)}`,
      'check the folder and its permissions, or choose another with --logs DIR',
      exitCodeOfTrouble(error),
    )
  }
}

/** Returns the paths of an incident. Throws UserError for an id that could leave the logs folder or that nobody could type. */
export function incidentFolder(logs: string, incident: string): IncidentFolder {
  if (!INCIDENT.test(incident))
    throw new UserError(
      `${JSON.stringify(incident.slice(0, 100))} is not a valid incident id`,
      'use letters, digits, dots, hyphens and underscores, starting with a letter or digit: INC-1234',
    )
  const folder = join(logs, incident)
  return {
    incident,
    logs,
    folder,
    log: join(folder, 'audit.jsonl'),
    record: join(folder, 'record.md'),
    checkpoints: join(folder, 'checkpoints'),
    sources: join(folder, 'sources'),
    allowedSigners: join(folder, 'allowed_signers'),
    lock: join(folder, 'lock'),
  }
}

/** The largest log that is read as a whole: 1 GiB. */
export const LARGEST_LOG = 2 ** 30

/** Reads the bytes of an incident's log; none if it has no log yet. Throws UserError. */
export const readLog = async ({ log, logs }: IncidentFolder): Promise<Uint8Array> =>
  readKept({ path: log, logs, what: 'log' }, LARGEST_LOG) ?? new Uint8Array(0)

/** Reads the current record, to keep a person's own text; undefined if there is none yet. Throws UserError. */
export const readRecord = async ({ record, logs }: IncidentFolder): Promise<string | undefined> =>
  readKept({ path: record, logs, what: 'record' })?.toString('utf8')

/** Returns whether anything has the record's name. */
export const hasRecord = ({ record }: IncidentFolder): boolean =>
  lstatSync(record, { throwIfNoEntry: false }) !== undefined

/** Replaces the record in one move, so that there is always a complete one. Throws UserError. */
export const writeRecord = async ({ record, logs }: IncidentFolder, text: string): Promise<void> =>
  replaceKept({ path: record, logs, what: 'record' }, text)

const CHUNK_BYTES = 256 * 1024

/**
 * Returns the bytes of an incident's log in chunks, read from the start by each iteration; none if it has no log yet. Reading
 * throws UserError.
 */
export const logChunks = (paths: IncidentFolder): Iterable<Uint8Array> => ({
  [Symbol.iterator]: () => readChunks(paths),
})

function* readChunks({ log: path, logs }: IncidentFolder): Generator<Uint8Array> {
  const kept = { path, logs, what: 'log' }
  const opened = openKept(kept)
  if (opened === undefined) return
  try {
    for (;;) {
      const piece = Buffer.allocUnsafe(CHUNK_BYTES)
      const length = readSync(opened, piece)
      if (length === 0) return
      yield piece.subarray(0, length)
    }
  } catch (error) {
    throw unreadable(kept, error)
  } finally {
    closeSync(opened)
  }
}
