import { join, resolve } from 'node:path'
import { printable } from '../../base/printable.ts'
import { readHanded } from '../../disk/handed-file.ts'
import { makeFolder } from '../../disk/make-folder.ts'
import { shownPath } from '../../disk/workspace.ts'
import { parsePlan, spokenDigest } from '../../plan/saved.ts'
import type { SavedPlan } from '../../plan/types.ts'
import { chooseCloud, inventoryOf } from '../host/choose-cloud.ts'
import { workspaceFor } from '../host/default-workspace.ts'
import { printer } from '../host/output.ts'
import type { Runtime } from '../host/runtime.ts'
import { lockPlan } from '../locks/acquire-locks.ts'
import type { FoundFiles } from '../prepare/named-files.ts'
import { type Remediation, remediate } from '../remediate.ts'
import { type GivenBesidePlan, refuseOtherSaying } from './plan-and-flags.ts'
import { filesOfPlan, refuseExpired, refuseOtherKind } from './plan-fits.ts'
import { refuseUsed } from './plan-used.ts'

/** Runs a saved plan, or nothing if the plan was changed or no longer matches. */
export async function runSaved(given: string, request: GivenBesidePlan, runtime: Runtime): Promise<number> {
  const saved = await readSaved(given, runtime)
  const workspace = workspaceFor(request, runtime)
  await refuseOtherSaying(saved, request, workspace, runtime)
  const choice = await chooseCloud(request.sandbox, workspace, runtime)
  refuseOtherKind(saved, choice)
  refuseExpired(saved, runtime.now())
  const files = await filesOfPlan(saved, request, await inventoryOf(choice), workspace, runtime)
  const logs = resolve(runtime.cwd, request.logs ?? workspace.logs)
  const bound = boundAsSaved(saved, request, files)
  return onlyOnce(saved, logs, bound, runtime, () => {
    printer(
      request.json,
      runtime,
    )(
      `Saved plan ${saved.id}, made by ${printable(saved.madeBy)} at ${saved.madeAt}; digest ${saved.digest} (by phone: ${spokenDigest(saved.digest)}).`,
    )
    return remediate(choice, workspace, bound, runtime)
  })
}

/** Reads the plan in a file. Throws UserError if it was changed. */
export async function readSaved(given: string, runtime: Runtime): Promise<SavedPlan> {
  const path = resolve(runtime.cwd, given)
  const name = shownPath(path, runtime.cwd)
  return parsePlan(await readHanded({ what: 'a plan', path, name }), name)
}

/** Locks the plan from before its uses are checked until its run has ended, so that two simultaneous runs can't both find it unused. */
async function onlyOnce(
  saved: SavedPlan,
  logs: string,
  request: Pick<Remediation, 'incident' | 'env' | 'json'>,
  runtime: Runtime,
  runPlan: () => Promise<number>,
): Promise<number> {
  const removeIfEmpty = await makeFolder(logs, logs)
  try {
    // No incident's id starts with a dot.
    const lock = await lockPlan(join(logs, `.${saved.id}.lock`), saved.id, request, runtime)
    if (!lock.ok) return lock.exitCode
    try {
      await refuseUsed(saved, logs)
      return await runPlan()
    } finally {
      await lock.release()
    }
  } finally {
    await removeIfEmpty()
  }
}

/** Returns the request that binds the plan to the files it was made from, as they were found here. */
const boundAsSaved = (
  saved: SavedPlan,
  request: GivenBesidePlan,
  { runbooks, inventory }: FoundFiles,
): Remediation => ({
  ...request,
  runbooks,
  inventory,
  env: saved.plan.environment.name,
  input: saved.given,
  saved,
})
