import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { createFiles } from '../../disk/create-files.ts'
import { FIRST, LOGS_IGNORED, STARTER_INVENTORY, starterFiles } from '../../disk/starter.ts'
import { EXIT } from '../../session/exit-codes.ts'
import type { CommonOptions } from '../../session/host/options.ts'
import { emit, printer } from '../../session/host/output.ts'
import type { Runtime } from '../../session/host/runtime.ts'
import { painter } from '../../terminal/screen.ts'
import type { Context } from '../command.ts'

/** `breakglass init [DIR]`: creates a workspace, and leaves existing files as they are. */
export function define(command: Command, { runtime, exit }: Context): void {
  command
    .argument('[dir]', 'Folder of the workspace (default: this one); existing files are never changed')
    .action(async (dir: string | undefined, options: CommonOptions) => exit(await init(dir ?? '.', options, runtime)))
}

async function init(dir: string, options: CommonOptions, runtime: Runtime): Promise<number> {
  const root = resolve(runtime.cwd, dir)
  const done = await createFiles(root, await starterFiles(root, runtime.packageFolder))
  const logsIgnored = ignoresLogs(await readFile(join(root, '.gitignore'), 'utf8').catch(() => ''))
  const next = nextSteps(root === runtime.cwd ? undefined : dir)
  const paint = painter(runtime.terminal.colour)
  const print = printer(options.json, runtime)
  for (const [heading, paths] of [
    [`Created in ${root}:`, done.created],
    ['Unchanged, because they already exist:', done.kept],
  ] as const) {
    if (paths.length > 0) print([paint('strong', heading), ...paths.map((path) => `  ${path}`), ''].join('\n'))
  }
  if (!logsIgnored) print(paint('warn', `Add to .gitignore, so that no log is committed: ${LOGS_IGNORED.join('  ')}\n`))
  if (done.kept.includes(STARTER_INVENTORY))
    print(
      paint(
        'warn',
        `${FIRST.scenario} uses the projects and services of the starter's inventory: change them to yours.\n`,
      ),
    )
  print(paint('strong', 'Next:'))
  for (const { command, why } of next) print(`  ${command.padEnd(46)} ${why}`.trimEnd())
  if (options.json) emit({ workspace: root, ...done, logsIgnored, next }, runtime)
  return EXIT.done
}

const ignoresLogs = (ignoreFile: string): boolean => /^\/?logs(\/\**)?\s*$/m.test(ignoreFile)

const nextSteps = (folder: string | undefined): { command: string; why: string }[] => [
  ...(folder === undefined ? [] : [{ command: `cd ${quoted(folder)}`, why: '' }]),
  {
    command: `breakglass rehearse ${FIRST.scenario}`,
    why: 'find drift and fix it, in a simulated cloud',
  },
  { command: `edit ${STARTER_INVENTORY}`, why: 'name your own projects and services' },
  { command: 'breakglass validate', why: 'check the files for errors' },
  { command: `breakglass check ${FIRST.runbook} --env prod`, why: 'observe your real cloud; changes nothing' },
]

const quoted = (word: string): string => (/^[\w./@+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)
