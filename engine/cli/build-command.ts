import { Command, Option } from 'commander'
import type { CommandEntry, Context } from './command.ts'
import { COMMANDS } from './commands.ts'
import { OUTPUT } from './option-groups.ts'

/** A command and its path, such as `audit verify`. */
export type Named = { path: string[]; entry: CommandEntry }

/** Finds the command that a command line names, and the arguments that follow it. */
export function findCommand(argv: string[]): (Named & { rest: string[] }) | undefined {
  const path: string[] = []
  let entry: CommandEntry | undefined
  for (let among: Record<string, CommandEntry> = COMMANDS; ; ) {
    const name = argv[path.length]
    if (name === undefined || !Object.hasOwn(among, name)) break
    entry = among[name]
    path.push(name)
    if (entry === undefined || 'read' in entry) break
    among = entry.commands
  }
  return entry && { path, entry, rest: argv.slice(path.length) }
}

/** Returns all commands, each before those under it, internal ones included. */
export const allCommands = (among: Record<string, CommandEntry> = COMMANDS, before: string[] = []): Named[] =>
  Object.entries(among).flatMap(([name, entry]) => {
    const path = [...before, name]
    return [{ path, entry }, ...('commands' in entry ? allCommands(entry.commands, path) : [])]
  })

/** Builds a command from its entry. It prints neither help nor errors: parsing throws a CommanderError for both. */
export async function buildCommand({ path, entry }: Named, context: Context): Promise<Command> {
  const command = new Command(path.join(' '))
    .description(entry.summary)
    .exitOverride()
    .configureOutput({ writeOut: () => {}, writeErr: () => {} })
  if ('read' in entry) (await entry.read()).define(command, context)
  return command
    .addOption(new Option('--json', 'Print one JSON document on stdout, and messages on stderr').helpGroup(OUTPUT))
    .addHelpOption(new Option('-h, --help', 'Show this help').helpGroup(OUTPUT))
}
