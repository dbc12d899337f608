import { resolve } from 'node:path'
import { type Command, Option } from 'commander'
import { printable } from '../../base/printable.ts'
import type { Readiness } from '../../base/readiness.ts'
import { checkLogsFolder } from '../../disk/logs/disk-space.ts'
import type { Workspace } from '../../disk/workspace.ts'
import { needsOf } from '../../gcloud/preflight/needs.ts'
import { pickEnvironment } from '../../plan/pick-environment.ts'
import { EXIT } from '../../session/exit-codes.ts'
import { chooseCloud, inventoryOf } from '../../session/host/choose-cloud.ts'
import { workspaceFor, workspaceOrShipped } from '../../session/host/default-workspace.ts'
import { loadGates, loadInventory, loadRunbooks } from '../../session/host/load.ts'
import type { AccessOptions, CommonOptions } from '../../session/host/options.ts'
import { emit, printer } from '../../session/host/output.ts'
import type { CloudChoice, Runtime, Wanted } from '../../session/host/runtime.ts'
import { accessFor } from '../../session/prepare/access.ts'
import { painter, type Style } from '../../terminal/screen.ts'
import { addAccessOptions } from '../access-options.ts'
import type { Context } from '../command.ts'
import { CLOUD } from '../option-groups.ts'
import { addWorkspaceOptions } from '../options.ts'

type DoctorOptions = CommonOptions & AccessOptions & { env?: string; sandbox?: string }

/** `breakglass doctor [RUNBOOK…] [--env E]`: checks that this machine is ready; exits 1 if something is missing. */
export function define(command: Command, { runtime, exit }: Context): void {
  addAccessOptions(addWorkspaceOptions(command))
    .argument('[runbook...]', 'Names or files of runbooks whose needs are checked too')
    .option('--env <environment>', 'Environment of the inventory whose project is checked')
    .addOption(
      new Option('--sandbox <scenario|address>', 'Check a simulated Google Cloud instead of the real one').helpGroup(
        CLOUD,
      ),
    )
    .action(async (runbooks: string[], options: DoctorOptions) => exit(await doctor(runbooks, options, runtime)))
}

async function doctor(runbooks: string[], options: DoctorOptions, runtime: Runtime): Promise<number> {
  const print = printer(options.json, runtime)
  const bare = runbooks.length === 0 && options.env === undefined
  const workspace = bare ? workspaceOrShipped(options.workspace, runtime) : workspaceFor(options, runtime)
  const choice = await chooseCloud(options.sandbox, workspace, runtime)
  const wanted = await wantedFor(runbooks, options, choice, workspace, runtime)
  const logs = resolve(runtime.cwd, options.logs ?? workspace.logs)
  const [cloud, disk] = await Promise.all([runtime.examine(choice, wanted), checkLogsFolder(logs)])
  const found = [...cloud, disk]
  for (const line of found.flatMap((each) => linesOf(each, runtime))) print(line)
  print('')
  print(`${summaryOf(found)}.`)
  const exitCode = found.some(({ status }) => status === 'failed') ? EXIT.failed : EXIT.done
  if (options.json) emit({ cloud: choice.kind === 'live' ? 'live' : 'sandbox', exitCode, checks: found }, runtime)
  return exitCode
}

async function wantedFor(
  given: string[],
  options: DoctorOptions,
  choice: CloudChoice,
  workspace: Workspace,
  runtime: Runtime,
): Promise<Wanted> {
  const { env, inventory } = options
  const runbooks = await loadRunbooks(given, workspace, runtime.cwd)
  const gates = await loadGates(runbooks, workspace, runtime.cwd)
  const all = runbooks.map(({ value }) => value)
  const needs =
    given.length === 0
      ? {}
      : {
          needs: needsOf(
            all,
            [...gates.values()].map(({ value }) => value),
          ),
        }
  if (env === undefined) return { ...needs, ...accessFor(undefined, undefined, options, runtime), strict: true }
  const loaded = await loadInventory(inventory, await inventoryOf(choice), workspace, runtime.cwd)
  const { project } = pickEnvironment(loaded.value, env)
  return { ...needs, ...accessFor(env, loaded, options, runtime), project, strict: true }
}

const STYLES: Record<Readiness['status'], Style> = { ok: 'good', warning: 'warn', failed: 'bad', skipped: 'quiet' }

function linesOf({ name, status, message, hint }: Readiness, runtime: Runtime): string[] {
  const paint = painter(runtime.terminal.colour)
  const line = `${paint(STYLES[status], status.padEnd(7))}  ${name.padEnd(13)}  ${printable(message)}`
  return hint === undefined || status === 'ok' ? [line] : [line, `${' '.repeat(24)}hint: ${printable(hint)}`]
}

/** Counts the checks by status: `8 ok, 1 warning, 2 failed`. */
function summaryOf(found: Readiness[]): string {
  const count = (status: Readiness['status']) => found.filter((each) => each.status === status).length
  const warnings = count('warning')
  const parts = [
    [count('failed'), 'failed'],
    [warnings, warnings === 1 ? 'warning' : 'warnings'],
    [count('skipped'), 'skipped'],
    [count('ok'), 'ok'],
  ] as const
  return parts.flatMap(([number, word]) => (number === 0 ? [] : [`${number} ${word}`])).join(', ')
}
