import { existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { Command } from 'commander'
import { runbookFiles, scenarioFiles } from '../disk/workspace.ts'
import { EXIT } from '../exit-codes.ts'
import { findGcloud } from '../gcloud/find.ts'
import { refuseNamedTwice } from './list-of.ts'
import { type CommonOptions, makeCommand } from './options.ts'
import type { Outside } from './outside.ts'
import { sayer } from './say.ts'
import { workspaceOrShipped } from './shipped.ts'
import type { Desk, ValidateOptions } from './validate-once.ts'
import { startThreads } from './validate-threads.ts'
import { yamlChanges } from './watch.ts'

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
  refuseNamedTwice('file', given, wanted)
  const files = () => (wanted.length > 0 ? Promise.resolve(wanted) : allFiles(options, outside))
  let desk: Desk | undefined
  const once = async () => {
    const all = await files()
    // Threads begin to read the files while this one loads what interpreting them takes, so they are started first.
    const threads = startThreads(all, outside.cwd)
    try {
      const { openDesk, validateOnce } = await import('./validate-once.ts')
      desk ??= openDesk(options, outside, installed)
      return await validateOnce(all, threads, desk)
    } finally {
      await threads.end()
    }
  }
  const over = options.deep ? () => {} : outside.endAtOnce()
  const code = await once()
  over()
  if (!options.watch) return code
  const say = sayer(options.json, outside)
  const folders = [...new Set((await files()).map((file) => dirname(file)))].filter((folder) => existsSync(folder))
  say('Watching; Ctrl-C ends it.\n')
  for await (const _ of yamlChanges(folders, outside.stopping)) await once()
  return EXIT.done
}

async function allFiles(options: CommonOptions, outside: Outside): Promise<string[]> {
  const workspace = workspaceOrShipped(options.workspace, outside)
  const inventory = options.inventory === undefined ? workspace.inventory : resolve(outside.cwd, options.inventory)
  return [inventory, ...(await runbookFiles(workspace)), ...(await scenarioFiles(workspace))]
}
