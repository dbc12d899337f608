import { type Json, sameJson } from '../../base/json.ts'
import { UserError } from '../../base/problem.ts'
import { readSources } from '../../disk/logs/source-folder.ts'
import { changesBetween, type PlanChange } from '../../plan/changes.ts'
import { parsePlan } from '../../plan/saved.ts'
import type { SavedPlan } from '../../plan/types.ts'
import type { RunState } from '../../run/model/run-state.ts'
import type { Runtime } from '../host/runtime.ts'
import type { LockedIncident } from '../locks/locked-incident.ts'
import { describeChanges, refuseExpired } from './plan-fits.ts'
import { readSaved } from './run-saved.ts'

/**
 * Finds the saved plan of a run that somebody resumes, in the log's folder or in the given file. It must be the plan that the
 * log names and that the run was made from, and must not have expired. Undefined if the run had none or undoes something.
 * Throws UserError.
 */
export async function savedPlanAgain(
  run: RunState,
  locked: LockedIncident,
  given: string | undefined,
  runtime: Runtime,
): Promise<SavedPlan | undefined> {
  const named = run.opened.undoes ? undefined : run.opened.savedPlan
  if (named === undefined) {
    if (given === undefined) return undefined
    throw new UserError(`${run.run} did not run a saved plan`, 'leave out --plan')
  }
  const saved = given === undefined ? await keptPlan(named.digest, locked) : await readSaved(given, runtime)
  if (saved === undefined)
    throw new UserError(
      `${run.run} ran the saved plan ${named.id}, which is not in the log's folder; nothing was changed`,
      'name its file with --plan FILE',
      4,
    )
  const changes = differencesOf(run, saved)
  if (changes.length > 0)
    throw new UserError(
      `the log of ${run.run} does not match the saved plan ${saved.id}, and nothing was changed. Differences:\n${describeChanges(changes)}`,
      'find out who wrote the log; to change something, make a new plan and run it',
      4,
    )
  refuseExpired(saved, runtime.now())
  return saved
}

async function keptPlan(digest: string, { paths }: LockedIncident): Promise<SavedPlan | undefined> {
  for (const { bytes } of readSources(paths)) {
    const saved = planIn(bytes)
    if (saved?.digest === digest) return saved
  }
  return undefined
}

function planIn(bytes: Uint8Array): SavedPlan | undefined {
  try {
    return parsePlan(bytes, "in the log's folder")
  } catch (error) {
    if (error instanceof UserError) return undefined
    throw error
  }
}

function differencesOf({ opened, plan }: RunState, saved: SavedPlan): PlanChange[] {
  const { savedPlan, from } = opened
  const told: [string, Json | undefined, Json | undefined][] = [
    ['plan', savedPlan?.id, saved.id],
    ['digest', savedPlan?.digest, saved.digest],
    ['environment', from?.environment, saved.plan.environment.name],
    ['files', from?.sources as Json | undefined, saved.sources as Json],
    ['inputs', from?.given, saved.given],
  ]
  return [
    ...told.flatMap(([what, was, is]) =>
      sameJson(was, is)
        ? []
        : [{ what, was: `in the log ${JSON.stringify(was)}`, is: `in the plan ${JSON.stringify(is)}` }],
    ),
    ...(plan ? changesBetween(saved.plan, plan) : []),
  ]
}
