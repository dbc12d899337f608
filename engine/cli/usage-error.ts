import type { Command, CommanderError } from 'commander'
import { UserError } from '../base/problem.ts'
import { suggestName } from '../base/suggest.ts'

/** Explains what commander found wrong with a command line. */
export function usageError({ code, message }: CommanderError, command: Command, argv: string[]): UserError {
  const [first = ''] = message.replace(/^error: /, '').split('\n')
  const [, quoted = ''] = /'([^']*)'/.exec(first) ?? []
  const seeHelp = `\`breakglass ${command.name()} --help\` shows its arguments and options`
  switch (code) {
    case 'commander.unknownOption':
      return unknownOption(quoted, command, seeHelp)
    case 'commander.missingArgument':
      return new UserError(`missing argument <${quoted}>`, seeHelp)
    case 'commander.missingMandatoryOptionValue': {
      // Commander reports this first, but a mistyped option is the likelier cause.
      const unknown = unknownIn(argv, command)
      return unknown === undefined
        ? new UserError(`missing option ${quoted}`, seeHelp)
        : unknownOption(unknown, command, seeHelp)
    }
    case 'commander.optionMissingArgument':
      return new UserError(`${quoted.split(' ', 1)[0]} lacks its value`, seeHelp)
    case 'commander.invalidArgument':
      return invalidValue(first, seeHelp)
    case 'commander.conflictingOption':
      return new UserError(first.replaceAll(/option '(--[a-z-]+)(?:[^a-z'-][^']*)?'/g, '$1'), 'leave one of them out')
    default:
      return new UserError(first, seeHelp)
  }
}

function unknownOption(flag: string, { options }: Command, seeHelp: string): UserError {
  const meant = suggestName(flag, [...options.flatMap(({ long }) => long ?? []), '--help'])
  return new UserError(`unknown option ${flag}`, meant === undefined ? seeHelp : `did you mean ${meant}?`)
}

/** Returns the first option that the command does not have. */
function unknownIn(argv: string[], { options }: Command): string | undefined {
  const find = (flag: string | undefined) => options.find(({ long }) => long === flag)
  const end = argv.indexOf('--')
  return argv
    .slice(0, end < 0 ? undefined : end)
    .filter((argument, at) => argument.startsWith('--') && !find(argv[at - 1])?.required)
    .map((argument) => argument.split('=', 1)[0])
    .find((flag) => find(flag) === undefined)
}

const INVALID_VALUE =
  /^(?:option '(--[a-z-]+)(?:[^a-z'-][^']*)?' argument|command-argument value) '(.*)' is invalid(?: for argument '(.*)')?\. Allowed choices are (.*)\.$/

/** Explains a value that is not one of the choices. */
function invalidValue(message: string, seeHelp: string): UserError {
  const [all, flag, value = '', name, choices = ''] = INVALID_VALUE.exec(message) ?? []
  if (all === undefined) return new UserError(message, seeHelp)
  const meant = suggestName(value, choices.split(', '))
  return new UserError(
    `invalid value for ${flag ?? `<${name}>`}: ${value}`,
    meant === undefined ? `choose one of: ${choices}` : `did you mean ${meant}? The choices are: ${choices}`,
  )
}
