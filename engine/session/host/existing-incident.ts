import { existsSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { UserError } from '../../base/problem.ts'
import { suggestName } from '../../base/suggest.ts'
import { readCheckpoints, readSigners } from '../../disk/logs/checkpoint-folder.ts'
import { type IncidentFolder, incidentFolder, incidentsIn, readRecord } from '../../disk/logs/incident-folder.ts'
import { isDerived } from '../../record/prose.ts'

/** The most incidents that a hint lists, the newest first. */
const LISTED = 10

/** Returns the folder of a logged incident, and creates nothing. Throws UserError if there is none. */
export async function existingIncident(logs: string, incident: string): Promise<IncidentFolder> {
  const paths = incidentFolder(logs, incident)
  const isThere = (await loggedAt(paths)) !== undefined || existsSync(paths.lock)
  if (isThere || (await readCheckpoints(paths)).length > 0 || (await remainsOf(paths)).length > 0) return paths
  throw await noSuchIncident(logs, incident)
}

/** Returns the names of files that only a run with a log leaves, besides the log and its checkpoints. */
export async function remainsOf(paths: IncidentFolder): Promise<string[]> {
  // The command that writes the record reports one that can't be read.
  const record = (await readRecord(paths).catch(() => undefined)) ?? ''
  return [
    ...((await readSigners(paths)) === '' ? [] : ['allowed_signers']),
    ...(isDerived(record) ? ['record.md'] : []),
  ]
}

/** Returns the UserError for an incident that was never logged here, with those that were. */
export async function noSuchIncident(logs: string, incident: string): Promise<UserError> {
  const found = await Promise.all(
    (await incidentsIn(logs)).map(async (name) => ({ name, at: await loggedAt(incidentFolder(logs, name)) })),
  )
  const names = found
    .filter(({ at }) => at !== undefined)
    .sort((a, b) => Number(b.at) - Number(a.at) || a.name.localeCompare(b.name))
    .map(({ name }) => name)
  return new UserError(`there is no incident ${incident} in ${logs}`, hintFor(incident, names))
}

function hintFor(incident: string, names: string[]): string {
  if (names.length === 0) return 'no incident is logged there; name another folder with --logs DIR'
  const meant = suggestName(incident, names)
  const more = names.length > LISTED ? ` and ${names.length - LISTED} more` : ''
  const list = `incidents there: ${names.slice(0, LISTED).join(', ')}${more}; name another folder with --logs DIR`
  return meant === undefined ? list : `did you mean ${meant}? ${list}`
}

/** Returns when an incident's log was last written, in ms since 1970; undefined if there is no log, or an empty one. */
async function loggedAt({ log }: IncidentFolder): Promise<number | undefined> {
  try {
    const { size, mtimeMs } = await stat(log)
    return size === 0 ? undefined : mtimeMs
  } catch (error) {
    // The command that reads the log reports one that can't be read.
    return ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '') ? undefined : 0
  }
}
