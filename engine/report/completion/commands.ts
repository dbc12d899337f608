import type { CommandData, OptionData } from './command-data.ts'
import { type CompletedBy, completesArgument, completesOption } from './values.ts'

/** A command as a shell completes it; its path is `audit verify`, for example, and '' for the program itself. */
export type CompletedCommand = {
  path: string
  options: CompletedOption[]
  /** What completes its first argument, its second, and so on; `more` completes all that follow. */
  places: CompletedBy[]
  more: CompletedBy
  /** The commands under it. */
  commands: { name: string; summary: string }[]
}

/** An option, and what completes its value, if it takes one. */
export type CompletedOption = { flag: string; summary: string; value?: string; by?: CompletedBy }

const HELP: CompletedOption = { flag: '--help', summary: 'Show help' }
const VERSION: CompletedOption = { flag: '--version', summary: 'Show the version' }

/** Returns all commands as a shell completes them, the program first, with the options that can come before a command's name. */
export function completedCommands(commands: CommandData[], before: readonly string[]): CompletedCommand[] {
  const global = commands
    .flatMap(({ options }) => options)
    .filter(({ flag }, index, all) => before.includes(flag) && all.findIndex((other) => other.flag === flag) === index)
  const program = {
    path: '',
    options: [...global.map(completedOption), VERSION, HELP],
    places: [],
    more: NOTHING,
    commands: commands.map(({ name, summary }) => ({ name, summary })),
  }
  return [program, ...commands.flatMap((command) => completed('', command))]
}

const NOTHING: CompletedBy = { kind: 'nothing' }

function completed(before: string, command: CommandData): CompletedCommand[] {
  const path = before === '' ? command.name : `${before} ${command.name}`
  const args = command.arguments.map((argument) => ({
    by: completesArgument(argument, path),
    variadic: argument.variadic,
  }))
  return [
    {
      path,
      options: [...command.options.map(completedOption), HELP],
      places: args.filter(({ variadic }) => !variadic).map(({ by }) => by),
      more: args.find(({ variadic }) => variadic)?.by ?? NOTHING,
      commands: command.commands.map(({ name, summary }) => ({ name, summary })),
    },
    ...command.commands.flatMap((inner) => completed(path, inner)),
  ]
}

const completedOption = (option: OptionData): CompletedOption => ({
  flag: option.flag,
  summary: option.summary,
  ...(option.value === undefined ? {} : { value: option.value, by: completesOption(option) }),
})

/** Quotes a text for a POSIX shell. */
export const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`
