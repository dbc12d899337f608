import type { Command } from 'commander'
import { Problem } from '../runbook/problem.ts'
import { chooseCloud } from './choose-cloud.ts'
import { type CloudOptions, makeCloudCommand } from './options.ts'
import type { Outside } from './outside.ts'
import { remediate } from './remediate.ts'
import { type GivenBesidePlan, runSaved } from './run-saved.ts'
import { workspaceFor } from './shipped.ts'

type RunOptions = Omit<CloudOptions, 'env'> & {
  env?: string
  plan?: string
  incident: string
  reason: string
  title?: string
  yes?: boolean
  takeOver?: boolean
}

/** `breakglass run RUNBOOK… --env E --incident ID --reason TEXT`: the guided remediation; `run --plan F`: exactly that plan. */
export function define(outside: Outside, exit: (code: number) => void): Command {
  return makeCloudCommand('run', 'the guided remediation', 'optional')
    .argument('[runbook...]', 'runbooks, by name or file, in this order')
    .requiredOption('--incident <id>', 'the incident that the run belongs to')
    .requiredOption('--reason <text>', 'why production is changed by hand; it stands in the record')
    .option('--plan <file>', 'carry out a saved plan, and nothing else: it says runbooks, environment and inputs')
    .option('--repo <dir>', 'a checkout of the repository, to see what it must still say')
    .option('--title <text>', "the title of the record (default: the incident's id)")
    .option('--yes', 'no questions: consent to what the plan shows')
    .option('--take-over', 'take over the lock of a run that was cut off; the log keeps that')
    .action(async (runbooks: string[], options: RunOptions) => exit(await run({ ...options, runbooks }, outside)))
}

async function run(options: RunOptions & { runbooks: string[] }, outside: Outside): Promise<number> {
  const request: GivenBesidePlan = { ...options, title: options.title ?? options.incident, yes: options.yes ?? false }
  if (options.plan !== undefined) return runSaved(options.plan, request, outside)
  if (request.runbooks.length === 0)
    throw new Problem(
      "missing required argument 'runbook'",
      'name a runbook (`breakglass list` shows what there is), or a saved plan with --plan FILE',
    )
  const { env } = request
  if (env === undefined)
    throw new Problem(
      "required option '--env <name>' not specified",
      'name an environment of the inventory, or a saved plan with --plan FILE',
    )
  const workspace = workspaceFor(request, outside)
  const choice = await chooseCloud(request.sandbox, workspace, outside)
  return remediate(choice, workspace, { ...request, env }, outside)
}
