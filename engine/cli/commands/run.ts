import type { Command } from 'commander'
import { UserError } from '../../base/problem.ts'
import { chooseCloud } from '../../session/host/choose-cloud.ts'
import { workspaceFor } from '../../session/host/default-workspace.ts'
import type { CloudOptions } from '../../session/host/options.ts'
import { printer } from '../../session/host/output.ts'
import type { Runtime } from '../../session/host/runtime.ts'
import { type Asked, askRequest, askWords } from '../../session/prepare/prompt-request.ts'
import { remediate } from '../../session/remediate.ts'
import { readSaved, runSaved } from '../../session/saved-plan/run-saved.ts'
import { questionsAt } from '../../terminal/questions.ts'
import { approvalOption, makeCloudCommand, signKeyOption, verboseOption } from '../options.ts'

type RunOptions = Omit<CloudOptions, 'env'> & {
  env?: string
  plan?: string
  incident?: string
  reason?: string
  title?: string
  yes?: boolean
  verbose?: boolean
  takeOver?: boolean
  signKey?: string
  approval: string[]
  key?: string
  override?: string
  policy?: boolean
}

/** `breakglass run RUNBOOK… --env E --incident ID --reason TEXT`: the guided remediation; `run --plan F`: exactly that plan. */
export function define(runtime: Runtime, exit: (code: number) => void): Command {
  return makeCloudCommand('run', 'the guided remediation', 'optional')
    .argument('[runbook...]', 'runbooks, by name or file, in this order')
    .option('--incident <incident>', 'the incident that the run belongs to')
    .option('--reason <text>', 'why production is changed by hand; it stands in the record')
    .option('--plan <file>', 'carry out a saved plan, and nothing else: it says runbooks, environment and inputs')
    .addOption(approvalOption('an approval of that plan; repeat it for more'))
    .option('--key <file>', 'your own SSH key, where the policy asks who you are (default: as for `approve`)')
    .option('--override <reason>', 'go on without the approval that is lacking; somebody else must countersign it')
    .option('--policy', 'hold a run in a sandbox to the policy too, as a live run is')
    .option('--repo <dir>', 'a checkout of the repository, to see what it must still say')
    .option('--title <text>', "the title of the record (default: the incident's id)")
    .option('--yes', 'no questions: consent to what the plan shows')
    .addOption(verboseOption())
    .addOption(signKeyOption())
    .option('--take-over', 'take over the lock of a run that was cut off; the log keeps that')
    .action(async (runbooks: string[], options: RunOptions) => exit(await run({ ...options, runbooks }, runtime)))
}

async function run(options: RunOptions & { runbooks: string[] }, runtime: Runtime): Promise<number> {
  const { plan } = options
  if (plan === undefined && options.approval.length > 0)
    throw new UserError('--approval is for a saved plan', 'name the plan that was approved with --plan FILE')
  const missing = missingIn(options)
  if (missing.length > 0 && !canAsk(options, runtime))
    throw new UserError(
      `Missing: ${missing.join(', ')}`,
      'give what is missing, or run it in a terminal, which asks; `breakglass run --help` explains each',
    )
  if (plan !== undefined) {
    const { cloud, plan: its } = await readSaved(plan, runtime)
    const questions = questionsAt(runtime, { cloud, project: its.environment.project })
    return runSaved(plan, withTitle(options, await askWords(options, questions)), runtime)
  }
  const workspace = workspaceFor(options, runtime)
  const choice = await chooseCloud(options.sandbox, workspace, runtime)
  const print = printer(options.json, runtime)
  const asked = canAsk(options, runtime)
    ? await askRequest(options, choice, workspace, (site) => questionsAt(runtime, site), print, runtime)
    : (options as Asked)
  return remediate(choice, workspace, { ...withTitle(options, asked), env: asked.env }, runtime)
}

const canAsk = ({ json }: RunOptions, { terminal }: Runtime): boolean => terminal.interactive && !json

/** What a run needs and was not told, as it is written on the command line. */
function missingIn({ runbooks, env, incident, reason, plan }: RunOptions & { runbooks: string[] }): string[] {
  const needed = {
    RUNBOOK: plan === undefined && runbooks.length === 0,
    '--env NAME': plan === undefined && env === undefined,
    '--incident ID': incident === undefined,
    '--reason TEXT': reason === undefined,
  }
  return Object.entries(needed).flatMap(([name, lacks]) => (lacks ? [name] : []))
}

const withTitle = <T extends { incident: string }>(options: RunOptions & { runbooks: string[] }, asked: T) => ({
  ...options,
  ...asked,
  title: options.title ?? asked.incident,
  yes: options.yes ?? false,
})
