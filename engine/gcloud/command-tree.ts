import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CommandTree, FlagKind, GcloudKnowledge } from '../runbook/command-tree.ts'
import type { Installed } from './find.ts'
import table from './known-commands.json' with { type: 'json' }

type KnownCommand = Omit<CommandTree, 'commands' | 'flags'> & { flags: Record<string, FlagKind> }

const known = Object.entries(table.commands as unknown as Record<string, KnownCommand>)

/**
 * What is known of gcloud's commands: the installed SDK's own completion tree, with what only its parser knows of the
 * commands in our table; without an SDK that table alone. Costs no gcloud call.
 */
export function gcloudKnowledge(installed: Pick<Installed, 'root' | 'version'> | undefined): GcloudKnowledge {
  const tree = installed && completionTree(installed.root)
  return installed && tree
    ? { version: installed.version, partial: false, tree }
    : { version: table.sdk, partial: true, tree: treeOf(known) }
}

/** The SDK's static completion tree: JSON after the first `=` of a Python file. */
function completionTree(root: string): CommandTree | undefined {
  try {
    const text = readFileSync(join(root, 'data', 'cli', 'gcloud_completions.py'), 'utf8')
    const json = text.slice(text.indexOf('{', text.indexOf('=')))
    return treeByGroup(json) ?? wholeTree(json)
  } catch {
    return undefined
  }
}

function wholeTree(json: string): CommandTree {
  const tree = JSON.parse(json) as CommandTree
  for (const [name, group] of Object.entries(tree.commands)) addDetails(name, group)
  return tree
}

const HEAD = '{\n  "commands": {\n'

/**
 * The same tree, of which each of gcloud's 128 groups is parsed when it is asked for, since a workspace uses few of them.
 * Undefined where the JSON isn't indented as the SDK's is, by which the end of a group is found.
 */
function treeByGroup(json: string): CommandTree | undefined {
  const middle = json.lastIndexOf('\n    }\n  },\n  "flags": {')
  if (!json.startsWith(HEAD) || middle === -1) return undefined
  const { flags } = JSON.parse(`{${json.slice(json.indexOf('"flags"', middle))}`) as CommandTree
  const commands: CommandTree['commands'] = {}
  for (const text of json.slice(HEAD.length, middle).split('\n    },\n')) {
    const [head, name] = /^ {4}"([\w-]+)": (?=\{\n)/.exec(text) ?? []
    if (head === undefined || name === undefined) return undefined
    parseWhenAsked(commands, name, `${text.slice(head.length)}}`)
  }
  return { commands, flags }
}

function parseWhenAsked(commands: CommandTree['commands'], name: string, json: string): void {
  const get = () => {
    const value = addDetails(name, groupIn(json))
    Object.defineProperty(commands, name, { value, enumerable: true })
    return value
  }
  Object.defineProperty(commands, name, { get, enumerable: true, configurable: true })
}

function groupIn(json: string): CommandTree {
  try {
    return JSON.parse(json) as CommandTree
  } catch {
    return { commands: {}, flags: {}, unexplored: true }
  }
}

/** Adds what our table knows of the commands in a group. */
function addDetails(name: string, group: CommandTree): CommandTree {
  for (const [path, { flags: _, ...details }] of known) {
    const [top, ...words] = path.split(' ')
    if (top !== name) continue
    const node = words.reduce<CommandTree | undefined>((at, word) => at?.commands[word], group)
    if (node && Object.keys(node.commands).length === 0) Object.assign(node, details)
  }
  return group
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
