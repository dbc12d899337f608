import { resolve } from 'node:path'
import { isJsonObject, type Json } from '../../base/json.ts'
import { describeLookAlike, lookAlikes } from '../../base/look-alikes.ts'
import { own } from '../../base/own.ts'
import { UserError } from '../../base/problem.ts'
import { shownPath, type Workspace } from '../../disk/workspace.ts'
import { needsOf } from '../../gcloud/preflight/needs.ts'
import { openRepository } from '../../git/repository.ts'
import { reachedBy } from '../../plan/affected-projects.ts'
import type { BackfillPoint } from '../../plan/backfill.ts'
import { type BoundRunbook, bindRunbook } from '../../plan/bind.ts'
import type { Gates } from '../../plan/bind-context.ts'
import { dedupeChecks } from '../../plan/dedupe-checks.ts'
import type { GivenInputs } from '../../plan/given-inputs.ts'
import { refuseUnknownInputs } from '../../plan/inputs.ts'
import { pickEnvironment } from '../../plan/pick-environment.ts'
import { observesNothing, refuseEmpty } from '../../plan/refuse-empty.ts'
import type { Plan, PlannedStep, Reached } from '../../plan/types.ts'
import type { Repository } from '../../run/backfill.ts'
import { Interrupted } from '../../run/model/host.ts'
import type { Environment, Inventory, Service } from '../../runbook/inventory.ts'
import type { Runbook } from '../../runbook/types.ts'
import { withoutScripts } from '../../steps/read-only.ts'
import type { BoundStep } from '../../steps/types.ts'
import type { Site } from '../../terminal/site.ts'
import { chooseCloud, inventoryOf } from '../host/choose-cloud.ts'
import { workspaceFor } from '../host/default-workspace.ts'
import { type Loaded, loadGates, loadInventory, loadRunbooks } from '../host/load.ts'
import type { AccessOptions, CloudOptions } from '../host/options.ts'
import type { Cloud, CloudChoice, Runtime, Wanted } from '../host/runtime.ts'
import { accessFor } from './access.ts'
import { refuseSensitive } from './refuse-sensitive.ts'

/** Runbooks bound to an environment, and a cloud to observe them in. */
export type Prepared = {
  workspace: Workspace
  cloud: Cloud
  runbooks: Loaded<Runbook>[]
  /** The other runbooks that gates name. */
  gates: Loaded<Runbook>[]
  inventory: Loaded<Inventory>
  environment: Environment
  /** What its changes reach outside the environment. */
  reaches: Reached[]
  bound: BoundRunbook[]
  steps: BoundStep[]
  /** The checks of all runbooks, without duplicates. */
  checks: BoundStep[]
  backfill: BackfillPoint[]
  /** The checkout that the backfill is compared with, if one was named. */
  repository?: Repository
}

/** What to prepare: which runbooks, where, with which inputs. */
export type Request = Pick<
  CloudOptions,
  'workspace' | 'inventory' | 'sandbox' | 'env' | 'input' | 'repo' | 'cold' | 'scripts' | keyof AccessOptions
> & {
  runbooks: string[]
}

/** Reads and binds everything that a command needs, and only then opens the cloud. */
export async function prepare(request: Request, runtime: Runtime): Promise<Prepared> {
  const workspace = workspaceFor(request, runtime)
  const choice = await chooseCloud(request.sandbox, workspace, runtime)
  return prepareIn(choice, workspace, request, runtime)
}

/** Does the same for a cloud that was chosen already. */
export async function prepareIn(
  choice: CloudChoice,
  workspace: Workspace,
  request: Request,
  runtime: Runtime,
): Promise<Prepared> {
  return openReady(await readAndBind(request, await inventoryOf(choice), workspace, runtime), choice, request, runtime)
}

/** Opens the cloud for what was bound, without scripts if the request leaves them out. */
export async function openReady(
  ready: Ready,
  choice: CloudChoice,
  request: Pick<Request, 'scripts'> & Parameters<typeof openFor>[2],
  runtime: Runtime,
): Promise<Prepared> {
  const prepared = await openFor(ready, choice, request, runtime)
  if (request.scripts !== false) return prepared
  return { ...prepared, cloud: { ...prepared.cloud, world: withoutScripts(prepared.cloud.world) } }
}

/** Opens the cloud for what was bound, with the access that the options and the inventory define. */
export async function openFor(
  ready: Ready,
  choice: CloudChoice,
  options: Pick<CloudOptions, 'cold' | keyof AccessOptions>,
  runtime: Runtime,
): Promise<Prepared> {
  const access = accessFor(ready.environment.name, ready.inventory, options, runtime)
  const cloud = await runtime.openCloud(choice, { ...wantedFor(ready), ...access, cold: options.cold ?? false })
  cloud.redactor.spare(publicNames(ready.inventory.value))
  cloud.redactor.allow(shownSecrets(ready.inventory.value))
  for (const name of ready.empty)
    cloud.notices.push(`${name} has nothing to do in ${ready.environment.name}: the inventory lists nothing for it.`)
  cloud.notices.push(...lookAlikesInInputs(ready.bound))
  return { ...ready, cloud }
}

/** Describes the characters in inputs that look like others: a pasted value becomes an argument of a command. */
function lookAlikesInInputs(bound: BoundRunbook[]): string[] {
  const notices = bound.flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([name, value]) =>
      textsIn(value).flatMap((text) =>
        lookAlikes(text).map((found) => {
          const { message, hint } = describeLookAlike(found)
          return `input ${name}, character ${found.start + 1}: ${message}; ${hint}`
        }),
      ),
    ),
  )
  return [...new Set(notices)]
}

function textsIn(value: Json): string[] {
  if (typeof value === 'string') return [value]
  if (Array.isArray(value)) return value.flatMap(textsIn)
  return isJsonObject(value) ? Object.values(value).flatMap(textsIn) : []
}

/** Everything that is prepared before a cloud is opened. */
export type Ready = Omit<Prepared, 'cloud'> & {
  /** The runbooks that have nothing to do here, if others do. */
  empty: string[]
}

/** Reads and binds the files that a request names; `own` is the cloud's own inventory. Throws InvalidFiles, UserError. */
export async function readAndBind(
  request: Request,
  own: string | undefined,
  workspace: Workspace,
  runtime: Runtime,
): Promise<Ready> {
  const runbooks = await loadRunbooks(request.runbooks, workspace, runtime.cwd)
  const repository = await findRepository(request.repo, runtime)
  const loadedGates = await loadGates(runbooks, workspace, runtime.cwd)
  const gates = new Map([...loadedGates].map(([name, { value }]) => [name, value]))
  const inventory = await loadInventory(request.inventory, own, workspace, runtime.cwd)
  return {
    workspace,
    runbooks,
    gates: [...loadedGates.values()],
    inventory,
    ...(repository ? { repository } : {}),
    ...(await bindAll(runbooks, gates, inventory, request, runtime)),
  }
}

/** Returns what these runbooks need in the cloud. */
function wantedFor({ workspace, runbooks, gates, environment }: Ready): Wanted {
  const needs = needsOf(
    runbooks.map(({ value }) => value),
    gates.map(({ value }) => value),
  )
  return { needs, strict: false, project: environment.project, folder: workspace.root }
}

/** Returns the names in the inventory: commands, steps and the plan contain them, whatever else has the same text. */
const publicNames = ({ environments, repository }: Inventory): string[] => [
  repository.name,
  ...Object.values(environments).flatMap(({ name, project, region, services, identities, secrets, apis }) => [
    ...[name, project, region, ...apis],
    ...services.flatMap((service) => [service.name, service.identity ?? '', ...envKeysOf(service)]),
    ...identities.flatMap((identity) => [identity.name, ...identity.roles]),
    ...secrets.map((secret) => secret.name),
  ]),
]

const envKeysOf = ({ environmentKeys }: Service): string[] => [
  ...environmentKeys.required,
  ...environmentKeys.deprecated,
]

/** Returns the secrets whose values may be in data, in their own project and in those that they are compared with. */
const shownSecrets = ({ environments }: Inventory): { project: string; secret: string }[] =>
  Object.values(environments).flatMap(({ project, secrets }) =>
    secrets
      .filter(({ mayBeShown }) => mayBeShown)
      .flatMap(({ name, references }) =>
        [project, ...references.flatMap((other) => own(environments, other)?.project ?? [])].map((each) => ({
          project: each,
          secret: name,
        })),
      ),
  )

/** Binds all runbooks; `empty` lists those with nothing to do here, which become notices if others have something to do. */
async function bindAll(
  runbooks: Loaded<Runbook>[],
  gates: Gates,
  inventory: Loaded<Inventory>,
  { env, input }: { env: string; input: GivenInputs },
  runtime: Runtime,
): Promise<
  { empty: string[] } & Pick<Prepared, 'environment' | 'reaches' | 'bound' | 'steps' | 'checks' | 'backfill'>
> {
  const environment = pickEnvironment(inventory.value, env)
  refuseUnknownInputs(
    runbooks.map(({ value }) => value),
    input,
  )
  const bound: ReturnType<typeof bindRunbook>[] = []
  for (const { value } of runbooks) {
    bound.push(bindRunbook(value, inventory.value, environment, input, gates))
    // Binding may use its whole budget: signals are handled in between.
    await new Promise(setImmediate)
    if (runtime.stopping.aborted) throw new Interrupted()
  }
  const empty = runbooks.flatMap(({ value }, index) => {
    const one = bound[index]
    return one && observesNothing(one) ? [{ runbook: value, bound: one }] : []
  })
  for (const { runbook, bound: one } of empty)
    if (empty.length === bound.length || Object.keys(runbook.inputs).some((name) => Object.hasOwn(input, name)))
      refuseEmpty(runbook, one, inventory.value, environment, input)
  const steps = bound.flatMap((runbook) => runbook.steps)
  refuseSameKeys(steps)
  const checks = dedupeChecks(bound.flatMap((runbook) => runbook.checks))
  return {
    environment,
    reaches: reachedBy(steps, inventory.value, environment),
    bound,
    empty: empty.map(({ runbook }) => runbook.name),
    steps,
    checks,
    backfill: bound.flatMap((runbook) => runbook.backfill),
  }
}

function refuseSameKeys(steps: BoundStep[]): void {
  const seen = new Set<string>()
  for (const { key, runbook, id } of steps) {
    if (seen.has(key))
      throw new UserError(
        `${runbook}, step ${id}: duplicate step key ${key}`,
        'list each item only once in the inventory or input',
      )
    seen.add(key)
  }
}

/** Makes the plan from what was prepared and observed. Throws UserError if it would contain a secret. */
export function makePlan(prepared: Prepared, steps: PlannedStep[]): Plan {
  const plan = { ...planHead(prepared), steps }
  refuseSensitive(plan, prepared.cloud)
  return plan
}

/** Returns everything in a plan except its steps; it is known before anything is observed. */
export function planHead(
  ready: Pick<Ready, 'environment' | 'reaches' | 'runbooks' | 'inventory' | 'bound' | 'checks'>,
): Omit<Plan, 'steps'> {
  const { environment, reaches, runbooks, inventory, bound, checks } = ready
  return {
    environment: { name: environment.name, project: environment.project, protected: environment.protected },
    ...(reaches.length > 0 ? { reaches } : {}),
    runbooks: runbooks.map(({ value, digest }) => ({ name: value.name, title: value.title, digest })),
    inventory: { name: inventory.value.name, digest: inventory.digest },
    inputs: Object.fromEntries(bound.map(({ inputs }, index) => [runbooks[index]?.value.name ?? '', inputs])),
    checks: checks.map(({ key, runbook, title, group }) => ({
      key,
      runbook,
      title,
      ...(group === undefined ? {} : { group }),
    })),
  }
}

/** Returns where a prepared run takes place. */
export const siteOfPrepared = ({ environment, cloud }: Pick<Prepared, 'environment' | 'cloud'>): Site => ({
  cloud: cloud.name,
  project: environment.project,
})

/** Opens the checkout that `--repo` names, if any. Throws UserError if it doesn't exist. */
async function findRepository(given: string | undefined, runtime: Runtime): Promise<Repository | undefined> {
  if (given === undefined) return undefined
  const folder = resolve(runtime.cwd, given)
  return openRepository(folder, shownPath(folder, runtime.cwd), runtime.environment)
}
