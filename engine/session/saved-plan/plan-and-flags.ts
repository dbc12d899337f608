import { resolve } from 'node:path'
import { sameJson } from '../../base/json.ts'
import { own } from '../../base/own.ts'
import { printable } from '../../base/printable.ts'
import { UserError } from '../../base/problem.ts'
import { runbookFiles, type Workspace } from '../../disk/workspace.ts'
import type { PlanSource, SavedPlan } from '../../plan/types.ts'
import { describeValue } from '../../steps/describe.ts'
import { resolveEach } from '../host/load.ts'
import type { Runtime } from '../host/runtime.ts'
import type { Remediation } from '../remediate.ts'

/** Refuses runbooks, environment, inputs and inventory that are given but differ from those of the saved plan. Throws UserError. */
export async function refuseOtherSaying(
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
  if (inventory !== undefined && !sameJson([resolve(runtime.cwd, inventory)], pathsOf('inventory')))
    throw otherwise('--inventory', inventory, pathsOf('inventory').join(' '))
}

const otherwise = (what: string, said: string, planned: string): UserError =>
  new UserError(
    printable(`${what} is ${said}, but the plan was made for ${planned}`),
    'leave it out, since --plan defines it; or make another plan',
  )

/** What may be given with a saved plan: everything that a run needs, except the environment. */
export type GivenBesidePlan = Omit<Remediation, 'env' | 'saved'> & { env?: string }
