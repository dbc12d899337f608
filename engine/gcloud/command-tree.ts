import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CommandTree, FlagKind, GcloudKnowledge } from '../runbook/command-tree.ts'
import type { Installed } from './find.ts'
import table from './known-commands.json' with { type: 'json' }

type KnownCommand = Omit<CommandTree, 'commands' | 'flags'> & { flags: Record<string, FlagKind> }

/**
 * What is known of gcloud's commands: the installed SDK's own completion tree, with what only its parser knows of the
 * commands in our table; without an SDK that table alone. Reading the tree takes a tenth of a second and no gcloud call.
 */
export function gcloudKnowledge(installed: Pick<Installed, 'root' | 'version'> | undefined): GcloudKnowledge {
  const tree = installed && completionTree(installed.root)
  const known = Object.entries(table.commands as unknown as Record<string, KnownCommand>)
  if (!installed || !tree) return { version: table.sdk, partial: true, tree: treeOf(known) }
  for (const [path, { flags: _, ...details }] of known) {
    const node = path.split(' ').reduce<CommandTree | undefined>((at, word) => at?.commands[word], tree)
    if (node && Object.keys(node.commands).length === 0) Object.assign(node, details)
  }
  return { version: installed.version, partial: false, tree }
}

/** The SDK's static completion tree: JSON after the first `=` of a Python file. */
function completionTree(root: string): CommandTree | undefined {
  try {
    const text = readFileSync(join(root, 'data', 'cli', 'gcloud_completions.py'), 'utf8')
    return JSON.parse(text.slice(text.indexOf('{', text.indexOf('=')))) as CommandTree
  } catch {
    return undefined
  }
}

/** The table as a tree; what stands beside its groups in gcloud is there too, unexplored. */
function treeOf(known: [string, KnownCommand][]): CommandTree {
  const root: CommandTree = { commands: {}, flags: table.flags as CommandTree['flags'] }
  const at = (words: string[]) =>
    words.reduce((node, word) => (node.commands[word] ??= { commands: {}, flags: {} }), root)
  for (const [path, command] of known) Object.assign(at(path.split(' ')), command)
  for (const [path, names] of Object.entries(table.groups)) {
    const group = at(path.split(' ').filter((word) => word !== ''))
    for (const name of names) group.commands[name] ??= { commands: {}, flags: {}, unexplored: true }
  }
  return root
}
