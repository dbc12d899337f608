import { memoizeOf } from '../base/memoize.ts'
import type { Argument } from './argument.ts'
import { type CommandTree, type FlagKind, kindOfFlag } from './command-tree.ts'

/** A word of a command, or the part of one behind `=`, and where it stands: its index, and its offset in that word. */
export type Piece = { text: string; index: number; start: number }

/** A flag as it is given; `on` stands for a yes-or-no flag that an expression decides. */
export type GivenFlag = { name: string; index: number; value?: Piece; on?: string; kind?: FlagKind }

/** A command's words, sorted by what they are. */
export type CommandLine = {
  command: string[]
  node: CommandTree
  flags: GivenFlag[]
  positionals: Piece[]
  known: Record<string, FlagKind>
}

export const isExpression = (text: string): boolean => text.includes('${{')

/** Sorts a command's words: those of the command itself as far as the tree knows them, its flags with their values, the rest. */
export const readCommandLine = (words: Argument[], tree: CommandTree): CommandLine => linesOf(tree)(words)

const linesOf = memoizeOf((tree: CommandTree) => memoizeOf((words: Argument[]) => sortWords(words, tree)))

function sortWords(words: Argument[], tree: CommandTree): CommandLine {
  const command: string[] = []
  let node = tree
  let known = tree.flags
  for (const word of words) {
    if (typeof word !== 'string' || !Object.hasOwn(node.commands, word)) break
    node = node.commands[word]!
    known = withThoseOf(node, known)
    command.push(word)
  }
  const line: CommandLine = { command, node, flags: [], positionals: [], known }
  for (let index = command.length; index < words.length; index++) {
    const word = words[index]!
    if (typeof word !== 'string')
      line.flags.push({ name: word.flag, index, on: word.on, ...kind(kindOfFlag(word.flag, known)) })
    else if (!word.startsWith('--')) line.positionals.push({ text: word, index, start: 0 })
    else if (readFlag(line, word, words[index + 1], index) === 'with the next word') index++
  }
  return line
}

const taken = new WeakMap<CommandTree, Record<string, FlagKind>>()

/** The flags that a command or group takes with those of the group that it stands in; put together once for each. */
function withThoseOf(node: CommandTree, outer: Record<string, FlagKind>): Record<string, FlagKind> {
  const flags = taken.get(node) ?? { ...outer, ...node.flags, ...node.hidden }
  taken.set(node, flags)
  return flags
}

function readFlag(line: CommandLine, word: string, next: Argument | undefined, index: number) {
  const equals = word.indexOf('=')
  const name = equals < 0 ? word : word.slice(0, equals)
  const takes = kindOfFlag(name, line.known)
  const flag = { name, index, ...kind(takes) }
  if (equals >= 0) {
    line.flags.push({ ...flag, value: { text: word.slice(equals + 1), index, start: equals + 1 } })
    return 'alone'
  }
  const isValue = takes !== undefined && takes !== 'bool' && typeof next === 'string' && !next.startsWith('-')
  line.flags.push(isValue ? { ...flag, value: { text: next, index: index + 1, start: 0 } } : flag)
  return isValue ? 'with the next word' : 'alone'
}

const kind = (found: FlagKind | undefined) => (found === undefined ? {} : { kind: found })
