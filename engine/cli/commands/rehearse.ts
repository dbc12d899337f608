import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { nameOf, type Workspace } from '../../disk/workspace.ts'
import { scenarioChoice } from '../../session/host/choose-cloud.ts'
import { shippedWorkspace, workspaceOrShipped } from '../../session/host/default-workspace.ts'
import { loadScenario } from '../../session/host/load.ts'
import type { CommonOptions, ConsentOptions } from '../../session/host/options.ts'
import type { Runtime } from '../../session/host/runtime.ts'
import { rehearsalRequest } from '../../session/prepare/rehearsal-request.ts'
import { remediate } from '../../session/remediate.ts'
import type { Context } from '../command.ts'
import { addFaultOptions, type FaultOptions, withFaults } from '../fault-options.ts'
import { addConsentOptions, addWorkspaceOptions, coldOption, inputOption, takeOverOption } from '../options.ts'

type RehearseOptions = CommonOptions &
  FaultOptions &
  ConsentOptions & {
    takeOver?: boolean
    incident?: string
    input: Record<string, string>
    repo?: string
    cold?: boolean
  }

/** The default scenario, which comes with Breakglass. */
const SHIPPED = 'incident-2026-02-27'

/** `breakglass rehearse [SCENARIO]`: runs the scenario's runbooks in a sandbox of its own. */
export function define(command: Command, { runtime, exit }: Context): void {
  addConsentOptions(
    addFaultOptions(addWorkspaceOptions(command))
      .argument('[scenario]', `Name or file of a scenario (default: ${SHIPPED}, which comes with Breakglass)`)
      .option('--incident <incident>', 'Incident ID to log under (default: rehearsal-SCENARIO, numbered)')
      .addOption(inputOption())
      .option(
        '--repo <dir>',
        "Checkout of the repository, to find what is still to be backfilled (default: the scenario's)",
      )
      .addOption(coldOption()),
  )
    .addOption(takeOverOption())
    .action(async (scenario: string | undefined, options: RehearseOptions) =>
      exit(await rehearse(scenario, options, runtime)),
    )
}

async function rehearse(given: string | undefined, options: RehearseOptions, runtime: Runtime): Promise<number> {
  const here = workspaceOrShipped(options.workspace, runtime)
  const workspace = given === undefined ? shippedFrom(here, runtime) : here
  const loaded = await loadScenario(given ?? SHIPPED, workspace, runtime.cwd)
  const { input, ...asked } = await rehearsalRequest(loaded, workspace)
  const choice = scenarioChoice(loaded)
  const logs = resolve(runtime.cwd, options.logs ?? workspace.logs)
  return remediate(
    { ...choice, scenario: withFaults(choice.scenario, options, runtime) },
    workspace,
    {
      ...asked,
      ...options,
      input: { ...input, ...options.input },
      incident: options.incident ?? freeIncident(logs, `rehearsal-${nameOf(loaded.file)}`),
      yes: options.yes ?? false,
    },
    runtime,
  )
}

/** Returns the shipped workspace, which the shipped scenario needs, with the team's own logs folder. */
function shippedFrom(here: Workspace, runtime: Runtime): Workspace {
  if (here.root !== runtime.packageFolder)
    runtime.err(`Rehearsing ${SHIPPED} with the runbooks that come with Breakglass, not those of this workspace.`)
  return shippedWorkspace(here.logs, runtime)
}

/** Returns the first free incident ID, so that each rehearsal has its own log. */
function freeIncident(logs: string, base: string): string {
  if (!existsSync(join(logs, base))) return base
  for (let number = 2; ; number++) if (!existsSync(join(logs, `${base}-${number}`))) return `${base}-${number}`
}
