import type { Argument, Command, Option } from 'commander'
import type { ArgumentData, CommandData, OptionData } from '../report/completion/command-data.ts'
import type { Runtime } from '../session/host/runtime.ts'
import { COMMANDS } from './commands.ts'

/** Every command as data, read off the definitions that carry them out. */
export async function describeCommands(runtime: Runtime): Promise<CommandData[]> {
  const read = await Promise.all(Object.values(COMMANDS).map(({ read }) => read()))
  return read.map(({ define }) =>
    describe(
      define(
        runtime,
        () => {},
        () => describeCommands(runtime),
      ),
    ),
  )
}

const describe = (command: Command): CommandData => ({
  name: command.name(),
  summary: command.description(),
  usage: command.usage(),
  arguments: command.registeredArguments.map(describeArgument),
  options: command.options.map(describeOption),
  commands: command.commands.map(describe),
})

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
    ...(value === undefined ? {} : { value }),
    ...(option.argChoices ? { choices: [...option.argChoices] } : {}),
    ...(typeof defaultValue === 'string' ? { default: defaultValue } : {}),
  }
}
