import type { Diagnostic } from '../../base/diagnostic.ts'
import { Problem } from '../../base/problem.ts'
import { gcloudKnowledge } from '../../gcloud/command-tree.ts'
import type { Installed } from '../../gcloud/find.ts'
import type { GcloudKnowledge } from '../../gcloud-grammar/command-tree.ts'
import type { Interpret } from '../../runbook/reader.ts'
import { EXIT } from '../../session/exit-codes.ts'
import { workspaceOrShipped } from '../../session/host/default-workspace.ts'
import { loadInventory } from '../../session/host/load.ts'
import type { CommonOptions } from '../../session/host/options.ts'
import { emit, sayer } from '../../session/host/output.ts'
import type { Outside } from '../../session/host/runtime.ts'
import { type ReadFile, uncheckedCommands } from './files.ts'
import { type AnyFile, anyInterpreter } from './interpret-any.ts'
import { readMany } from './many.ts'
import { lintReferences } from './references.ts'
import type { Threads } from './threads.ts'

/** The options of `breakglass validate`. */
export type ValidateOptions = CommonOptions & { deep?: boolean; watch?: boolean }

/** What files are validated with: what is known of gcloud, and what interprets files by it. */
export type Desk = {
  options: ValidateOptions
  outside: Outside
  installed: Installed | undefined
  knowledge: GcloudKnowledge
  interpret: Interpret<AnyFile>
}

/** Makes what is needed again each time that files are validated. */
export function openDesk(options: ValidateOptions, outside: Outside, installed: Installed | undefined): Desk {
  const knowledge = gcloudKnowledge(installed)
  return { options, outside, installed, knowledge, interpret: anyInterpreter(knowledge) }
}

/** Validates files once, with the threads that were started for them, and says what there is to say; answers the exit code. */
export async function validateOnce(files: string[], threads: Threads, desk: Desk): Promise<number> {
  const { options, outside, knowledge } = desk
  const say = sayer(options.json, outside)
  const { diagnostics, sources, read } = await readMany(threads, desk.interpret, outside.cwd)
  diagnostics.push(...(await lintReferences(read)))
  const deep = options.deep ? await askDeep(read, desk) : undefined
  diagnostics.push(...(deep?.diagnostics ?? []))
  if (diagnostics.length > 0) {
    const { sayDiagnostics } = await import('../../session/host/print-diagnostics.ts')
    sayDiagnostics(diagnostics, sources, say, outside)
  }
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
  const { validateDeep } = await import('./deep.ts')
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
