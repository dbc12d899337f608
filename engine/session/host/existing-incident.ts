import { existsSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { UserError } from '../../base/problem.ts'
import { suggestName } from '../../base/suggest.ts'
import { readCheckpoints, readSigners } from '../../disk/logs/checkpoint-folder.ts'
import { type IncidentFolder, incidentFolder, incidentsIn, readRecord } from '../../disk/logs/incident-folder.ts'
import { isDerived } from '../../record/prose.ts'

/** So many incidents are listed in a hint, the newest first. */
const LISTED = 10

/** Returns the folder of an incident that was logged, and creates nothing. Throws UserError where there is none. */
export async function existingIncident(logs: string, incident: string): Promise<IncidentFolder> {
  const paths = incidentFolder(logs, incident)
  const isThere = (await loggedAt(paths)) !== undefined || existsSync(paths.lock)
  if (isThere || (await readCheckpoints(paths)).length > 0 || (await remainsOf(paths)).length > 0) return paths
  throw await noSuchIncident(logs, incident)
}

/** Returns the names of what only a run that has logged something leaves beside the log and its checkpoints. */
export async function remainsOf(paths: IncidentFolder): Promise<string[]> {
  // A record that can't be read is for whoever writes it to report.
  const record = (await readRecord(paths).catch(() => undefined)) ?? ''
  return [
    ...((await readSigners(paths)) === '' ? [] : ['allowed_signers']),
    ...(isDerived(record) ? ['record.md'] : []),
  ]
}

/** Returns the UserError that an incident was never logged here, with the incidents that were. */
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
  if (names.length === 0) return 'no incident is logged there; name the folder of your logs with --logs DIR'
  const meant = suggestName(incident, names)
  const more = names.length > LISTED ? ` and ${names.length - LISTED} more` : ''
  const list = `incidents there: ${names.slice(0, LISTED).join(', ')}${more}; name another folder with --logs DIR`
  return meant === undefined ? list : `did you mean ${meant}? ${list}`
}

/** Returns when an incident's log was last written, in ms since 1970; undefined where there is no log, or an empty one. */
async function loggedAt({ log }: IncidentFolder): Promise<number | undefined> {
  try {
    const { size, mtimeMs } = await stat(log)
    return size === 0 ? undefined : mtimeMs
  } catch (error) {
    // A log that is there and cannot be read is for whoever reads it to report.
    return ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '') ? undefined : 0
  }
}
