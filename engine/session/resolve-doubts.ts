import { Problem } from '../base/problem.ts'
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
import type { Say } from './host/output.ts'
import type { CloudChoice, Outside } from './host/runtime.ts'
import type { LockRequest } from './locks/acquire-locks.ts'
import { type Held, holdProject } from './locks/locked-incident.ts'
import { addToLog } from './log/add-to-log.ts'
import { bindAsLogged, type NamedForRun, refuseOtherSandbox, refuseOtherWorld } from './prepare/from-log.ts'
import { openFor } from './prepare/prepare.ts'
import { readingHost } from './run-host.ts'

/** How an incident's doubts are read: which of them, in which cloud, with which files, asking whom, and what comes once they are known. */
export type Reading = {
  isDoubtful: (state: StepState, run: RunState) => boolean
  choice: CloudChoice
  workspace: Workspace
  named: NamedForRun
  request: Omit<LockRequest, 'incident' | 'env'> & { yes?: boolean } & Parameters<typeof openFor>[2]
  next: string
  say: Say
  outside: Outside
}

/**
 * Reads each change of an incident's runs of which nobody knows yet whether it is there, and adds what that says to the log;
 * what an undo has left so is for `resume` to go on with. Answers the incident with that known, or the exit code where a
 * project is locked. Throws Problem where a change is still in doubt.
 */
export async function readDoubts(first: Held, reading: Reading): Promise<Held | number> {
  let held = first
  for (const run of foldRuns(first.log.entries)) {
    const isDoubtful = (state: StepState) => reading.isDoubtful(state, run)
    if (!run.plan || run.opened.undoes || ![...run.steps.values()].some(isDoubtful)) continue
    const read = await readRun(run, isDoubtful, held, reading)
    if (typeof read === 'number') return read
    held = read
  }
  return held
}

async function readRun(
  run: RunState,
  isDoubtful: (state: StepState) => boolean,
  held: Held,
  { choice, workspace, named, request, next, say, outside }: Reading,
): Promise<Held | number> {
  refuseOtherWorld(run, choice)
  const ready = await bindAsLogged(run, named, choice, workspace, say, outside)
  const prepared = await openFor(ready, choice, request, outside)
  let doubts: string[] = []
  let { takeOvers } = held
  const locks = { ...request, incident: held.incident, env: ready.environment.name }
  const stopped = await holdProject(prepared, held, locks, say, outside, async (mine) => {
    refuseOtherSandbox(run, prepared.cloud)
    const events: RunEvent[] = []
    const progress = progressFor(request.json, say, outside)
    const append: RunHost['append'] = async (event) => void events.push(event)
    const parts = { prepared, progress, say, outside }
    const host = readingHost(parts, { yes: request.yes ?? false }, append, held.log.entries, run.run)
    const known = await resolveDoubts(run, ready.steps, host, isDoubtful).finally(() => progress.settled())
    if ('ending' in known) doubts = [known.reason]
    if (events.length === 0) return EXIT.done
    await addToLog(
      mine,
      events.map((event) => ({ run: run.run, event })),
      prepared.cloud,
      say,
      outside,
    )
    // They are in the log by now.
    takeOvers = []
    return EXIT.done
  })
  if (stopped !== EXIT.done) return stopped
  if (doubts.length > 0) throw new Problem(doubts.join('; '), next, EXIT.inDoubt)
  return { ...held, takeOvers, log: await readSoundLog(held.paths, 'so nothing more is done', outside) }
}
