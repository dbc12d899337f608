import type { Command } from 'commander'
import { chooseCloud } from './choose-cloud.ts'
import { type CloudOptions, makeCloudCommand } from './options.ts'
import type { Outside } from './outside.ts'
import { remediate } from './remediate.ts'
import { workspaceFor } from './shipped.ts'

type RunOptions = CloudOptions & { incident: string; reason: string; title?: string; yes?: boolean; takeOver?: boolean }

/** `breakglass run RUNBOOK… --env E --incident ID --reason TEXT`: the guided remediation. */
export function define(outside: Outside, exit: (code: number) => void): Command {
  return makeCloudCommand('run', 'the guided remediation')
    .argument('<runbook...>', 'runbooks, by name or file, in this order')
    .requiredOption('--incident <id>', 'the incident that the run belongs to')
    .requiredOption('--reason <text>', 'why production is changed by hand; it stands in the record')
    .option('--repo <dir>', 'a checkout of the repository, to see what it must still say')
    .option('--title <text>', "the title of the record (default: the incident's id)")
    .option('--yes', 'no questions: consent to what the plan shows')
    .option('--take-over', 'take over the lock of a run that was cut off; the log keeps that')
    .action(async (runbooks: string[], options: RunOptions) => exit(await run({ ...options, runbooks }, outside)))
}

async function run(request: RunOptions & { runbooks: string[] }, outside: Outside): Promise<number> {
  const workspace = workspaceFor(request, outside)
  const choice = await chooseCloud(request.sandbox, workspace, outside)
  return remediate(
    choice,
    workspace,
    { ...request, title: request.title ?? request.incident, yes: request.yes ?? false },
    outside,
  )
}
