import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { nameOf, type Workspace } from '../../disk/workspace.ts'
import { scenarioChoice } from '../../session/host/choose-cloud.ts'
import { shippedWorkspace, workspaceOrShipped } from '../../session/host/default-workspace.ts'
import { loadScenario } from '../../session/host/load.ts'
import type { CommonOptions } from '../../session/host/options.ts'
import type { Runtime } from '../../session/host/runtime.ts'
import { rehearsalRequest } from '../../session/prepare/rehearsal-request.ts'
import { remediate } from '../../session/remediate.ts'
import { addFaultOptions, type FaultOptions, withFaults } from '../fault-options.ts'
import { coldOption, inputOption, makeCommand, signKeyOption, verboseOption } from '../options.ts'

type RehearseOptions = CommonOptions &
  FaultOptions & {
    yes?: boolean
    verbose?: boolean
    takeOver?: boolean
    signKey?: string
    policy?: boolean
    key?: string
    override?: string
    incident?: string
    input: Record<string, string>
    repo?: string
    cold?: boolean
  }

/** What `breakglass rehearse` rehearses when it is told nothing: a scenario that comes with Breakglass. */
const SHIPPED = 'incident-2026-02-27'

/** `breakglass rehearse [SCENARIO]`: the scenario's runbooks, carried out by the same loop in a sandbox of its own. */
export function define(runtime: Runtime, exit: (code: number) => void): Command {
  return addFaultOptions(
    makeCommand('rehearse', 'the same loop in the sandbox, with the real gcloud when there is one'),
  )
    .argument('[scenario]', `a scenario, by name or file (default: ${SHIPPED}, which comes with Breakglass)`)
    .option('--incident <incident>', 'the incident id to log under (default: rehearsal-SCENARIO, numbered)')
    .addOption(inputOption())
    .option('--repo <dir>', "a checkout of the repository, to see what it must still say (default: the scenario's)")
    .addOption(coldOption())
    .option('--policy', 'hold it to the policy, as a live run is')
    .option('--key <file>', 'your own SSH key, where the policy asks who you are (default: as for `approve`)')
    .option('--override <reason>', 'go on without the approval that is lacking; somebody else must countersign it')
    .option('--yes', 'no questions: consent to what the plan shows')
    .addOption(verboseOption())
    .addOption(signKeyOption())
    .option('--take-over', 'take over the lock of a run that was cut off; the log keeps that')
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

/** The shipped scenario needs the shipped runbooks and inventory; its log goes where the team's logs are. */
function shippedFrom(here: Workspace, runtime: Runtime): Workspace {
  if (here.root !== runtime.packageFolder)
    runtime.err(`Rehearsing ${SHIPPED} with the runbooks that come with Breakglass, not with those of this workspace.`)
  return shippedWorkspace(here.logs, runtime)
}

/** Each rehearsal has a log of its own: the first free number. */
function freeIncident(logs: string, base: string): string {
  if (!existsSync(join(logs, base))) return base
  for (let number = 2; ; number++) if (!existsSync(join(logs, `${base}-${number}`))) return `${base}-${number}`
}
