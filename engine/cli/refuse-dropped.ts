import type { EventEmitter } from 'node:events'
import type { Command, Option } from 'commander'
import { UserError } from '../base/problem.ts'
import { AccessOption } from './access-options.ts'
import { RepeatableOption } from './options.ts'

/** Has a command, and its own commands, refuse every word of a command line that commander's parser would drop or take for something else. */
export function refuseDropped(command: Command, path: string, words: string[]): void {
  const end = words.indexOf('--')
  for (const word of end < 0 ? words : words.slice(0, end)) refuseValueOfSwitch(command, word)
  // Commander's types leave out that a command is an emitter, and its own listener keeps only the last value.
  const events = command as unknown as EventEmitter
  const before = new Map<string, { flag: string; value: string }[]>()
  for (const option of command.options)
    events.prependListener(`option:${option.name()}`, (value?: string | null) => {
      const flag = option.long ?? option.flags
      if (typeof value === 'string') refuseNoValue(flag, value, words)
      // `--x` and `--no-x` have one attribute.
      const given = before.get(option.attributeName()) ?? []
      refuseAgain(option, { flag, value: value ?? '' }, given, path)
      before.set(option.attributeName(), [...given, { flag, value: value ?? '' }])
    })
  if (command.commands.length === 0)
    command.allowExcessArguments().hook('preAction', (_, { args, registeredArguments }) => {
      if (!registeredArguments.some(({ variadic }) => variadic)) refuseMore(args, registeredArguments.length, path)
    })
  for (const own of command.commands) refuseDropped(own, `${path} ${own.name()}`, words)
}

function refuseValueOfSwitch(command: Command, word: string): void {
  const [flag = '', ...value] = word.split('=')
  const option = command.options.find(({ long }) => long === flag)
  if (value.length === 0 || option === undefined || option.required || option.optional) return
  throw new UserError(
    `${flag} takes no value, and was given ${value.join('=') || 'an empty one'}`,
    `write ${flag} alone, or leave it out`,
  )
}

function refuseNoValue(flag: string, value: string, words: string[]): void {
  if (value === '')
    throw new UserError(
      `${flag} is given an empty value`,
      `give ${flag} a value, or leave it out; an unset shell variable is empty`,
    )
  if (value.startsWith('--') && words.some((word, at) => word === flag && words[at + 1] === value))
    throw new UserError(
      `${flag} lacks its value: ${value} follows it`,
      `give ${flag} a value; one that begins with hyphens is written ${flag}=${value}`,
    )
}

/** A switch given twice says nothing else than once; of two values, one would be dropped. */
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
  // The one before was checked when it was read; a value that may hold a password is said after that only.
  if (option instanceof AccessOption) option.parseArg?.(value, undefined)
  if (!(option instanceof RepeatableOption))
    throw new UserError(
      `${flag} takes one value, and was given ${first.value} and ${value}`,
      `give ${flag} once; to use both, run \`breakglass ${path}\` once for each`,
    )
}

function refuseMore(args: string[], takes: number, path: string): void {
  if (args.length <= takes) return
  const most = takes === 0 ? 'no argument' : takes === 1 ? 'one argument' : `${takes} arguments`
  throw new UserError(
    `\`breakglass ${path}\` takes ${most}, and was given ${args.length}: ${args.join(', ')}`,
    takes === 0
      ? `leave ${args.length === 1 ? 'it' : 'them'} out; an option begins with two hyphens`
      : `quote a text that has spaces; to use several, run \`breakglass ${path}\` once for each`,
  )
}
