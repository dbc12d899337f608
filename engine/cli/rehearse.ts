import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { findWorkspace, nameOf } from '../disk/workspace.ts'
import { Problem } from '../runbook/problem.ts'
import { scenarioChoice } from './choose-cloud.ts'
import { loadScenario } from './load.ts'
import { type CommonOptions, collectInput, makeCommand } from './options.ts'
import type { Outside } from './outside.ts'
import { remediate } from './remediate.ts'

type RehearseOptions = CommonOptions & { yes?: boolean; incident?: string; input: Record<string, string> }

/** `breakglass rehearse SCENARIO`: the scenario's runbooks, carried out by the same loop in a sandbox of its own. */
export function define(outside: Outside, exit: (code: number) => void): Command {
  return makeCommand('rehearse', 'the same loop in the sandbox, with the real gcloud')
    .argument('<scenario>', 'a scenario, by name or file')
    .option('--incident <id>', 'the incident id to log under (default: rehearsal-SCENARIO, numbered)')
    .option('--input <name=value>', 'an input of the runbooks; repeat it for more', collectInput, {})
    .option('--yes', 'no questions: consent to what the plan shows')
    .action(async (scenario: string, options: RehearseOptions) => exit(await rehearse(scenario, options, outside)))
}

async function rehearse(given: string, options: RehearseOptions, outside: Outside): Promise<number> {
  const workspace = findWorkspace(outside.cwd, options.workspace)
  const loaded = await loadScenario(given, workspace, outside.cwd)
  const { rehearsal, metadata } = loaded.value
  if (!rehearsal)
    throw new Problem(
      `scenario ${metadata.name} does not say what to rehearse`,
      'add `rehearsal:` with runbooks, environment and reason to it, or use `run --sandbox`',
    )
  const logs = resolve(outside.cwd, options.logs ?? join(workspace.root, 'logs'))
  return remediate(
    scenarioChoice(loaded),
    workspace,
    {
      ...options,
      runbooks: rehearsal.runbooks,
      env: rehearsal.environment,
      input: { ...rehearsal.inputs, ...options.input },
      incident: options.incident ?? freeIncident(logs, `rehearsal-${nameOf(loaded.file)}`),
      reason: rehearsal.reason,
      title: rehearsal.title ?? metadata.title,
      yes: options.yes ?? false,
    },
    outside,
  )
}

/** Each rehearsal has a log of its own: the first free number. */
function freeIncident(logs: string, base: string): string {
  if (!existsSync(join(logs, base))) return base
  for (let number = 2; ; number++) if (!existsSync(join(logs, `${base}-${number}`))) return `${base}-${number}`
}
