import { dirname } from 'node:path'
import { type Verification, verifyLog } from '../audit/verify.ts'
import { coveredBy, judgeKept, sizesOf } from '../audit/verify-checkpoint.ts'
import { readCheckpoints } from '../disk/checkpoint-folder.ts'
import { type IncidentFolder, incidentFolder, readLog } from '../disk/incident-folder.ts'
import { lookAtLogs } from '../disk/log-room.ts'
import { makeFolder } from '../disk/make-folder.ts'
import { projectsOf } from '../plan/reached.ts'
import { foldRuns, openIntents } from '../run/state.ts'
import { printable } from '../runbook/printable.ts'
import { Problem } from '../runbook/problem.ts'
import { existingIncident, noSuchIncident } from './existing-incident.ts'
import type { Cloud, Outside } from './outside.ts'
import type { Prepared } from './prepare.ts'
import type { Say } from './say.ts'
import { announce } from './screen.ts'
import { type LockRequest, lockIncident, lockProjects, type TakeOver } from './take-locks.ts'

/** An incident that only this process works on: its files, what its log said when that began, and whose locks were taken over. */
export type Held = { incident: string; paths: IncidentFolder; log: Verification; takeOvers: TakeOver[] }

/** Does work on an incident under its lock, once its log is known to be sound; answers the exit code. Throws Problem. */
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
      return await work({ incident, paths, log: await readSound(paths, incident), takeOvers: lock.takeOvers })
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
      await sayLeftovers(held, say)
      refuseMixedClouds(held, cloud)
      return await work({ ...held, takeOvers: [...held.takeOvers, ...lock.takeOvers] })
    } finally {
      await lock.release()
    }
  } finally {
    await cloud.close()
  }
}

async function readSound(paths: IncidentFolder, incident: string): Promise<Verification> {
  const log = verifyLog(await readLog(paths), incident)
  refuseLost(incident, log, await lossOf(paths, incident, log))
  if (log.damage.length === 0) return log
  throw new Problem(
    `the log of ${incident} is damaged (line ${log.damage[0]?.line} ${log.damage[0]?.what}), so nothing is added to it`,
    `look at it with \`breakglass audit verify ${incident}\`, or use another incident id`,
  )
}

/** What a log has lost that the checkpoints beside it say it had; undefined where it has lost nothing. */
export async function lossOf(
  paths: IncidentFolder,
  incident: string,
  { lines }: Verification,
): Promise<string | undefined> {
  const kept = (await readCheckpoints(paths)).filter(({ text }) => text !== '')
  const log = coveredBy(lines, sizesOf(kept))
  return kept.map((checkpoint) => judgeKept(checkpoint, incident, log)).find((flaw) => flaw !== undefined)
}

/** Nobody adds to what runs have left in a log that lost something since. Throws Problem. */
export async function refuseCutLog({ incident, paths, log }: Held): Promise<void> {
  const loss = await lossOf(paths, incident, log)
  if (loss === undefined) return
  throw new Problem(
    `the log of ${incident} is not what its last run left: ${loss}`,
    `find out why before you add to it: \`breakglass audit verify ${incident}\``,
    1,
  )
}

/** A log of which nothing is left is not begun anew. Throws Problem. */
function refuseLost(incident: string, { size }: Verification, loss: string | undefined): void {
  if (size > 0 || loss === undefined) return
  throw new Problem(
    `the log of ${incident} is gone, and checkpoints beside it say that it was there, so nothing is added to it`,
    `look at it with \`breakglass audit verify ${incident}\`, or use another incident id`,
    1,
  )
}

/** Says what a run that was cut off has left behind. */
async function sayLeftovers({ incident, paths, log }: Held, say: Say): Promise<void> {
  const { torn, entries } = log
  const loss = await lossOf(paths, incident, log)
  if (loss !== undefined)
    say(`The log is not what its last run left (${loss}): \`breakglass audit verify ${incident}\` tells more.`)
  if (torn)
    say(`The log ends in a torn last line of ${torn.bytes} bytes, of a write that was cut off: the run cuts it off.`)
  for (const { run, step } of openIntents(foldRuns(entries)))
    say(
      printable(
        `In doubt: step ${step.planned.key} (${step.planned.title}) of ${run} has an intent and no outcome. Its change may be there or not, and ${step.person === undefined ? 'its command' : `${step.person}, who makes it by hand,`} may still be at work: look at what is observed now, and at \`breakglass audit show ${incident}\`.`,
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
