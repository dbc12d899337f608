import { type Command, Option } from 'commander'
import { printable } from '../../base/printable.ts'
import type { Workspace } from '../../disk/workspace.ts'
import { refuseUnknownEnvironments } from '../../plan/pick-environment.ts'
import { Interrupted } from '../../run/model/host.ts'
import { EXIT } from '../../session/exit-codes.ts'
import { chooseCloud, cloudOf, inventoryOf } from '../../session/host/choose-cloud.ts'
import { workspaceFor } from '../../session/host/default-workspace.ts'
import { explain } from '../../session/host/explain-error.ts'
import { loadInventory } from '../../session/host/load.ts'
import { logsFolder } from '../../session/host/logs-folder.ts'
import type { CloudOptions } from '../../session/host/options.ts'
import { printer } from '../../session/host/output.ts'
import type { CloudChoice, Runtime } from '../../session/host/runtime.ts'
import { type Ready, readAndBind } from '../../session/prepare/prepare.ts'
import { painter } from '../../terminal/screen.ts'
import {
  type CheckedEnvironment,
  type CheckVerdict,
  checkEnvironment,
  checkVerdict,
  failedEnvironment,
  verdictOn,
} from '../check/environment.ts'
import { CHECK_FORMATS, type CheckFormat, writeCheck } from '../check/formats.ts'
import { listOf, refuseTwice } from '../check/list-of.ts'
import { type OpenItem, openItems } from '../check/open-items.ts'
import type { Context } from '../command.ts'
import { addCloudOptions, inputOption, noScriptsOption, RepeatableOption } from '../options.ts'

type CheckOptions = Omit<CloudOptions, 'env'> & { env: string[]; format: CheckFormat }

/** `breakglass check RUNBOOK… --env E`: observes steps and checks; the worst verdict of all environments is the exit code. */
export function define(command: Command, { runtime, exit }: Context): void {
  addCloudOptions(command)
    .argument('<runbook...>', 'Names or files of runbooks')
    .addOption(
      new RepeatableOption(
        '--env <environment>',
        'Environment of the inventory; for several, repeat it or separate them with commas; the worst result is the exit code',
      )
        .argParser(collectEnvironments)
        .makeOptionMandatory(),
    )
    .addOption(inputOption())
    .addOption(noScriptsOption())
    .option('--repo <dir>', 'Checkout of the repository; what it still lacks counts as drift')
    .addOption(
      new Option('--format <format>', 'Format of the report').choices(CHECK_FORMATS).default('text').conflicts('json'),
    )
    .action(async (runbooks: string[], options: CheckOptions) => exit(await check({ ...options, runbooks }, runtime)))
}

function collectEnvironments(text: string, before: string[] = []): string[] {
  const names = [...before, ...listOf('--env', text)]
  refuseTwice('environment', names)
  return names
}

type CheckRequest = CheckOptions & { runbooks: string[] }

async function check(request: CheckRequest, runtime: Runtime): Promise<number> {
  const format = request.json ? 'json' : request.format
  const json = format !== 'text' && format !== 'github'
  const print = printer(json, runtime)
  const workspace = workspaceFor(request, runtime)
  const choice = await chooseCloud(request.sandbox, workspace, runtime)
  const all = await bindEnvironments(request, choice, workspace, runtime)
  const cloud = await cloudOf(choice)
  const results: CheckedEnvironment[] = []
  for (const ready of all) {
    const { environment } = ready
    if (all.length > 1) print(`\n${environment.name}`)
    try {
      if (runtime.stopping.aborted) throw new Interrupted()
      results.push(await checkEnvironment(ready, choice, { ...request, env: environment.name, json }, print, runtime))
    } catch (error) {
      // An environment that fails must not hide the results of the others.
      const failed = all.length > 1 ? await explain(error, runtime) : undefined
      if (failed === undefined) throw error
      results.push(failedEnvironment(ready, cloud, failed))
    }
  }
  const open = await openIn(results, request, runtime)
  for (const { says } of open) print(painter(runtime.terminal.colour)('notice', printable(`open     ${says}`)))
  print('')
  for (const each of results) print(checkVerdict(each, runtime.terminal.colour))
  const exitCode = worstOf(results)
  writeCheck(format, { results, open, exitCode }, runtime)
  return exitCode
}

/** Reads and binds the runbooks in every environment before any cloud is read. Throws InvalidFiles, UserError. */
async function bindEnvironments(
  request: CheckRequest,
  choice: CloudChoice,
  workspace: Workspace,
  runtime: Runtime,
): Promise<Ready[]> {
  const own = await inventoryOf(choice)
  const inventory = await loadInventory(request.inventory, own, workspace, runtime.cwd)
  refuseUnknownEnvironments(inventory.value, request.env)
  const bound: Ready[] = []
  for (const env of request.env) bound.push(await readAndBind({ ...request, env }, own, workspace, runtime))
  return bound
}

/** Returns what is still owed to an incident in the observed cloud. */
const openIn = async ([first]: CheckedEnvironment[], request: CheckOptions, runtime: Runtime): Promise<OpenItem[]> =>
  first ? openItems(logsFolder(request, runtime), first.cloud) : []

/** The verdicts, the worst first: drift outweighs whatever could not be observed. */
const WORST_FIRST: readonly CheckVerdict[] = ['interrupted', 'drift', 'failed', 'unknown', 'conformant']

const VERDICT_EXITS: Record<CheckVerdict, number> = {
  interrupted: EXIT.interrupted,
  drift: EXIT.drift,
  failed: EXIT.failed,
  unknown: EXIT.failed,
  conformant: EXIT.done,
}

function worstOf(results: CheckedEnvironment[]): number {
  const verdicts = results.map(verdictOn)
  return VERDICT_EXITS[WORST_FIRST.find((verdict) => verdicts.includes(verdict)) ?? 'unknown']
}
