import { UserError } from '../base/problem.ts'
import type { Workspace } from '../disk/workspace.ts'
import type { RunEvent } from '../run/model/events.ts'
import { foldRuns } from '../run/model/fold-runs.ts'
import type { RunHost } from '../run/model/host.ts'
import type { RunState } from '../run/model/run-state.ts'
import type { StepState } from '../run/model/step-state.ts'
import { resolveDoubts } from '../run/resume.ts'
import { readSoundLog } from './evidence/sound-log.ts'
import { EXIT } from './exit-codes.ts'
import { progressFor } from './host/announce.ts'
import type { Print } from './host/output.ts'
import type { CloudChoice, Runtime } from './host/runtime.ts'
import type { LockRequest } from './locks/acquire-locks.ts'
import { type LockedIncident, withProjects } from './locks/locked-incident.ts'
import { addToLog } from './log/add-to-log.ts'
import { bindAsLogged, type NamedForRun, refuseOtherSandbox, refuseOtherWorld } from './prepare/from-log.ts'
import { openFor } from './prepare/prepare.ts'
import { readingHost } from './run-host.ts'

/** How to resolve the doubts of an incident: which ones, in which cloud, with which files, and what to do next if one remains. */
export type Reading = {
  isDoubtful: (state: StepState, run: RunState) => boolean
  choice: CloudChoice
  workspace: Workspace
  named: NamedForRun
  request: Omit<LockRequest, 'incident' | 'env'> & { yes?: boolean } & Parameters<typeof openFor>[2]
  next: string
  print: Print
  runtime: Runtime
}

/**
 * Observes each change of an incident's runs whose result is unknown, and logs what it finds. A doubt of an undo is left to
 * `resume`. Returns the incident with the results, or the exit code if a project is locked. Throws UserError if a change is
 * still in doubt.
 */
export async function readDoubts(first: LockedIncident, reading: Reading): Promise<LockedIncident | number> {
  let locked = first
  for (const run of foldRuns(first.log.entries)) {
    const isDoubtful = (state: StepState) => reading.isDoubtful(state, run)
    if (!run.plan || run.opened.undoes || ![...run.steps.values()].some(isDoubtful)) continue
    const read = await readRun(run, isDoubtful, locked, reading)
    if (typeof read === 'number') return read
    locked = read
  }
  return locked
}

async function readRun(
  run: RunState,
  isDoubtful: (state: StepState) => boolean,
  locked: LockedIncident,
  { choice, workspace, named, request, next, print, runtime }: Reading,
): Promise<LockedIncident | number> {
  refuseOtherWorld(run, choice)
  const ready = await bindAsLogged(run, named, choice, workspace, print, runtime)
  const prepared = await openFor(ready, choice, request, runtime)
  let doubts: string[] = []
  let { takeOvers } = locked
  const locks = { ...request, incident: locked.incident, env: ready.environment.name }
  const stopped = await withProjects(prepared, locked, locks, print, runtime, async (mine) => {
    refuseOtherSandbox(run, prepared.cloud)
    const events: RunEvent[] = []
    const progress = progressFor(request.json, print, runtime)
    const append: RunHost['append'] = async (event) => void events.push(event)
    const parts = { prepared, progress, print, runtime }
    const host = readingHost(parts, { yes: request.yes ?? false }, append, locked.log.entries, run.run)
    const known = await resolveDoubts(run, ready.steps, host, isDoubtful).finally(() => progress.close())
    if ('ending' in known) doubts = [known.reason]
    if (events.length === 0) return EXIT.done
    await addToLog(
      mine,
      events.map((event) => ({ run: run.run, event })),
      prepared.cloud,
      print,
      runtime,
    )
    // They are logged now.
    takeOvers = []
    return EXIT.done
  })
  if (stopped !== EXIT.done) return stopped
  if (doubts.length > 0) throw new UserError(doubts.join('; '), next, EXIT.inDoubt)
  return { ...locked, takeOvers, log: await readSoundLog(locked.paths, 'so nothing more is done', runtime) }
}
