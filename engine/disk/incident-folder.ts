import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import writeFileAtomic from 'write-file-atomic'
import { Problem } from '../runbook/problem.ts'
import { describeTrouble, exitCodeOfTrouble } from './trouble.ts'

/** Where an incident's files are. */
export type IncidentFolder = {
  incident: string
  folder: string
  log: string
  record: string
  checkpoints: string
  sources: string
  allowedSigners: string
  lock: string
}

/** What an incident's id may look like: it is a folder's name, and people type it. */
export const INCIDENT = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/

/** The incidents that have a folder among the logs; none where there are no logs yet. Throws Problem. */
export async function incidentsIn(logs: string): Promise<string[]> {
  try {
    const found = await readdir(logs, { withFileTypes: true })
    return found.filter((entry) => !entry.isFile() && INCIDENT.test(entry.name)).map(({ name }) => name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw new Problem(
      `the logs in ${logs} can't be read: ${describeTrouble(error)}`,
      'check the folder and its permissions, or name another with --logs DIR',
      exitCodeOfTrouble(error),
    )
  }
}

/** The folder of an incident. Throws Problem for an id that could leave the logs folder or that nobody could type. */
export function incidentFolder(logs: string, incident: string): IncidentFolder {
  if (!INCIDENT.test(incident))
    throw new Problem(
      `${JSON.stringify(incident.slice(0, 100))} can't be an incident's id`,
      'use letters, digits, dots, hyphens and underscores, starting with a letter or digit: INC-1234',
    )
  const folder = join(logs, incident)
  return {
    incident,
    folder,
    log: join(folder, 'audit.jsonl'),
    record: join(folder, 'record.md'),
    checkpoints: join(folder, 'checkpoints'),
    sources: join(folder, 'sources'),
    allowedSigners: join(folder, 'allowed_signers'),
    lock: join(folder, 'lock'),
  }
}

/** The bytes of an incident's log; none where it has no log yet. Throws Problem. */
export const readLog = async (paths: IncidentFolder): Promise<Uint8Array> =>
  (await readIfThere(paths.log, 'log')) ?? new Uint8Array(0)

/** The record as it stands, to keep a person's own words; undefined where there is none yet. Throws Problem. */
export const readRecord = async (paths: IncidentFolder): Promise<string | undefined> =>
  (await readIfThere(paths.record, 'record'))?.toString('utf8')

async function readIfThere(file: string, what: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw unreadable(file, what, error)
  }
}

/** What is said of a file of an incident that is there and can't be read. */
export const unreadable = (file: string, what: string, error: unknown): Problem =>
  new Problem(
    `the ${what} ${file} can't be read: ${describeTrouble(error)}`,
    'check the file, its folder and their permissions',
    exitCodeOfTrouble(error),
  )

/** Replaces the record in one move: there is always a whole one. */
export const writeRecord = (paths: IncidentFolder, text: string): Promise<void> =>
  writeFileAtomic(paths.record, text, { mode: 0o600 })
