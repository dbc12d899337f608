import type { Command } from 'commander'
import { EXIT } from '../exit-codes.ts'
import type { Json } from '../runbook/json.ts'
import { printable } from '../runbook/printable.ts'
import type { Runbook, StepTemplate, Word } from '../runbook/types.ts'
import { painter } from '../terminal/screen.ts'
import { loadRunbooks } from './load.ts'
import { type CommonOptions, makeCommand } from './options.ts'
import type { Outside } from './outside.ts'
import { emit, sayer } from './screen.ts'
import { workspaceOrShipped } from './shipped.ts'

/** `breakglass show RUNBOOK`: one runbook for reading, its expressions as they stand. */
export function define(outside: Outside, exit: (code: number) => void): Command {
  return makeCommand('show', 'one runbook for reading')
    .argument('<runbook>', 'a runbook, by name or file')
    .action(async (name: string, options: CommonOptions) => exit(await show(name, options, outside)))
}

async function show(name: string, options: CommonOptions, outside: Outside): Promise<number> {
  const [loaded] = await loadRunbooks([name], workspaceOrShipped(options.workspace, outside), outside.cwd)
  if (!loaded) return EXIT.usage
  if (options.json) emit(loaded.value, outside)
  else
    for (const line of describe(loaded.value, painter(outside.terminal.colour)))
      sayer(options.json, outside)(printable(line))
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
  const repeats = Object.entries(step.forEach ?? {}).map(([name, list]) => `    for each ${name} of ${list}`)
  return [`  ${step.id}: ${step.title}`, ...repeats, ...describeKind(step)]
}

function describeKind(step: StepTemplate): string[] {
  switch (step.kind) {
    case 'gcloud':
      return [
        ...expects(step),
        ...(step.apply ? [`    do:   gcloud ${words(step.apply.gcloud)}`] : ['    only shown']),
        ...(step.undo
          ? [
              'gcloud' in step.undo
                ? `    undo: gcloud ${words(step.undo.gcloud)}`
                : `    cannot be undone: ${step.undo.cannotBeUndone}`,
            ]
          : []),
      ]
    case 'secret':
      return [
        `    secret ${step.secret.name} must equal ${JSON.stringify(step.secret.references)}`,
        '    do:   add the value of the reference as a new version',
        '    undo: add the old value as a newer version',
      ]
    case 'http':
      return [`    GET ${step.http.url} must answer ${step.http.status}`]
    case 'workflowRun':
      return [`    run ${step.workflowRun.run} of ${step.workflowRun.repository} must have succeeded`]
    case 'script':
      return [`    ${step.script.run.join(' ')} must pass`]
    case 'gate':
      return [`    nothing that runbook ${step.gate.runbook} observes may have drifted`]
    case 'manual': {
      const { instructions, evidence } = step.manual
      return [
        ...expects(step),
        `    by hand: ${instructions.trim().replaceAll('\n', '\n      ')}`,
        ...(evidence === undefined ? [] : [`    asks for: ${evidence}`]),
        ...(step.observe ? [] : ['    nobody reads it: the record has the word of whoever did it']),
      ]
    }
    case 'wait':
      return 'for' in step.wait
        ? [`    waits ${step.wait.for}, after a change`]
        : [...expects(step), `    waits until that holds, at most ${step.wait.within}`]
    case 'approve':
      return [`    asks: ${step.approve.question}`]
  }
}

const expects = ({ expect }: { expect?: Json | undefined }): string[] =>
  expect === undefined ? [] : [`    expects ${JSON.stringify(expect)}`]

const words = (argv: Word[]): string =>
  argv.map((word) => (typeof word === 'string' ? word : `${word.flag} if ${word.on}`)).join(' ')
