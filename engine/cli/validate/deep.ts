import type { Diagnostic } from '../../base/diagnostic.ts'
import { UserError } from '../../base/problem.ts'
import type { Source } from '../../base/source.ts'
import { askParser } from '../../gcloud/ask-parser.ts'
import type { Installed } from '../../gcloud/find.ts'
import type { Argument } from '../../gcloud-grammar/argument.ts'
import { readCommandLine } from '../../gcloud-grammar/command-line.ts'
import type { CommandTree, GcloudKnowledge } from '../../gcloud-grammar/command-tree.ts'
import { bindRunbook } from '../../plan/bind.ts'
import { withVariables } from '../../runbook/expressions/cel-value.ts'
import { ExpressionError } from '../../runbook/expressions/expression.ts'
import type { Inventory } from '../../runbook/inventory.ts'
import { diagnose, type Path } from '../../runbook/lint/findings.ts'
import { commandsIn } from '../../runbook/lint/gcloud-commands.ts'
import type { Runbook } from '../../runbook/types.ts'
import { parseDocument } from '../../runbook/yaml/document.ts'
import type { Runtime } from '../../session/host/runtime.ts'
import { bindArgv } from '../../steps/arguments.ts'
import type { BoundGcloudStep, BoundStep } from '../../steps/types.ts'

/** A runbook and its source. */
export type RunbookFile = { source: Source; value: Runbook }

/** A command line as an environment binds it, and its position in the runbook. */
type BoundLine = { file: RunbookFile; path: Path; environment: string; argv: string[] }

/** Checks every command line that runbooks bind in the inventory's environments with gcloud's own parser. */
export async function validateDeep(
  files: RunbookFile[],
  inventory: Inventory,
  installed: Installed,
  { tree }: GcloudKnowledge,
  runtime: Runtime,
): Promise<{ asked: number; diagnostics: Diagnostic[]; unbound: string[] }> {
  const lines: BoundLine[] = []
  const unbound: string[] = []
  for (const file of files) {
    for (const environment of Object.keys(inventory.environments)) {
      try {
        lines.push(...boundLines(file, inventory, environment))
      } catch (error) {
        if (!(error instanceof UserError)) throw error
        unbound.push(`${file.source.name} for ${environment}: ${error.message}`)
      }
    }
  }
  if (lines.length === 0) return { asked: 0, diagnostics: [], unbound }
  const refusals = await askParser(
    lines.map(({ argv }) => flagsLast(argv, tree)),
    installed,
    runtime.environment,
  )
  const diagnostics = lines.flatMap((line, index) => diagnoseRefusal(line, refusals[index]))
  return { asked: new Set(lines.map(({ argv }) => argv.join('\0'))).size, diagnostics, unbound }
}

/** Binds a runbook without its gates, which are runbooks of their own. */
function boundLines(file: RunbookFile, inventory: Inventory, name: string): BoundLine[] {
  const environment = inventory.environments[name]!
  const own = ({ kind }: { kind: string }) => kind !== 'gate'
  const runbook = { ...file.value, steps: file.value.steps.filter(own), verify: file.value.verify.filter(own) }
  const { steps, checks } = bindRunbook(runbook, inventory, environment, {}, new Map())
  const place = (part: 'steps' | 'verify') => (step: BoundStep) => {
    const path = [part, file.value[part].findIndex(({ id }) => id === step.id)]
    return linesOf(step).map((line) => ({ file, environment: name, path: [...path, ...line.path], argv: line.argv }))
  }
  return [...steps.flatMap(place('steps')), ...checks.flatMap(place('verify'))]
}

/** Returns the command with its flags last and their values attached: in another order, the parser mixes them up. */
function flagsLast(argv: string[], tree: CommandTree): string[] {
  const { command, positionals, flags } = readCommandLine(argv, tree)
  const joined = flags.map(({ name, value }) => (value === undefined ? name : `${name}=${value.text}`))
  return [...command, ...positionals.map(({ text }) => text), ...joined]
}

type Line = { path: Path; argv: string[] }

function linesOf(step: BoundStep): Line[] {
  if (step.kind === 'http') return step.from ? [{ path: ['http', 'from'], argv: withProject(step.from) }] : []
  if (step.kind !== 'gcloud') return []
  const reads = step.reads.map(({ name, command }) => ({
    path: ['observe', 'gcloud', ...(name === undefined ? [] : [name])],
    argv: withProject(command),
  }))
  const apply =
    step.apply?.kind === 'gcloud' ? [{ path: ['apply', 'gcloud'], argv: withProject(step.apply.command) }] : []
  return [...reads, ...apply, ...undoLine(step)]
}

/** Returns the undo command as it would be if the expected state had been there before; none where that can't be bound. */
function undoLine(step: BoundGcloudStep): Line[] {
  if (!step.undo || !('words' in step.undo)) return []
  const examples = Object.fromEntries(Object.keys(step.select).map((name) => [name, 'example']))
  const before = { ...examples, ...(step.expect === 'absent' ? {} : step.expect) }
  try {
    const argv = bindArgv(step.undo.words, withVariables(step.variables, { before }))
    return [{ path: ['undo', 'gcloud'], argv: withProject({ argv, project: step.project }) }]
  } catch (error) {
    if (error instanceof UserError || error instanceof ExpressionError) return []
    throw error
  }
}

const withProject = ({ argv, project }: { argv: string[]; project: string }): string[] => [
  ...argv,
  `--project=${project}`,
]

function diagnoseRefusal({ file, path, environment }: BoundLine, refusal: string | undefined): Diagnostic[] {
  const parsed = parseDocument(file.source)
  if (refusal === undefined || !parsed.ok) return []
  const args = commandsIn(file.value).find((command) => command.path.join('\0') === path.join('\0'))?.args ?? []
  return diagnose(parsed.document, [
    {
      path: [...path, wordMeant(args, refusal)],
      message: `gcloud's own parser refuses this command, as \`${environment}\` binds it: ${refusal}`,
    },
  ])
}

/** Returns the index of the argument that a refusal names, else of the first. */
function wordMeant(args: Argument[], refusal: string): number {
  const [flag] = /--[a-z][a-z0-9-]*/.exec(refusal) ?? []
  const at = flag === undefined ? -1 : args.findIndex((arg) => typeof arg === 'string' && arg.split('=', 1)[0] === flag)
  return Math.max(0, at)
}
