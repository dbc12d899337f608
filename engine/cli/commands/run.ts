import type { Command } from 'commander'
import { UserError } from '../../base/problem.ts'
import { chooseCloud } from '../../session/host/choose-cloud.ts'
import { workspaceFor } from '../../session/host/default-workspace.ts'
import type { CloudOptions, ConsentOptions } from '../../session/host/options.ts'
import { printer } from '../../session/host/output.ts'
import type { Runtime } from '../../session/host/runtime.ts'
import { type Asked, askRequest, askWords } from '../../session/prepare/prompt-request.ts'
import { remediate } from '../../session/remediate.ts'
import { readSaved, runSaved } from '../../session/saved-plan/run-saved.ts'
import { questionsAt } from '../../terminal/questions.ts'
import type { Context } from '../command.ts'
import {
  addCloudOptions,
  addConsentOptions,
  approvalOption,
  environmentOption,
  inputOption,
  takeOverOption,
} from '../options.ts'

type RunOptions = Omit<CloudOptions, 'env'> &
  ConsentOptions & {
    env?: string
    plan?: string
    incident?: string
    reason?: string
    title?: string
    takeOver?: boolean
    approval: string[]
  }

/** `breakglass run RUNBOOK… --env E --incident ID --reason TEXT`: the guided remediation; `run --plan F`: exactly that plan. */
export function define(command: Command, { runtime, exit }: Context): void {
  addConsentOptions(
    addCloudOptions(command)
      .argument('[runbook...]', 'Names or files of runbooks, in the order in which they run')
      .addOption(environmentOption('optional'))
      .addOption(inputOption())
      .option('--incident <incident>', 'Incident ID')
      .option('--reason <text>', 'Why production is changed by hand; it appears in the record')
      .option('--title <text>', 'Title of the record (default: the incident ID)')
      .option('--plan <file>', 'Run exactly this saved plan: its runbooks, environment and inputs')
      .addOption(approvalOption())
      .option('--repo <dir>', 'Checkout of the repository, to find what is still to be backfilled'),
  )
    .addOption(takeOverOption())
    .action(async (runbooks: string[], options: RunOptions) => exit(await run({ ...options, runbooks }, runtime)))
}

async function run(options: RunOptions & { runbooks: string[] }, runtime: Runtime): Promise<number> {
  const { plan } = options
  if (plan === undefined && options.approval.length > 0)
    throw new UserError('--approval is for a saved plan', 'name the approved plan with --plan FILE')
  const missing = missingIn(options)
  if (missing.length > 0 && !canAsk(options, runtime))
    throw new UserError(
      `missing ${missing.join(', ')}`,
      'add what is missing, or run this in a terminal, which asks for it; `breakglass run --help` explains each',
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

/** Returns the missing arguments and options of a run, as they are written on the command line. */
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
