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

/** What each validation needs: the options, what is known about gcloud, and the interpreter. */
export type Validator = {
  options: ValidateOptions
  runtime: Runtime
  installed: Installed | undefined
  knowledge: GcloudKnowledge
  interpret: Interpret<AnyFile>
}

/** Makes a validator, which is used again for each validation. */
export function makeValidator(options: ValidateOptions, runtime: Runtime, installed: Installed | undefined): Validator {
  const knowledge = gcloudKnowledge(installed)
  return { options, runtime, installed, knowledge, interpret: anyInterpreter(knowledge) }
}

/** Validates files once with the threads that were started for them, prints the result, and returns the exit code. */
export async function validateOnce(files: string[], threads: Threads, validator: Validator): Promise<number> {
  const { options, runtime, knowledge } = validator
  const print = printer(options.json, runtime)
  const { diagnostics, sources, read } = await readMany(threads, validator.interpret, runtime.cwd)
  diagnostics.push(...(await lintReferences(read)))
  const deep = options.deep ? await askDeep(read, validator) : undefined
  diagnostics.push(...(deep?.diagnostics ?? []))
  if (diagnostics.length > 0) {
    const { printDiagnostics } = await import('../../session/host/print-diagnostics.ts')
    printDiagnostics(diagnostics, sources, print, runtime)
  }
  const unchecked = uncheckedCommands(read, knowledge)
  if (unchecked.length > 0)
    print(
      `Not checked: ${unchecked.map((name) => `\`gcloud ${name}\``).join(', ')}. To check them, validate where gcloud is installed.`,
    )
  for (const each of deep?.unbound ?? []) print(`Not checked by gcloud's parser, because it can't be bound: ${each}.`)
  if (deep) print(`gcloud's own parser checked ${count(deep.asked, 'command line')}.`)
  print(summary(diagnostics, files.length))
  const gcloud = {
    version: knowledge.version,
    unchecked,
    ...(deep ? { asked: deep.asked, unbound: deep.unbound } : {}),
  }
  if (options.json) emit({ files: files.length, gcloud, diagnostics }, runtime)
  return diagnostics.some(({ severity }) => severity === 'error') ? EXIT.usage : EXIT.done
}

/** Checks bound command lines with gcloud's parser, with the inventory among the files, else the workspace's. Throws UserError. */
async function askDeep(read: ReadFile[], { options, runtime, installed, knowledge }: Validator) {
  if (!installed)
    throw new UserError('no gcloud is installed, and --deep needs its parser', 'leave --deep out, or install gcloud')
  const runbooks = read.flatMap((file) => (file.kind === 'Runbook' ? [file] : []))
  const inventories = read.flatMap((file) => (file.kind === 'Inventory' ? [file.value] : []))
  const inventory =
    inventories[0] ??
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
  const parts = [
    ...(errors > 0 ? [count(errors, 'problem')] : []),
    ...(warnings > 0 ? [count(warnings, 'warning')] : []),
  ]
  return `${parts.join(' and ')} in ${bad} of ${count(files, 'file')}.`
}

const count = (number: number, resource: string): string => `${number} ${resource}${number === 1 ? '' : 's'}`
