/** What a flag takes: nothing (`bool`; it then has a `--no-` form), a value, or one of a few words. */
export type FlagKind = 'bool' | 'value' | 'dynamic' | 'list' | string[]

/** A group of gcloud's commands, or a command: one without commands of its own. */
export type CommandTree = {
  commands: Record<string, CommandTree>
  flags: Record<string, FlagKind>
  /** How many words a command takes beside its flags, where that is known. */
  positionals?: { least: number; most?: number }
  /** The flags that a command can't do without, where that is known. */
  required?: string[]
  /** There is such a group or command, and no more is known of it. */
  unexplored?: true
  /** Flags that it takes but doesn't list, where they are known. */
  hidden?: Record<string, FlagKind>
}

/** What is known of a gcloud: all its commands, or (`partial`) those that a table has. */
export type GcloudKnowledge = { version: string; partial: boolean; tree: CommandTree }

/** A command or group found in a tree, and the flags that it takes with those of its groups and gcloud's own. */
export type FoundCommand = { node: CommandTree; flags: Record<string, FlagKind> }

/** The command or group that literal words name, if there is one. */
export function findCommand(tree: CommandTree, words: readonly string[]): FoundCommand | undefined {
  let node = tree
  let flags = tree.flags
  for (const word of words) {
    if (!Object.hasOwn(node.commands, word)) return undefined
    node = node.commands[word]!
    flags = { ...flags, ...node.flags }
  }
  return { node, flags: { ...flags, ...node.hidden } }
}

export const isGroup = (node: CommandTree): boolean => Object.keys(node.commands).length > 0

/** What a flag takes; the `--no-` form of a yes-or-no flag is one too. */
export function kindOfFlag(name: string, flags: Record<string, FlagKind>): FlagKind | undefined {
  if (Object.hasOwn(flags, name)) return flags[name]
  const plain = withoutNo(name)
  return plain !== name && Object.hasOwn(flags, plain) && flags[plain] === 'bool' ? 'bool' : undefined
}

/** A flag's name without the `no-` that says no. */
export const withoutNo = (name: string): string => name.replace(/^--no-/, '--')

/** The release tracks: their commands stand behind their name. */
export const TRACKS = ['beta', 'alpha', 'preview'] as const

/** A command's words without the release track at their front. */
export const withoutTrack = (words: readonly string[]): string[] =>
  words[0] !== undefined && (TRACKS as readonly string[]).includes(words[0]) ? words.slice(1) : [...words]
