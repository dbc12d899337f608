import type { Diagnostic } from '../../base/diagnostic.ts'
import { UserError } from '../../base/problem.ts'
import { gcloudKnowledge } from '../../gcloud/command-tree.ts'
import type { Installed } from '../../gcloud/find.ts'
import type { GcloudKnowledge } from '../../gcloud-grammar/command-tree.ts'
import type { Interpret } from '../../runbook/reader.ts'
import { EXIT } from '../../session/exit-codes.ts'
import { workspaceOrShipped } from '../../session/host/default-workspace.ts'
import { loadInventory } from '../../session/host/load.ts'
import type { CommonOptions } from '../../session/host/options.ts'
import { emit, printer } from '../../session/host/output.ts'
import type { Runtime } from '../../session/host/runtime.ts'
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
  runtime: Runtime
  installed: Installed | undefined
  knowledge: GcloudKnowledge
  interpret: Interpret<AnyFile>
}

/** Makes what is needed again each time that files are validated. */
export function openDesk(options: ValidateOptions, runtime: Runtime, installed: Installed | undefined): Desk {
  const knowledge = gcloudKnowledge(installed)
  return { options, runtime, installed, knowledge, interpret: anyInterpreter(knowledge) }
}

/** Validates files once, with the threads that were started for them, and says what there is to say; answers the exit code. */
export async function validateOnce(files: string[], threads: Threads, desk: Desk): Promise<number> {
  const { options, runtime, knowledge } = desk
  const print = printer(options.json, runtime)
  const { diagnostics, sources, read } = await readMany(threads, desk.interpret, runtime.cwd)
  diagnostics.push(...(await lintReferences(read)))
  const deep = options.deep ? await askDeep(read, desk) : undefined
  diagnostics.push(...(deep?.diagnostics ?? []))
  if (diagnostics.length > 0) {
    const { sayDiagnostics } = await import('../../session/host/print-diagnostics.ts')
    sayDiagnostics(diagnostics, sources, print, runtime)
  }
  const unchecked = uncheckedCommands(read, knowledge)
  if (unchecked.length > 0)
    print(
      `Nothing is known here of ${unchecked.map((name) => `\`gcloud ${name}\``).join(', ')}: validate again where gcloud is installed.`,
    )
  for (const each of deep?.unbound ?? []) print(`Not asked, because it can't be bound: ${each}.`)
  if (deep) print(`gcloud's own parser was asked about ${count(deep.asked, 'command line')}.`)
  print(summary(diagnostics, files.length))
  const gcloud = {
    version: knowledge.version,
    unchecked,
    ...(deep ? { asked: deep.asked, unbound: deep.unbound } : {}),
  }
  if (options.json) emit({ files: files.length, gcloud, diagnostics }, runtime)
  return diagnostics.some(({ severity }) => severity === 'error') ? EXIT.usage : EXIT.done
}

/** Binds with the inventory that is among the files, else with the workspace's. Throws UserError. */
async function askDeep(read: ReadFile[], { options, runtime, installed, knowledge }: Desk) {
  if (!installed)
    throw new UserError('no gcloud is installed, so its parser can not be asked', 'leave --deep out, or install gcloud')
  const runbooks = read.flatMap((file) => (file.kind === 'Runbook' ? [file] : []))
  const beside = read.flatMap((file) => (file.kind === 'Inventory' ? [file.value] : []))
  const inventory =
    beside[0] ??
    (await loadInventory(options.inventory, undefined, workspaceOrShipped(options.workspace, runtime), runtime.cwd))
      .value
  const { validateDeep } = await import('./deep.ts')
  return validateDeep(runbooks, inventory, installed, knowledge, runtime)
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

const count = (number: number, resource: string): string => `${number} ${resource}${number === 1 ? '' : 's'}`
