import { constants } from 'node:fs'
import { type FileHandle, mkdir, open, readdir, readFile, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import writeFileAtomic from 'write-file-atomic'
import type { LogStore } from '../audit/writer.ts'
import { Problem } from '../runbook/problem.ts'

/** Where an incident's files are. */
export type IncidentFolder = {
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
      `the logs in ${logs} can't be read: ${(error as Error).message}`,
      'check the folder and its permissions, or name another with --logs DIR',
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
    folder,
    log: join(folder, 'audit.jsonl'),
    record: join(folder, 'record.md'),
    checkpoints: join(folder, 'checkpoints'),
    sources: join(folder, 'sources'),
    allowedSigners: join(folder, 'allowed_signers'),
    lock: join(folder, 'lock'),
  }
}

/** Takes the folder away where nothing came into it. */
export const removeIfEmpty = (paths: IncidentFolder): Promise<void> => rmdir(paths.folder).catch(() => {})

/** The bytes of an incident's log; none where it has no log yet. */
export async function readLog(paths: IncidentFolder): Promise<Uint8Array> {
  try {
    return await readFile(paths.log)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Uint8Array(0)
    throw new Problem(
      `the log ${paths.log} can't be read: ${(error as Error).message}`,
      'check the folder and its permissions',
    )
  }
}

/** Opens an incident's log for appending, mode 0600; each append is on disk when it answers. Throws Problem. */
export async function openLog(paths: IncidentFolder): Promise<LogStore & { close(): Promise<void> }> {
  try {
    await mkdir(paths.folder, { recursive: true, mode: 0o700 })
    const file = await open(
      paths.log,
      constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW,
      0o600,
    )
    await syncFolder(paths.folder)
    return { append: (line) => appendLine(file, line), close: () => file.close() }
  } catch (error) {
    throw new Problem(
      `the log ${paths.log} can't be written: ${(error as Error).message}`,
      'nothing was changed; check the folder, or name another with --logs DIR',
    )
  }
}

async function appendLine(file: FileHandle, line: string): Promise<void> {
  const bytes = Buffer.from(`${line}\n`)
  const { bytesWritten } = await file.write(bytes)
  if (bytesWritten !== bytes.length) throw new Error(`only ${bytesWritten} of ${bytes.length} bytes were written`)
  await file.sync()
}

/** A new file is only there for good once its folder is on disk too. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY)
  await handle.sync().finally(() => handle.close())
}

/** The record as it stands, to keep a person's own words; undefined where there is none yet. */
export const readRecord = (paths: IncidentFolder): Promise<string | undefined> =>
  readFile(paths.record, 'utf8').catch(() => undefined)

/** Replaces the record in one move: there is always a whole one. */
export const writeRecord = (paths: IncidentFolder, text: string): Promise<void> =>
  writeFileAtomic(paths.record, text, { mode: 0o600 })
