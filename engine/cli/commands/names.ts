import { resolve } from 'node:path'
import { Argument, type Command } from 'commander'
import { printable } from '../../base/printable.ts'
import { INCIDENT, incidentsIn } from '../../disk/logs/incident-folder.ts'
import {
  findWorkspace,
  nameOf,
  nearestWorkspace,
  runbookFiles,
  scenarioFiles,
  shownPath,
  type Workspace,
  workspaceAt,
} from '../../disk/workspace.ts'
import { NAMED, type Named } from '../../report/completion/values.ts'
import { EXIT } from '../../session/exit-codes.ts'
import { logsFolder } from '../../session/host/logs-folder.ts'
import type { CommonOptions } from '../../session/host/options.ts'
import { emit } from '../../session/host/output.ts'
import type { Runtime } from '../../session/host/runtime.ts'
import type { Context } from '../command.ts'
import { addWorkspaceOptions } from '../options.ts'

/** `breakglass names KIND`: prints names and opens as few files as possible, since a shell calls it at every Tab. */
export function define(command: Command, { runtime, exit }: Context): void {
  addWorkspaceOptions(command)
    .addArgument(new Argument('<kind>', 'Kind of the names').choices(NAMED))
    .argument('[line...]', 'After --: a command line, whose --workspace, --logs and --inventory apply')
    .action(async (kind: Named, line: string[], options: CommonOptions) =>
      exit(await names(kind, { ...options, ...givenIn(line) }, runtime)),
    )
}

async function names(kind: Named, options: CommonOptions, runtime: Runtime): Promise<number> {
  // A name that a shell would have to quote is not offered.
  const found = (await namesOf(kind, options, runtime)).filter((name) => INCIDENT.test(name)).sort()
  if (options.json) emit(found, runtime)
  else for (const name of found) runtime.out(printable(name))
  return EXIT.done
}

async function namesOf(kind: Named, options: CommonOptions, runtime: Runtime): Promise<string[]> {
  switch (kind) {
    case 'runbooks':
      return (await runbookFiles(workspaceFor(options, runtime))).map(nameOf)
    case 'remediations':
      return remediationNames(workspaceFor(options, runtime))
    case 'scenarios':
      return (await scenarioFiles(workspaceFor(options, runtime))).map(nameOf)
    case 'environments':
      return environmentNames(options, runtime)
    case 'incidents':
      return incidentsIn(logsFolder(options, runtime))
  }
}

/** Returns the workspace, else the one that comes with Breakglass, as `list` does. */
const workspaceFor = ({ workspace }: CommonOptions, { cwd, packageFolder }: Runtime): Workspace =>
  workspace === undefined ? (nearestWorkspace(cwd) ?? workspaceAt(packageFolder)) : findWorkspace(cwd, workspace)

/** Returns the runbooks with a step that changes something, without validating them. */
async function remediationNames(workspace: Workspace): Promise<string[]> {
  const { readSource } = await import('../../disk/read-source.ts')
  const { parseDocument } = await import('../../runbook/yaml/document.ts')
  const changes = (file: string): boolean => {
    const found = readSource(file, file)
    const parsed = found.ok ? parseDocument(found.source) : found
    const value = parsed.ok ? parsed.document.value : null
    const steps = value !== null && typeof value === 'object' && 'steps' in value ? value.steps : []
    const kinds = Array.isArray(steps) ? steps.flatMap((step) => Object.keys(step ?? {})) : []
    return kinds.some((kind) => ['apply', 'secret', 'manual'].includes(kind))
  }
  return (await runbookFiles(workspace)).filter(changes).map(nameOf)
}

/** Returns the names of the environments, without validating the inventory. */
async function environmentNames({ workspace, inventory }: CommonOptions, runtime: Runtime): Promise<string[]> {
  const file =
    inventory === undefined ? findWorkspace(runtime.cwd, workspace).inventory : resolve(runtime.cwd, inventory)
  const { readSource } = await import('../../disk/read-source.ts')
  const found = await readSource(file, shownPath(file, runtime.cwd))
  if (!found.ok) return []
  const { parseDocument } = await import('../../runbook/yaml/document.ts')
  const parsed = parseDocument(found.source)
  const value = parsed.ok ? parsed.document.value : null
  const environments = value !== null && typeof value === 'object' && 'environments' in value ? value.environments : {}
  return Object.keys(environments ?? {})
}

/** Returns the options of a command line that choose the folders. */
function givenIn(line: string[]): CommonOptions {
  // Some shells split `--logs=DIR` into three words.
  const words = line.filter((word) => word !== '=')
  const given: CommonOptions = {}
  for (const name of ['workspace', 'logs', 'inventory'] as const) {
    const at = words.findIndex((word) => word === `--${name}` || word.startsWith(`--${name}=`))
    const value = words[at]?.split('=')[1] ?? words[at + 1]
    if (at >= 0 && value) given[name] = value
  }
  return given
}
