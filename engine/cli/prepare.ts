import type { Workspace } from '../disk/workspace.ts'
import { needsOf } from '../gcloud/needs.ts'
import type { BackfillPoint } from '../plan/backfill.ts'
import { type BoundRunbook, bindRunbook, type Gates } from '../plan/bind.ts'
import { type GivenInputs, refuseUnknownInputs } from '../plan/inputs.ts'
import { observeAll, onePass } from '../plan/observe.ts'
import { pickEnvironment } from '../plan/pick-environment.ts'
import { refuseEmpty } from '../plan/refuse-empty.ts'
import type { Plan, PlannedStep } from '../plan/types.ts'
import type { Repository } from '../run/backfill.ts'
import { Interrupted } from '../run/host.ts'
import type { Environment, Inventory } from '../runbook/inventory-types.ts'
import { Problem } from '../runbook/problem.ts'
import type { Runbook } from '../runbook/types.ts'
import { masked } from '../steps/masked.ts'
import type { BoundStep } from '../steps/types.ts'
import type { World } from '../steps/world.ts'
import type { Progress } from '../terminal/progress.ts'
import { chooseCloud } from './choose-cloud.ts'
import { findRepository } from './find-repository.ts'
import { type Loaded, loadGates, loadInventory, loadRunbooks } from './load.ts'
import type { CloudOptions } from './options.ts'
import type { Cloud, Outside, Wanted } from './outside.ts'
import { refuseRevealing } from './revealing.ts'
import { workspaceFor } from './shipped.ts'

/** Runbooks bound to an environment and ready to be observed in a cloud. */
export type Prepared = {
  workspace: Workspace
  cloud: Cloud
  runbooks: Loaded<Runbook>[]
  /** The other runbooks that gates name. */
  gates: Loaded<Runbook>[]
  inventory: Loaded<Inventory>
  environment: Environment
  bound: BoundRunbook[]
  steps: BoundStep[]
  /** The checks of all runbooks; what several of them ask is asked once. */
  checks: BoundStep[]
  backfill: BackfillPoint[]
  /** The checkout that the backfill is held against, where one was named. */
  repository?: Repository
}

/** What is to be prepared: which runbooks, where, with which inputs. */
export type Request = Pick<CloudOptions, 'workspace' | 'inventory' | 'sandbox' | 'env' | 'input' | 'repo'> & {
  runbooks: string[]
}

/** Reads and binds everything that a command needs before it looks at the cloud; only then opens the cloud. */
export async function prepare(request: Request, outside: Outside): Promise<Prepared> {
  const workspace = workspaceFor(request, outside)
  const choice = await chooseCloud(request.sandbox, workspace, outside)
  return prepareIn(choice, workspace, request, outside)
}

/** The same for a cloud that is chosen already. */
export async function prepareIn(
  choice: Parameters<Outside['openCloud']>[0],
  workspace: Workspace,
  request: Request,
  outside: Outside,
): Promise<Prepared> {
  const runbooks = await loadRunbooks(request.runbooks, workspace, outside.cwd)
  const repository = await findRepository(request.repo, outside)
  const loadedGates = await loadGates(runbooks, workspace, outside.cwd)
  const gates = new Map([...loadedGates].map(([name, { value }]) => [name, value]))
  const own = choice.kind === 'scenario' ? choice.inventory : undefined
  const wanted: Wanted = {
    needs: needsOf(
      runbooks.map(({ value }) => value),
      [...gates.values()],
    ),
    strict: false,
  }
  if (choice.kind !== 'sandbox') {
    const early = await loadInventory(request.inventory, own, workspace, outside.cwd)
    wanted.project = bindAll(runbooks, gates, early, request).environment.project
  }
  const cloud = await outside.openCloud(choice, wanted)
  try {
    const inventory = await loadInventory(request.inventory, own ?? cloud.inventory, workspace, outside.cwd)
    cloud.redactor.spare(publicNames(inventory.value))
    return {
      workspace,
      cloud,
      runbooks,
      gates: [...loadedGates.values()],
      inventory,
      ...(repository ? { repository } : {}),
      ...bindAll(runbooks, gates, inventory, request),
    }
  } catch (error) {
    await cloud.close()
    throw error
  }
}

/** What every command says of where it goes. */
const publicNames = ({ environments }: Inventory): string[] =>
  Object.values(environments).flatMap(({ name, project, region }) => [name, project, region])

function bindAll(
  runbooks: Loaded<Runbook>[],
  gates: Gates,
  inventory: Loaded<Inventory>,
  { env, input }: { env: string; input: GivenInputs },
): Pick<Prepared, 'environment' | 'bound' | 'steps' | 'checks' | 'backfill'> {
  const environment = pickEnvironment(inventory.value, env)
  refuseUnknownInputs(
    runbooks.map(({ value }) => value),
    input,
  )
  const bound = runbooks.map(({ value }) => {
    const one = bindRunbook(value, inventory.value, environment, input, gates)
    refuseEmpty(value, one, inventory.value, environment, input)
    return one
  })
  const steps = bound.flatMap((runbook) => runbook.steps)
  refuseSameKeys(steps)
  const checks = onlyOnce(bound.flatMap((runbook) => runbook.checks))
  return { environment, bound, steps, checks, backfill: bound.flatMap((runbook) => runbook.backfill) }
}

function refuseSameKeys(steps: BoundStep[]): void {
  const seen = new Set<string>()
  for (const { key, runbook, id } of steps) {
    if (seen.has(key))
      throw new Problem(
        `${runbook}, step ${id}: it is about the same thing twice (${key})`,
        'name each thing only once in the inventory or input',
      )
    seen.add(key)
  }
}

/** Checks of several runbooks that ask the same are one check. */
function onlyOnce(checks: BoundStep[]): BoundStep[] {
  const kept = new Map<string, BoundStep>()
  for (const check of checks) {
    const name = JSON.stringify([check.title, check.kind, asked(check)])
    if (!kept.has(name)) kept.set(name, check)
  }
  return [...kept.values()]
}

/** What a check asks of the world, without its names and the variables that it was bound with. */
function asked(check: BoundStep): unknown {
  switch (check.kind) {
    case 'gcloud':
      return [check.reads, check.select, check.expect]
    case 'secret':
      return [check.project, check.secret, check.references, check.trust]
    case 'http':
      return [check.from, check.url, check.status]
    case 'workflowRun':
      return [check.repository, check.runId]
    case 'gate':
      return [check.gate, check.steps.map(asked)]
  }
}

/** Observes steps side by side, each command once, and shows each as it is told. */
export async function observeShown(
  steps: BoundStep[],
  cloud: Cloud,
  progress: Progress,
  outside: Outside,
): Promise<PlannedStep[]> {
  const started = outside.now().getTime()
  await progress.start(steps.map(({ key, title }) => ({ key, title })))
  const planned = await observeAll(steps, onePass(untilStopped(cloud.world, outside), outside.width), (step) => {
    const mark = { conformant: 'ok', drift: 'drift', unknown: 'unknown' } as const
    progress.end(step.key, step.title, mark[step.status], step.note ?? '', outside.now().getTime() - started)
  })
  await progress.settled()
  if (outside.stopping.aborted) throw new Interrupted()
  // A secret may have been read after another step's text that quotes it.
  const shown = planned.map((step) => ({ ...step, observation: masked(step.observation, cloud.world) }))
  refuseRevealing({ steps: shown }, cloud)
  return shown
}

/** The same world until the person wants to stop: then no further command starts, and the observing ends there. */
function untilStopped(world: World, { stopping }: Outside): World {
  return {
    ...world,
    async gcloud(call) {
      if (stopping.aborted) throw new Interrupted()
      return world.gcloud(call)
    },
  }
}

/** The plan, as data: what was prepared and what was observed. Throws Problem where it would hold a secret. */
export function makePlan(prepared: Prepared, steps: PlannedStep[]): Plan {
  const { environment, runbooks, inventory, bound, checks } = prepared
  const plan = {
    environment: { name: environment.name, project: environment.project, protected: environment.protected },
    runbooks: runbooks.map(({ value, digest }) => ({ name: value.name, title: value.title, digest })),
    inventory: { name: inventory.value.name, digest: inventory.digest },
    inputs: Object.fromEntries(bound.map(({ inputs }, index) => [runbooks[index]?.value.name ?? '', inputs])),
    steps,
    checks: checks.map(({ key, runbook, title, group }) => ({
      key,
      runbook,
      title,
      ...(group === undefined ? {} : { group }),
    })),
  }
  refuseRevealing(plan, prepared.cloud)
  return plan
}
