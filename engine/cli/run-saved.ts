import { join, resolve } from 'node:path'
import { takeLock } from '../disk/lock.ts'
import { readPlan } from '../disk/plan-file.ts'
import { shownPath } from '../disk/workspace.ts'
import { EXIT } from '../exit-codes.ts'
import { parsePlan, spokenDigest } from '../plan/saved.ts'
import type { SavedPlan } from '../plan/types.ts'
import { printable } from '../runbook/printable.ts'
import { chooseCloud } from './choose-cloud.ts'
import type { Outside } from './outside.ts'
import { refuseOtherSaying } from './plan-and-flags.ts'
import { refuseExpired, refuseOtherFiles, refuseOtherKind } from './plan-fits.ts'
import { refuseUsed } from './plan-used.ts'
import { type Remediation, remediate } from './remediate.ts'
import { sayer } from './screen.ts'
import { workspaceFor } from './shipped.ts'

/** What may be said beside a saved plan: everything that a run needs, but for the environment. */
export type GivenBesidePlan = Omit<Remediation, 'env' | 'saved'> & { env?: string }

/** Carries out a saved plan or, where it is not as it was written or no longer fits the world, nothing. */
export async function runSaved(given: string, request: GivenBesidePlan, outside: Outside): Promise<number> {
  const file = resolve(outside.cwd, given)
  const saved = parsePlan(await readPlan(file, shownPath(file, outside.cwd)), shownPath(file, outside.cwd))
  const workspace = workspaceFor(request, outside)
  await refuseOtherSaying(saved, request, workspace, outside)
  const choice = await chooseCloud(request.sandbox, workspace, outside)
  refuseOtherKind(saved, choice)
  refuseExpired(saved, outside.now())
  await refuseOtherFiles(saved, workspace)
  const logs = resolve(outside.cwd, request.logs ?? workspace.logs)
  return onlyOnce(saved, logs, outside, () => {
    sayer(
      request.json,
      outside,
    )(
      `Saved plan ${saved.id}, made by ${printable(saved.madeBy)} at ${saved.madeAt}; digest ${saved.digest} (by phone: ${spokenDigest(saved.digest)}).`,
    )
    return remediate(choice, workspace, boundAsSaved(saved, request, workspace.root), outside)
  })
}

/** Holds a lock on the plan from before its uses are looked for until its run has ended: two at once can't both find it unused. */
async function onlyOnce(
  saved: SavedPlan,
  logs: string,
  outside: Outside,
  carryOut: () => Promise<number>,
): Promise<number> {
  const owner = { pid: outside.pid, since: outside.now().toISOString(), what: saved.id }
  // No incident's id starts with a dot.
  const lock = await takeLock(join(logs, `.${saved.id}.lock`), owner, outside.isAlive)
  if (!lock.ok) {
    outside.err(
      `The plan ${saved.id} is locked: process ${lock.owner.pid} is carrying it out since ${lock.owner.since}.\nA plan is used once: make another if you need one.`,
    )
    return EXIT.locked
  }
  try {
    await refuseUsed(saved, logs)
    return await carryOut()
  } finally {
    await lock.release()
  }
}

/** What the plan was made from, so that it is bound to the same things again. */
function boundAsSaved(saved: SavedPlan, request: GivenBesidePlan, root: string): Remediation {
  const pathsOf = (what: string) =>
    saved.sources.filter((each) => each.what === what).map(({ path }) => resolve(root, path))
  const [inventory] = pathsOf('inventory')
  return {
    ...request,
    runbooks: pathsOf('runbook'),
    ...(inventory === undefined ? {} : { inventory }),
    env: saved.plan.environment.name,
    input: saved.given,
    saved,
  }
}
