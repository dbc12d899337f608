import { existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { Command } from 'commander'
import { runbookFiles, scenarioFiles } from '../disk/workspace.ts'
import { EXIT } from '../exit-codes.ts'
import { gcloudKnowledge } from '../gcloud/command-tree.ts'
import { findGcloud, type Installed } from '../gcloud/find.ts'
import type { GcloudKnowledge } from '../runbook/command-tree.ts'
import { type Diagnostic, renderDiagnostic, sortDiagnostics } from '../runbook/diagnostic.ts'
import { Problem } from '../runbook/problem.ts'
import type { Source } from '../runbook/source.ts'
import { loadInventory } from './load.ts'
import { type CommonOptions, makeCommand } from './options.ts'
import type { Outside } from './outside.ts'
import { anyReader } from './read-any.ts'
import { emit, sayer } from './screen.ts'
import { workspaceOrShipped } from './shipped.ts'
import { validateDeep } from './validate-deep.ts'
import { type ReadFile, uncheckedCommands } from './validate-files.ts'
import { readMany } from './validate-many.ts'
import { lintReferences } from './validate-references.ts'
import { yamlChanges } from './watch.ts'

type ValidateOptions = CommonOptions & { deep?: boolean; watch?: boolean }

/** `breakglass validate [FILE…]`: every problem in the workspace's files, or in the named ones; 2 where there is any. */
export function define(outside: Outside, exit: (code: number) => void): Command {
  return makeCommand('validate', 'check runbooks, inventory and scenarios; every problem with its place')
    .argument('[file...]', 'files (default: all of the workspace)')
    .option('--deep', "also ask gcloud's own parser about every command line that the environments bind")
    .option('--watch', 'again whenever a file changes, until Ctrl-C')
    .action(async (files: string[], options: ValidateOptions) => exit(await validate(files, options, outside)))
}

async function validate(given: string[], options: ValidateOptions, outside: Outside): Promise<number> {
  const installed = findGcloud(outside.environment.PATH)
  const wanted = given.map((file) => resolve(outside.cwd, file))
  const desk = { options, outside, installed, knowledge: gcloudKnowledge(installed) }
  const files = () => (wanted.length > 0 ? Promise.resolve(wanted) : allFiles(options, outside))
  const code = await validateOnce(await files(), desk)
  if (!options.watch) return code
  const say = sayer(options.json, outside)
  const folders = [...new Set((await files()).map((file) => dirname(file)))].filter((folder) => existsSync(folder))
  say('Watching; Ctrl-C ends it.\n')
  for await (const _ of yamlChanges(folders, outside.stopping)) await validateOnce(await files(), desk)
  return EXIT.done
}

type Desk = {
  options: ValidateOptions
  outside: Outside
  installed: Installed | undefined
  knowledge: GcloudKnowledge
}

async function validateOnce(files: string[], { options, outside, installed, knowledge }: Desk): Promise<number> {
  const say = sayer(options.json, outside)
  const { diagnostics, sources, read } = await readMany(files, anyReader(knowledge), { installed, cwd: outside.cwd })
  diagnostics.push(...(await lintReferences(read)))
  const deep = options.deep ? await askDeep(read, { options, outside, installed, knowledge }) : undefined
  diagnostics.push(...(deep?.diagnostics ?? []))
  sayDiagnostics(diagnostics, sources, say, outside)
  const unchecked = uncheckedCommands(read, knowledge)
  if (unchecked.length > 0)
    say(
      `Nothing is known here of ${unchecked.map((name) => `\`gcloud ${name}\``).join(', ')}: validate again where gcloud is installed.`,
    )
  for (const each of deep?.unbound ?? []) say(`Not asked, because it can't be bound: ${each}.`)
  if (deep) say(`gcloud's own parser was asked about ${count(deep.asked, 'command line')}.`)
  say(summary(diagnostics, files.length))
  const gcloud = {
    version: knowledge.version,
    unchecked,
    ...(deep ? { asked: deep.asked, unbound: deep.unbound } : {}),
  }
  if (options.json) emit({ files: files.length, gcloud, diagnostics }, outside)
  return diagnostics.some(({ severity }) => severity === 'error') ? EXIT.usage : EXIT.done
}

/** Binds with the inventory that is among the files, else with the workspace's. Throws Problem. */
async function askDeep(read: ReadFile[], { options, outside, installed, knowledge }: Desk) {
  if (!installed)
    throw new Problem('no gcloud is installed, so its parser can not be asked', 'leave --deep out, or install gcloud')
  const runbooks = read.flatMap((file) => (file.kind === 'Runbook' ? [file] : []))
  const beside = read.flatMap((file) => (file.kind === 'Inventory' ? [file.value] : []))
  const inventory =
    beside[0] ??
    (await loadInventory(options.inventory, undefined, workspaceOrShipped(options.workspace, outside), outside.cwd))
      .value
  return validateDeep(runbooks, inventory, installed, knowledge, outside)
}

function summary(diagnostics: Diagnostic[], files: number): string {
  if (diagnostics.length === 0) return `${count(files, 'file')}, no problems.`
  const bad = new Set(diagnostics.map(({ file }) => file)).size
  const warnings = diagnostics.filter(({ severity }) => severity === 'warning').length
  const errors = diagnostics.length - warnings
  const said = [
    ...(errors > 0 ? [count(errors, 'problem')] : []),
    ...(warnings > 0 ? [count(warnings, 'warning')] : []),
  ]
  return `${said.join(' and ')} in ${bad} of ${count(files, 'file')}.`
}

const count = (number: number, thing: string): string => `${number} ${thing}${number === 1 ? '' : 's'}`

async function allFiles(options: CommonOptions, outside: Outside): Promise<string[]> {
  const workspace = workspaceOrShipped(options.workspace, outside)
  const inventory = options.inventory === undefined ? workspace.inventory : resolve(outside.cwd, options.inventory)
  return [inventory, ...(await runbookFiles(workspace)), ...(await scenarioFiles(workspace))]
}

/** Shows diagnostics in the order of the files and their lines, each with its code frame. */
export function sayDiagnostics(
  diagnostics: Diagnostic[],
  sources: Source[],
  say: (text: string) => void,
  outside: Outside,
): void {
  for (const diagnostic of sortDiagnostics(diagnostics)) {
    const source = sources.find(({ name }) => name === diagnostic.file)
    say(`${renderDiagnostic(diagnostic, source, { colour: outside.terminal.colour })}\n`)
  }
}
