import { type Command, Option } from 'commander'
import { toMarkdown } from 'mdast-util-to-markdown'
import { printable } from '../../base/printable.ts'
import { runbookTree } from '../../report/pages/runbook-page.ts'
import { type Fact, factsOf } from '../../report/pages/step-facts.ts'
import type { Runbook, StepTemplate } from '../../runbook/types.ts'
import { EXIT } from '../../session/exit-codes.ts'
import { workspaceOrShipped } from '../../session/host/default-workspace.ts'
import { loadRunbooks } from '../../session/host/load.ts'
import type { CommonOptions } from '../../session/host/options.ts'
import { emit, printer } from '../../session/host/output.ts'
import type { Runtime } from '../../session/host/runtime.ts'
import { painter } from '../../terminal/screen.ts'
import type { Context } from '../command.ts'
import { addWorkspaceOptions } from '../options.ts'

const FORMATS = ['text', 'markdown'] as const
type ShowOptions = CommonOptions & { format: (typeof FORMATS)[number] }

/** `breakglass show RUNBOOK`: prints a runbook, with its expressions as they are written. */
export function define(command: Command, { runtime, exit }: Context): void {
  addWorkspaceOptions(command)
    .argument('<runbook>', 'Name or file of a runbook')
    .addOption(
      new Option('--format <format>', 'Format of the output').choices(FORMATS).default('text').conflicts('json'),
    )
    .action(async (name: string, options: ShowOptions) => exit(await show(name, options, runtime)))
}

async function show(name: string, options: ShowOptions, runtime: Runtime): Promise<number> {
  const [loaded] = await loadRunbooks([name], workspaceOrShipped(options.workspace, runtime), runtime.cwd)
  if (!loaded) return EXIT.usage
  if (options.json) emit(loaded.value, runtime)
  else if (options.format === 'markdown')
    runtime.out(toMarkdown(runbookTree(loaded.value), { bullet: '-', listItemIndent: 'one' }).trimEnd())
  else
    for (const line of describe(loaded.value, painter(runtime.terminal.colour)))
      printer(options.json, runtime)(printable(line))
  return EXIT.done
}

function describe(runbook: Runbook, paint: ReturnType<typeof painter>): string[] {
  const inputs = Object.entries(runbook.inputs).map(
    ([name, schema]) =>
      `  ${name}: ${String(schema.description ?? schema.title ?? '')} (default: ${JSON.stringify(schema.default ?? null)})`,
  )
  return [
    paint('strong', `${runbook.name}: ${runbook.title}`),
    runbook.description,
    `risk ${runbook.risk}`,
    ...(inputs.length > 0 ? ['', paint('strong', 'Inputs'), ...inputs] : []),
    '',
    paint('strong', 'Steps'),
    ...runbook.steps.flatMap(describeStep),
    ...(runbook.verify.length > 0
      ? ['', paint('strong', 'Checks at the end'), ...runbook.verify.flatMap(describeStep)]
      : []),
  ]
}

function describeStep(step: StepTemplate): string[] {
  return [`  ${step.id}: ${step.title}`, ...factsOf(step).map(describeFact)]
}

function describeFact({ says, code }: Fact): string {
  const text = says.replaceAll('\n', '\n      ')
  return `    ${code === undefined ? text : `${text.padEnd(5)} ${code}`}`
}
