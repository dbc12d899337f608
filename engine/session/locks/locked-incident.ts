import { dirname } from 'node:path'
import { printable } from '../../base/printable.ts'
import { Problem } from '../../base/problem.ts'
import { lookAtLogs } from '../../disk/logs/disk-space.ts'
import { type IncidentFolder, incidentFolder } from '../../disk/logs/incident-folder.ts'
import { makeFolder } from '../../disk/make-folder.ts'
import { projectsOf } from '../../plan/affected-projects.ts'
import { foldRuns, stepsInDoubt } from '../../run/model/fold-runs.ts'
import { readSoundLog, type SoundLog } from '../evidence/sound-log.ts'
import { announce } from '../host/announce.ts'
import { existingIncident, noSuchIncident } from '../host/existing-incident.ts'
import type { Say } from '../host/output.ts'
import type { Cloud, Outside } from '../host/runtime.ts'
import type { Prepared } from '../prepare/prepare.ts'
import { type LockRequest, lockIncident, lockProjects, type TakeOver } from './acquire-locks.ts'

/** An incident that only this process works on: its files, what its log said when that began, and whose locks were taken over. */
export type Held = { incident: string; paths: IncidentFolder; log: SoundLog; takeOvers: TakeOver[] }

const THEREFORE = 'so nothing is added to it'

/**
 * Does work on an incident under its lock, once its log is known to be sound; answers the exit code. This is the only way
 * to a log that is added to. Throws Problem.
 */
export async function holdIncident(
  request: LockRequest,
  logs: string,
  outside: Outside,
  work: (held: Held) => Promise<number>,
): Promise<number> {
  const { incident } = request
  const paths = incidentFolder(logs, incident)
  const removeIfEmpty = await makeFolder(paths.folder, logs)
  try {
    const room = await lookAtLogs(dirname(paths.folder))
    if (room.status === 'failed') throw new Problem(room.says, room.mend ?? '', 1)
    const lock = await lockIncident(paths, request, outside)
    if (!lock.ok) return lock.exitCode
    try {
      return await work({
        incident,
        paths,
        log: await readSoundLog(paths, THEREFORE, outside),
        takeOvers: lock.takeOvers,
      })
    } finally {
      await lock.release()
    }
  } finally {
    await removeIfEmpty()
  }
}

/** Does the same on an incident that was logged before. Throws Problem, with nothing created, where there is none. */
export async function holdLogged(
  request: LockRequest,
  logs: string,
  outside: Outside,
  work: (held: Held) => Promise<number>,
): Promise<number> {
  await existingIncident(logs, request.incident)
  return holdIncident(request, logs, outside, async (held) => {
    if (held.log.size === 0) throw await noSuchIncident(logs, request.incident)
    return work(held)
  })
}

/**
 * Does work in the cloud that was prepared, under the locks of all projects that it can change: nobody else on this machine
 * changes one of them meanwhile.
 * Closes the cloud; answers the exit code. Throws Problem.
 */
export async function holdProject(
  prepared: Prepared,
  held: Held,
  request: LockRequest,
  say: Say,
  outside: Outside,
  work: (held: Held) => Promise<number>,
): Promise<number> {
  const { cloud } = prepared
  try {
    const lock = await lockProjects(cloud, projectsOf(prepared), request, outside)
    if (!lock.ok) return lock.exitCode
    try {
      announce(cloud, say, outside)
      sayLeftovers(held, say)
      refuseMixedClouds(held, cloud)
      return await work({ ...held, takeOvers: [...held.takeOvers, ...lock.takeOvers] })
    } finally {
      await lock.release()
    }
  } finally {
    await cloud.close()
  }
}

/** Says what a run that was cut off has left behind. */
function sayLeftovers({ incident, log }: Held, say: Say): void {
  const { torn, entries } = log
  if (torn)
    say(`The log ends in a torn last line of ${torn.bytes} bytes, of a write that was cut off: the run cuts it off.`)
  for (const { run, step } of stepsInDoubt(foldRuns(entries)))
    say(
      printable(
        `In doubt: step ${step.planned.key} (${step.planned.title}) of ${run} ${step.fate === 'intent-open' ? 'has an intent and no outcome' : 'has no outcome that anybody could read'}. Its change may be there or not, and ${step.person === undefined ? 'its command' : `${step.person}, who makes it by hand,`} may still be at work: look at what is observed now, and at \`breakglass audit show ${incident}\`.`,
      ),
    )
}

/** What was rehearsed and what was real must never stand in one record. */
function refuseMixedClouds({ log, incident }: Held, cloud: Cloud): void {
  const other = foldRuns(log.entries).find(({ opened }) => opened.cloud.kind !== cloud.name.kind)
  if (other === undefined) return
  const [was, is] = cloud.name.kind === 'live' ? ['a rehearsal', 'real'] : ['real', 'a rehearsal']
  throw new Problem(`incident ${incident} is ${was}, and this run would be ${is}`, 'use another incident id')
}
