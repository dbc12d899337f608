import { memoizeOf } from '../base/memoize.ts'
import type { Argument } from './argument.ts'
import { type CommandTree, type FlagKind, kindOfFlag } from './command-tree.ts'

/** An argument, or its part after `=`, with the index of the argument and the offset in it. */
export type Piece = { text: string; index: number; start: number }

/** A flag in a command; `on` is the expression that decides a boolean flag. */
export type GivenFlag = { name: string; index: number; value?: Piece; on?: string; kind?: FlagKind }

/** A parsed command: its name, flags and positional arguments. `known` has the flags that it accepts. */
export type CommandLine = {
  command: string[]
  node: CommandTree
  flags: GivenFlag[]
  positionals: Piece[]
  known: Record<string, FlagKind>
}

export const isExpression = (text: string): boolean => text.includes('${{')

/** Parses arguments into the command name, as far as the tree knows it, the flags with their values, and positional arguments. */
export const readCommandLine = (args: Argument[], tree: CommandTree): CommandLine => linesOf(tree)(args)

const linesOf = memoizeOf((tree: CommandTree) => memoizeOf((args: Argument[]) => parseArguments(args, tree)))

function parseArguments(args: Argument[], tree: CommandTree): CommandLine {
  const command: string[] = []
  let node = tree
  let known = tree.flags
  for (const arg of args) {
    if (typeof arg !== 'string' || !Object.hasOwn(node.commands, arg)) break
    node = node.commands[arg]!
    known = withFlagsOf(node, known)
    command.push(arg)
  }
  const line: CommandLine = { command, node, flags: [], positionals: [], known }
  for (let index = command.length; index < args.length; index++) {
    const arg = args[index]!
    if (typeof arg !== 'string')
      line.flags.push({ name: arg.flag, index, on: arg.on, ...kind(kindOfFlag(arg.flag, known)) })
    else if (!arg.startsWith('--')) line.positionals.push({ text: arg, index, start: 0 })
    else if (readFlag(line, arg, args[index + 1], index) === 'with the next argument') index++
  }
  return line
}

const taken = new WeakMap<CommandTree, Record<string, FlagKind>>()

/** Returns the flags of a command or group together with those of its outer groups, computed once per node. */
function withFlagsOf(node: CommandTree, outer: Record<string, FlagKind>): Record<string, FlagKind> {
  const flags = taken.get(node) ?? { ...outer, ...node.flags, ...node.hidden }
  taken.set(node, flags)
  return flags
}

function readFlag(line: CommandLine, arg: string, next: Argument | undefined, index: number) {
  const equals = arg.indexOf('=')
  const name = equals < 0 ? arg : arg.slice(0, equals)
  const takes = kindOfFlag(name, line.known)
  const flag = { name, index, ...kind(takes) }
  if (equals >= 0) {
    line.flags.push({ ...flag, value: { text: arg.slice(equals + 1), index, start: equals + 1 } })
    return 'alone'
  }
  const isValue = takes !== undefined && takes !== 'bool' && typeof next === 'string' && !next.startsWith('-')
  line.flags.push(isValue ? { ...flag, value: { text: next, index: index + 1, start: 0 } } : flag)
  return isValue ? 'with the next argument' : 'alone'
}

const kind = (found: FlagKind | undefined) => (found === undefined ? {} : { kind: found })
