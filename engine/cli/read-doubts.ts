import type { Workspace } from '../disk/workspace.ts'
import { EXIT } from '../exit-codes.ts'
import type { RunEvent } from '../run/events.ts'
import type { RunHost } from '../run/host.ts'
import { resolveDoubts } from '../run/resume.ts'
import { foldRuns, type RunState } from '../run/state.ts'
import type { StepState } from '../run/step-state.ts'
import { Problem } from '../runbook/problem.ts'
import { addToLog } from './add-to-log.ts'
import { bindAsLogged, type NamedForRun, refuseOtherSandbox, refuseOtherWorld } from './from-log.ts'
import { type Held, holdProject } from './hold.ts'
import type { CloudChoice, Outside } from './outside.ts'
import { openFor } from './prepare.ts'
import { readingHost } from './run-host.ts'
import type { Say } from './say.ts'
import { progressFor } from './screen.ts'
import { readSoundLog } from './sound-log.ts'
import type { LockRequest } from './take-locks.ts'

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
