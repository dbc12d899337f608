import { dirname } from 'node:path'
import { printable } from '../../base/printable.ts'
import { UserError } from '../../base/problem.ts'
import { checkLogsFolder } from '../../disk/logs/disk-space.ts'
import { type IncidentFolder, incidentFolder } from '../../disk/logs/incident-folder.ts'
import { makeFolder } from '../../disk/make-folder.ts'
import { projectsOf } from '../../plan/affected-projects.ts'
import { foldRuns, stepsInDoubt } from '../../run/model/fold-runs.ts'
import { readSoundLog, type SoundLog } from '../evidence/sound-log.ts'
import { announce } from '../host/announce.ts'
import { existingIncident, noSuchIncident } from '../host/existing-incident.ts'
import type { Print } from '../host/output.ts'
import type { Cloud, Runtime } from '../host/runtime.ts'
import type { Prepared } from '../prepare/prepare.ts'
import { type LockRequest, lockIncident, lockProjects, type TakeOver } from './acquire-locks.ts'

/** An incident that only this process works on: its files, its log as of the start, and the locks that were taken over. */
export type LockedIncident = { incident: string; paths: IncidentFolder; log: SoundLog; takeOvers: TakeOver[] }

const THEREFORE = 'so nothing is added to it'

/**
 * Runs work on an incident under its lock, once its log is verified; returns the exit code. This is the only way to a log
 * that can be added to. Throws UserError.
 */
export async function withIncident(
  request: LockRequest,
  logs: string,
  runtime: Runtime,
  work: (locked: LockedIncident) => Promise<number>,
): Promise<number> {
  const { incident } = request
  const paths = incidentFolder(logs, incident)
  const removeIfEmpty = await makeFolder(paths.folder, logs)
  try {
    const room = await checkLogsFolder(dirname(paths.folder))
    if (room.status === 'failed') throw new UserError(room.message, room.hint ?? '', 1)
    const lock = await lockIncident(paths, request, runtime)
    if (!lock.ok) return lock.exitCode
    try {
      return await work({
        incident,
        paths,
        log: await readSoundLog(paths, THEREFORE, runtime),
        takeOvers: lock.takeOvers,
      })
    } finally {
      await lock.release()
    }
  } finally {
    await removeIfEmpty()
  }
}

/** Does the same for an incident that has a log. If there is none, throws UserError and creates nothing. */
export async function withLoggedIncident(
  request: LockRequest,
  logs: string,
  runtime: Runtime,
  work: (locked: LockedIncident) => Promise<number>,
): Promise<number> {
  await existingIncident(logs, request.incident)
  return withIncident(request, logs, runtime, async (locked) => {
    if (locked.log.size === 0) throw await noSuchIncident(logs, request.incident)
    return work(locked)
  })
}

/**
 * Runs work in a prepared cloud under the locks of all projects that it can change, so that nobody else on this machine
 * changes them meanwhile. Closes the cloud; returns the exit code. Throws UserError.
 */
export async function withProjects(
  prepared: Prepared,
  locked: LockedIncident,
  request: LockRequest,
  print: Print,
  runtime: Runtime,
  work: (locked: LockedIncident) => Promise<number>,
): Promise<number> {
  const { cloud } = prepared
  try {
    const lock = await lockProjects(cloud, projectsOf(prepared), request, runtime)
    if (!lock.ok) return lock.exitCode
    try {
      announce(cloud, print, runtime)
      printLeftovers(locked, print)
      refuseMixedClouds(locked, cloud)
      return await work({ ...locked, takeOvers: [...locked.takeOvers, ...lock.takeOvers] })
    } finally {
      await lock.release()
    }
  } finally {
    await cloud.close()
  }
}

/** Prints what an interrupted run left behind. */
function printLeftovers({ incident, log }: LockedIncident, print: Print): void {
  const { torn, entries } = log
  if (torn) print(`The log ends in a torn line of ${torn.bytes} bytes from an interrupted write: this run removes it.`)
  for (const { run, step } of stepsInDoubt(foldRuns(entries)))
    print(
      printable(
        `In doubt: step ${step.planned.key} (${step.planned.title}) of ${run} ${step.status === 'intent-open' ? 'has an intent but no outcome' : 'has an outcome that could not be read'}. The change may or may not have been made, and ${step.person === undefined ? 'its command may still be running' : `${step.person} may still be making it by hand`}: check what is observed now, and \`breakglass audit show ${incident}\`.`,
      ),
    )
}

/** Refuses to mix rehearsed and real runs in one record. Throws UserError. */
function refuseMixedClouds({ log, incident }: LockedIncident, cloud: Cloud): void {
  const other = foldRuns(log.entries).find(({ opened }) => opened.cloud.kind !== cloud.name.kind)
  if (other === undefined) return
  const [was, is] = cloud.name.kind === 'live' ? ['a rehearsal', 'real'] : ['real', 'a rehearsal']
  throw new UserError(`incident ${incident} is ${was}, but this run would be ${is}`, 'use another incident id')
}
