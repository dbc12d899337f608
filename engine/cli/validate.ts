import { resolve } from 'node:path'
import type { Command } from 'commander'
import { readSource } from '../disk/read-source.ts'
import { runbookFiles, scenarioFiles, shownPath } from '../disk/workspace.ts'
import { EXIT } from '../exit-codes.ts'
import { type Diagnostic, renderDiagnostic, sortDiagnostics } from '../runbook/diagnostic.ts'
import type { Source } from '../runbook/source.ts'
import { type CommonOptions, makeCommand } from './options.ts'
import type { Outside } from './outside.ts'
import { readAny } from './read-any.ts'
import { emit, sayer } from './screen.ts'
import { workspaceOrShipped } from './shipped.ts'

/** `breakglass validate [FILE…]`: every problem in the workspace's files, or in the named ones; 2 where there is any. */
export function define(outside: Outside, exit: (code: number) => void): Command {
  return makeCommand('validate', 'check runbooks, inventory and scenarios; every problem with its place')
    .argument('[file...]', 'files (default: all of the workspace)')
    .action(async (files: string[], options: CommonOptions) => exit(await validate(files, options, outside)))
}

async function validate(given: string[], options: CommonOptions, outside: Outside): Promise<number> {
  const say = sayer(options.json, outside)
  const files = given.length > 0 ? given.map((file) => resolve(outside.cwd, file)) : await allFiles(options, outside)
  const diagnostics: Diagnostic[] = []
  const sources: Source[] = []
  for (const file of files) {
    const found = await readSource(file, shownPath(file, outside.cwd))
    if (!found.ok) {
      diagnostics.push(...found.diagnostics)
      continue
    }
    sources.push(found.source)
    const reading = readAny(found.source)
    if (!reading.ok) diagnostics.push(...reading.diagnostics)
  }
  sayDiagnostics(diagnostics, sources, say, outside)
  const bad = new Set(diagnostics.map(({ file }) => file)).size
  say(
    diagnostics.length === 0
      ? `${files.length} ${files.length === 1 ? 'file' : 'files'}, no problems.`
      : `${diagnostics.length} ${diagnostics.length === 1 ? 'problem' : 'problems'} in ${bad} of ${files.length} files.`,
  )
  if (options.json) emit({ files: files.length, diagnostics }, outside)
  return diagnostics.length === 0 ? EXIT.done : EXIT.usage
}

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
