/** The kind of value a flag takes: none (`bool`, which has a `--no-` form), any value, or one of several choices. */
export type FlagKind = 'bool' | 'value' | 'dynamic' | 'list' | string[]

/** A gcloud command group, or a command, which has no commands of its own. */
export type CommandTree = {
  commands: Record<string, CommandTree>
  flags: Record<string, FlagKind>
  /** The number of positional arguments that a command takes, if known. */
  positionals?: { least: number; most?: number }
  /** The required flags of a command, if known. */
  required?: string[]
  /** The group or command exists, but nothing else is known about it. */
  unexplored?: true
  /** The flags that a command accepts but does not document, if known. */
  hidden?: Record<string, FlagKind>
}

/** What is known about a gcloud: all of its commands, or (`partial`) those in a built-in table. */
export type GcloudKnowledge = { version: string; partial: boolean; tree: CommandTree }

/** A command or group in a tree with the flags it accepts, including those of its groups and gcloud's global flags. */
export type FoundCommand = { node: CommandTree; flags: Record<string, FlagKind> }

/** Returns the command or group at a path, or undefined if there is none. */
export function findCommand(tree: CommandTree, path: readonly string[]): FoundCommand | undefined {
  let node = tree
  let flags = tree.flags
  for (const name of path) {
    if (!Object.hasOwn(node.commands, name)) return undefined
    node = node.commands[name]!
    flags = { ...flags, ...node.flags }
  }
  return { node, flags: { ...flags, ...node.hidden } }
}

export const isGroup = (node: CommandTree): boolean => Object.keys(node.commands).length > 0

/** Returns the kind of a flag, including the `--no-` form of a boolean flag. */
export function kindOfFlag(name: string, flags: Record<string, FlagKind>): FlagKind | undefined {
  if (Object.hasOwn(flags, name)) return flags[name]
  const plain = withoutNo(name)
  return plain !== name && Object.hasOwn(flags, plain) && flags[plain] === 'bool' ? 'bool' : undefined
}

/** Returns the positive form of a flag name: `--iap` for `--no-iap`. */
export const withoutNo = (name: string): string => name.replace(/^--no-/, '--')

/** The release tracks, which come first in a command. */
export const TRACKS = ['beta', 'alpha', 'preview'] as const

/** Returns a command path without its release track. */
export const withoutTrack = (path: readonly string[]): string[] =>
  path[0] !== undefined && (TRACKS as readonly string[]).includes(path[0]) ? path.slice(1) : [...path]
