import type { EventEmitter } from 'node:events'
import type { Command, Option } from 'commander'
import { UserError } from '../base/problem.ts'
import { AccessOption } from './access-options.ts'
import { RepeatableOption } from './options.ts'

/** Makes a command refuse every argument that commander would drop or mistake for something else. */
export function refuseDropped(command: Command, path: string, argv: string[]): void {
  const end = argv.indexOf('--')
  for (const argument of end < 0 ? argv : argv.slice(0, end)) refuseValueOfSwitch(command, argument)
  // Commander's types hide that a command is an emitter, and its own listener keeps only the last value.
  const events = command as unknown as EventEmitter
  const before = new Map<string, { flag: string; value: string }[]>()
  for (const option of command.options)
    events.prependListener(`option:${option.name()}`, (value?: string | null) => {
      const flag = option.long ?? option.flags
      if (typeof value === 'string') refuseNoValue(flag, value, argv)
      // `--x` and `--no-x` share an attribute.
      const given = before.get(option.attributeName()) ?? []
      refuseAgain(option, { flag, value: value ?? '' }, given, path)
      before.set(option.attributeName(), [...given, { flag, value: value ?? '' }])
    })
  command.allowExcessArguments().hook('preAction', (_, { args, registeredArguments }) => {
    if (!registeredArguments.some(({ variadic }) => variadic)) refuseMore(args, registeredArguments.length, path)
  })
}

function refuseValueOfSwitch(command: Command, argument: string): void {
  const [flag = '', ...value] = argument.split('=')
  const option = command.options.find(({ long }) => long === flag)
  if (value.length === 0 || option === undefined || option.required || option.optional) return
  throw new UserError(
    `${flag} takes no value, and was given ${value.join('=') || 'an empty one'}`,
    `write ${flag} without a value, or leave it out`,
  )
}

function refuseNoValue(flag: string, value: string, argv: string[]): void {
  if (value === '')
    throw new UserError(
      `${flag} has an empty value`,
      `give ${flag} a value, or leave it out; an unset shell variable is empty`,
    )
  if (value.startsWith('--') && argv.some((argument, at) => argument === flag && argv[at + 1] === value))
    throw new UserError(
      `${flag} lacks its value: ${value} follows it`,
      `give ${flag} a value; write one that starts with hyphens as ${flag}=${value}`,
    )
}

/** Refuses a second value, which would replace the first; a repeated switch changes nothing. */
function refuseAgain(
  option: Option,
  { flag, value }: { flag: string; value: string },
  given: { flag: string; value: string }[],
  path: string,
): void {
  const [first] = given
  if (first === undefined) return
  if (!option.required && !option.optional) {
    if (first.flag === flag) return
    throw new UserError(`${first.flag} and ${flag} are both given`, 'leave one of them out')
  }
  // A value that may hold a password is named only after it was checked; the first one was checked when it was read.
  if (option instanceof AccessOption) option.parseArg?.(value, undefined)
  if (!(option instanceof RepeatableOption))
    throw new UserError(
      `${flag} takes one value, and was given ${first.value} and ${value}`,
      `give ${flag} once; to use both, run \`breakglass ${path}\` once for each`,
    )
}

function refuseMore(args: string[], takes: number, path: string): void {
  if (args.length <= takes) return
  const most = takes === 0 ? 'no arguments' : takes === 1 ? 'one argument' : `${takes} arguments`
  throw new UserError(
    `\`breakglass ${path}\` takes ${most}, and was given ${args.length}: ${args.join(', ')}`,
    takes === 0
      ? `leave ${args.length === 1 ? 'it' : 'them'} out; options start with two hyphens`
      : `quote an argument that contains spaces; to use several, run \`breakglass ${path}\` once for each`,
  )
}
