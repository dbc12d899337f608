import { resolve } from 'node:path'
import type { Command } from 'commander'
import { runbookFiles, scenarioFiles } from '../../disk/workspace.ts'
import { findGcloud } from '../../gcloud/find.ts'
import { EXIT } from '../../session/exit-codes.ts'
import { workspaceOrShipped } from '../../session/host/default-workspace.ts'
import type { CommonOptions } from '../../session/host/options.ts'
import { emit, printer } from '../../session/host/output.ts'
import type { Runtime } from '../../session/host/runtime.ts'
import type { Context } from '../command.ts'
import { addWorkspaceOptions } from '../options.ts'
import type { ValidateOptions, Validator } from '../validate/once.ts'
import { startThreads } from '../validate/threads.ts'
import { fileChanges } from '../validate/watch.ts'

/** `breakglass validate [FILE…]`: prints every problem in the files; exits 2 if there is one. */
export function define(command: Command, { runtime, exit }: Context): void {
  addWorkspaceOptions(command)
    .argument('[file...]', 'Files to check (default: all files of the workspace)')
    .option('--deep', "Also check every bound command line with gcloud's own parser")
    .option('--watch', 'Check again whenever a file changes, until Ctrl-C')
    .action(async (files: string[], options: ValidateOptions) => exit(await validate(files, options, runtime)))
}

async function validate(given: string[], options: ValidateOptions, runtime: Runtime): Promise<number> {
  const installed = findGcloud(runtime.environment.PATH)
  const wanted = [...new Set(given.map((file) => resolve(runtime.cwd, file)))]
  const files = filesFor(wanted, options, runtime)
  let validator: Validator | undefined
  const once = async () => {
    const all = await files()
    // Threads start first, so that they parse while this one loads the interpreter.
    const threads = startThreads(all, runtime.cwd)
    try {
      const { makeValidator, validateOnce } = await import('../validate/once.ts')
      validator ??= makeValidator(options, runtime, installed)
      return await validateOnce(all, threads, validator)
    } finally {
      await threads.end()
    }
  }
  const over = options.deep ? () => {} : runtime.endAtOnce()
  if (!options.watch) {
    const code = await once()
    over()
    return code
  }
  let watching = false
  for await (const _ of fileChanges(files, runtime.stopping)) {
    try {
      await once()
    } catch (error) {
      // An error of the workspace itself may be fixed by the next save.
      const failure = watching
        ? await (await import('../../session/host/explain-error.ts')).explain(error, runtime)
        : undefined
      if (failure === undefined) throw error
      if (options.json) emit({ error: failure }, runtime)
    }
    if (watching) continue
    over()
    printer(options.json, runtime)('Watching for changes; press Ctrl-C to stop.\n')
    watching = true
  }
  return EXIT.done
}

/** Returns a function that lists the files: those that were named, or all files that the workspace has at that time. */
function filesFor(wanted: string[], options: CommonOptions, runtime: Runtime): () => Promise<string[]> {
  if (wanted.length > 0) return () => Promise.resolve(wanted)
  const workspace = workspaceOrShipped(options.workspace, runtime)
  const inventory = options.inventory === undefined ? workspace.inventory : resolve(runtime.cwd, options.inventory)
  return async () => [inventory, ...(await runbookFiles(workspace)), ...(await scenarioFiles(workspace))]
}
