import { dirname, join, relative, resolve } from 'node:path'
import type { Command } from 'commander'
import { stringify } from 'yaml'
import { UserError } from '../../base/problem.ts'
import { createFiles } from '../../disk/create-files.ts'
import { nameOf, shownPath, type Workspace } from '../../disk/workspace.ts'
import { refuseUnknownInputs } from '../../plan/inputs.ts'
import { onePass } from '../../plan/observe.ts'
import { pickEnvironment } from '../../plan/pick-environment.ts'
import type { Environment, Inventory } from '../../runbook/inventory.ts'
import type { Scenario } from '../../sandbox/model/scenario.ts'
import { captureProject } from '../../sandbox/scenario/capture.ts'
import type { ProjectReader } from '../../sandbox/scenario/project-reader.ts'
import { readScenario } from '../../sandbox/scenario/read-scenario.ts'
import { EXIT } from '../../session/exit-codes.ts'
import { announce } from '../../session/host/announce.ts'
import { chooseCloud, inventoryOf } from '../../session/host/choose-cloud.ts'
import { workspaceFor } from '../../session/host/default-workspace.ts'
import { InvalidFiles, loadInventory, loadRunbooks } from '../../session/host/load.ts'
import type { CloudOptions } from '../../session/host/options.ts'
import { emit, printer } from '../../session/host/output.ts'
import type { Runtime } from '../../session/host/runtime.ts'
import { accessFor } from '../../session/prepare/access.ts'
import { refuseSensitive } from '../../session/prepare/refuse-sensitive.ts'
import { observeOwnSecret } from '../../steps/kinds/secret.ts'
import { readJson } from '../../steps/read.ts'
import { readOnly } from '../../steps/read-only.ts'
import type { World } from '../../steps/world.ts'
import type { Context } from '../command.ts'
import { addCloudOptions, environmentOption, inputOption } from '../options.ts'

type SnapshotOptions = CloudOptions & { out?: string; runbooks: string[] }

/** `breakglass snapshot --env E`: reads what runbooks observe, without secret payloads, and writes a scenario that starts from it. */
export function define(command: Command, { runtime, exit }: Context): void {
  addCloudOptions(command)
    .argument('[runbook...]', 'Runbooks that a rehearsal of the scenario runs')
    .addOption(environmentOption('required'))
    .addOption(inputOption())
    .option('--out <file>', 'Scenario file (default: runbooks/scenarios/snapshot-ENV.yaml)')
    .action(async (runbooks: string[], options: CloudOptions) =>
      exit(await snapshot({ ...options, runbooks }, runtime)),
    )
}

const TIMEOUT_MS = 180_000

async function snapshot(options: SnapshotOptions, runtime: Runtime): Promise<number> {
  const print = printer(options.json, runtime)
  const workspace = workspaceFor(options, runtime)
  const choice = await chooseCloud(options.sandbox, workspace, runtime)
  const loaded = await loadInventory(options.inventory, await inventoryOf(choice), workspace, runtime.cwd)
  const { file: inventoryFile, value: inventory } = loaded
  const environment = pickEnvironment(inventory, options.env)
  const runbooks = await loadRunbooks(options.runbooks, workspace, runtime.cwd)
  refuseUnknownInputs(
    runbooks.map(({ value }) => value),
    options.input,
  )
  const file = resolve(runtime.cwd, options.out ?? join(workspace.scenarios, `snapshot-${environment.name}.yaml`))
  const cloud = await runtime.openCloud(choice, {
    ...accessFor(environment.name, loaded, options, runtime),
    project: environment.project,
    strict: false,
    cold: options.cold ?? false,
  })
  try {
    announce(cloud, print, runtime)
    const world = onePass(readOnly(cloud.world), runtime.width)
    const looked = comparedWith(environment, inventory)
    const names = new Map<string, string>()
    const short = new Set(
      looked.flatMap(({ secrets }) => secrets.filter((secret) => secret.mayBeShort).map(({ name }) => name)),
    )
    const projects = await Promise.all(
      looked.map(
        async (each) =>
          [each.project, await captureProject(each, projectReader(each.project, world, names, short))] as const,
      ),
    )
    const scenario: Scenario = {
      apiVersion: 'breakglass/v1',
      kind: 'Scenario',
      metadata: {
        name: nameOf(file),
        title: `${environment.name} as it was on ${runtime.now().toISOString().slice(0, 10)}`,
      },
      inventory: relative(dirname(file), inventoryFile),
      ...(runbooks.length === 0
        ? {}
        : {
            rehearsal: {
              runbooks: runbooks.map(({ value }) => value.name),
              environment: environment.name,
              ...(Object.keys(options.input).length === 0 ? {} : { inputs: options.input }),
              reason: `Rehearsal from a snapshot of ${environment.name}.`,
            },
          }),
      projects: Object.fromEntries(projects),
    }
    refuseSensitive(scenario, cloud)
    await writeScenario(file, scenario, workspace, runtime)
    const shown = shownPath(file, runtime.cwd)
    print(
      `${shown}: ${looked.map(({ name }) => name).join(', ')}. No payload of a secret, no value of a variable and no person is in it.`,
    )
    print(`Next: breakglass check RUNBOOK --env ${environment.name} --sandbox ${shown}`)
    if (options.json) emit({ file, environments: looked.map(({ name }) => name) }, runtime)
    return EXIT.done
  } finally {
    await cloud.close()
  }
}

/** Returns the environment and those that its secrets are compared with, transitively. */
function comparedWith(environment: Environment, inventory: Inventory): Environment[] {
  const found = new Set([environment.name])
  for (const name of found)
    for (const { references } of pickEnvironment(inventory, name).secrets)
      for (const other of references) found.add(other)
  return [...found].map((name) => pickEnvironment(inventory, name))
}

/** Looks at a project; what can't be read ends it, for a scenario with holes would be taken for the truth. `names` are the stand-ins by fingerprint, `short` the secrets whose value may be too short to be masked. */
const projectReader = (
  project: string,
  world: World,
  names: Map<string, string>,
  short: ReadonlySet<string>,
): ProjectReader => ({
  async json(argv) {
    const read = await readJson(world, { argv, project }, TIMEOUT_MS)
    if (read.state === 'unknown') throw unreadable(`${project}: gcloud ${argv.join(' ')}`, read.reason)
    return read.state === 'value' ? read.json : undefined
  },
  async status(url) {
    const answer = await world.http(url, 30_000)
    return 'failed' in answer ? undefined : answer.status
  },
  async placeholder(secret) {
    const seen = await observeOwnSecret(
      { project, secret, timeoutMs: TIMEOUT_MS, mayBeShort: short.has(secret) },
      world,
    )
    if (seen.state === 'unknown') throw unreadable(`${project}: secret ${secret}`, seen.reason)
    const fingerprint = seen.state === 'value' ? String(seen.value.fingerprint) : 'absent'
    const known = names.get(fingerprint) ?? `snapshot-value-${names.size + 1}`
    names.set(fingerprint, known)
    return known
  },
})

const unreadable = (what: string, why: string): UserError =>
  new UserError(`cannot read ${what}: ${why}`, 'fix that, then run this again; nothing was written', 1)

async function writeScenario(file: string, scenario: Scenario, { root }: Workspace, runtime: Runtime): Promise<void> {
  const text = `# Written by breakglass snapshot. A text such as snapshot-value-1 replaces a value; equal values have the same text.\n${stringify(scenario, { aliasDuplicateObjects: false, lineWidth: 120 })}`
  const source = { name: shownPath(file, runtime.cwd), text }
  const reading = readScenario(source)
  if (!reading.ok) throw new InvalidFiles(reading.diagnostics, [source])
  const { kept } = await createFiles(root, [{ path: relative(root, file), text }])
  if (kept.length > 0) throw new UserError(`${source.name} already exists`, 'name another file with --out FILE')
}
