import type { Argument, Option } from 'commander'
import type { ArgumentData, CommandData, OptionData } from '../report/completion/command-data.ts'
import { EXIT } from '../session/exit-codes.ts'
import type { Runtime } from '../session/host/runtime.ts'
import { buildCommand, type Named } from './build-command.ts'
import { COMMANDS } from './commands.ts'
import { OPTIONS } from './option-groups.ts'

/** Describes all commands except internal ones. */
export function describeCommands(runtime: Runtime): Promise<CommandData[]> {
  const entries = Object.entries(COMMANDS).filter(([, { group }]) => group !== 'internal')
  return Promise.all(entries.map(([name, entry]) => describeCommand({ path: [name], entry }, runtime)))
}

/** Describes a command and those under it. */
export async function describeCommand({ path, entry }: Named, runtime: Runtime): Promise<CommandData> {
  const context = { runtime, exit: () => {}, describeAll: () => describeCommands(runtime) }
  const command = await buildCommand({ path, entry }, context)
  const options = command.options.map(describeOption)
  const inner = 'commands' in entry ? Object.entries(entry.commands) : []
  return {
    name: path.at(-1) ?? '',
    summary: entry.summary,
    usage: [
      ...(inner.length > 0 ? ['<command>'] : command.registeredArguments.map(describeUsage)),
      ...options.filter(({ required }) => required).map(({ flag, value }) => `${flag} <${value}>`),
      '[options]',
    ].join(' '),
    arguments: command.registeredArguments.map(describeArgument),
    options,
    examples: entry.examples,
    exitCodes: entry.exits.map((name) => EXIT[name]),
    commands: await Promise.all(
      inner.map(([name, each]) => describeCommand({ path: [...path, name], entry: each }, runtime)),
    ),
  }
}

const describeUsage = (argument: Argument): string => {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`
  return argument.required ? `<${name}>` : `[${name}]`
}

const describeArgument = (argument: Argument): ArgumentData => ({
  name: argument.name(),
  summary: argument.description,
  required: argument.required,
  variadic: argument.variadic,
  ...(argument.argChoices ? { choices: [...argument.argChoices] } : {}),
})

function describeOption(option: Option): OptionData {
  const [, value] = /[<[]([^<>[\]]+)[>\]]/.exec(option.flags) ?? []
  const { defaultValue } = option
  return {
    flag: option.long ?? option.flags,
    summary: option.description,
    required: option.mandatory,
    group: option.helpGroupHeading ?? OPTIONS,
    ...(value === undefined ? {} : { value }),
    ...(option.argChoices ? { choices: [...option.argChoices] } : {}),
    ...(typeof defaultValue === 'string' ? { default: defaultValue } : {}),
  }
}
