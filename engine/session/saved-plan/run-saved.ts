import { join, resolve } from 'node:path'
import { sameJson } from '../../base/json.ts'
import { own } from '../../base/own.ts'
import { printable } from '../../base/printable.ts'
import { UserError } from '../../base/problem.ts'
import { readHanded } from '../../disk/handed-file.ts'
import { makeFolder } from '../../disk/make-folder.ts'
import { runbookFiles, shownPath, type Workspace } from '../../disk/workspace.ts'
import { parsePlan, spokenDigest } from '../../plan/saved.ts'
import type { PlanSource, SavedPlan } from '../../plan/types.ts'
import { describeValue } from '../../steps/describe.ts'
import { chooseCloud, inventoryOf } from '../host/choose-cloud.ts'
import { workspaceFor } from '../host/default-workspace.ts'
import { resolveEach } from '../host/load.ts'
import { printer } from '../host/output.ts'
import type { Runtime } from '../host/runtime.ts'
import { lockPlan } from '../locks/acquire-locks.ts'
import type { FoundFiles } from '../prepare/named-files.ts'
import { type Remediation, remediate } from '../remediate.ts'
import { filesOfPlan, refuseExpired, refuseOtherKind, refuseUsed } from './plan-fits.ts'

/** What may be given with a saved plan: everything that a run needs, except the environment. */
type GivenBesidePlan = Omit<Remediation, 'env' | 'saved'> & { env?: string }

/** Runs a saved plan, or nothing if the plan was changed or no longer matches. */
export async function runSaved(given: string, request: GivenBesidePlan, runtime: Runtime): Promise<number> {
  const saved = await readSaved(given, runtime)
  const workspace = workspaceFor(request, runtime)
  await refuseOtherFlags(saved, request, workspace, runtime)
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

/** Refuses runbooks, environment, inputs and inventory that are given but differ from those of the saved plan. Throws UserError. */
async function refuseOtherFlags(
  saved: SavedPlan,
  request: GivenBesidePlan,
  workspace: Workspace,
  runtime: Runtime,
): Promise<void> {
  const { env, input, inventory, runbooks } = request
  const pathsOf = (what: PlanSource['what']) =>
    saved.sources.filter((source) => source.what === what).map(({ path }) => resolve(workspace.root, path))
  if (runbooks.length > 0) {
    const files = await runbookFiles(workspace)
    const named = resolveEach('runbook', runbooks, files, runtime.cwd)
    if (!sameJson(named, pathsOf('runbook')))
      throw otherwise('RUNBOOK', runbooks.join(' '), saved.plan.runbooks.map(({ name }) => name).join(' '))
  }
  if (env !== undefined && env !== saved.plan.environment.name)
    throw otherwise('--env', env, saved.plan.environment.name)
  for (const [name, value] of Object.entries(input)) {
    const before = own(saved.given, name)
    if (!sameJson(before, value)) throw otherwise(`--input ${name}`, describeValue(value), describeValue(before))
  }
  if (inventory !== undefined && !sameJson([resolve(runtime.cwd, inventory)], pathsOf('inventory'))) {
    const planned = pathsOf('inventory').map((path) => shownPath(path, runtime.cwd))
    throw otherwise('--inventory', inventory, planned.join(' '))
  }
}

const otherwise = (what: string, said: string, planned: string): UserError =>
  new UserError(
    printable(`${what} is ${said}, but the plan was made for ${planned}`),
    'leave it out, since --plan defines it; or make another plan',
  )
