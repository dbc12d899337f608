import type { Workspace } from '../disk/workspace.ts'
import { EXIT } from '../exit-codes.ts'
import type { RunEvent } from '../run/events.ts'
import type { RunHost } from '../run/host.ts'
import { mayYetBeThere, resolveDoubts } from '../run/resume.ts'
import type { RunState } from '../run/state.ts'
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

/** How an undo finds out what its incident's runs have changed: in which cloud, with which files, asking whom. */
export type Reading = {
  choice: CloudChoice
  workspace: Workspace
  named: NamedForRun
  request: Omit<LockRequest, 'incident' | 'env'> & { yes?: boolean } & Parameters<typeof openFor>[2]
  say: Say
  outside: Outside
}

/** The runs with changes of which nobody knows yet whether they are there; what an undo has left so is for `resume` to go on with. */
export const doubtfulAmong = (runs: RunState[]): RunState[] =>
  runs.filter(({ opened, plan, steps }) => plan && !opened.undoes && [...steps.values()].some(mayYetBeThere))

/**
 * Reads each change of a run that may be there though nothing of it showed, and adds what that says to the log. Answers the
 * incident with that known, or the exit code where the project is locked. Throws Problem where it is still in doubt.
 */
export async function readDoubts(run: RunState, held: Held, reading: Reading): Promise<Held | number> {
  const { choice, named, request, say, outside } = reading
  refuseOtherWorld(run, choice)
  const ready = await bindAsLogged(run, named, choice, reading.workspace, say, outside)
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
    const known = await resolveDoubts(run, ready.steps, host, mayYetBeThere).finally(() => progress.settled())
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
  if (doubts.length > 0)
    throw new Problem(
      doubts.join('; '),
      `find out first, with \`breakglass resume ${held.incident}\`; then undo`,
      EXIT.inDoubt,
    )
  return { ...held, takeOvers, log: await readSoundLog(held.paths, 'so nothing is undone', outside) }
}
