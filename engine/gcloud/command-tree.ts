import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { own } from '../base/own.ts'
import type { CommandTree, FlagKind, GcloudKnowledge } from '../gcloud-grammar/command-tree.ts'
import type { Installed } from './find.ts'
import table from './known-commands.json' with { type: 'json' }

type KnownCommand = Omit<CommandTree, 'commands' | 'flags'> & { flags: Record<string, FlagKind> }

const known = Object.entries(table.commands as unknown as Record<string, KnownCommand>)

/**
 * Returns the known gcloud commands: the installed SDK's completion tree, with parser details from our table for the
 * commands in it; without an SDK, the table alone. Runs no gcloud command.
 */
export function gcloudKnowledge(installed: Pick<Installed, 'root' | 'version'> | undefined): GcloudKnowledge {
  const tree = installed && completionTree(installed.root)
  return installed && tree
    ? { version: installed.version, partial: false, tree }
    : { version: table.sdk, partial: true, tree: treeOf(known) }
}

/** Reads the SDK's static completion tree: JSON after the first `=` of a Python file. */
function completionTree(root: string): CommandTree | undefined {
  try {
    const text = readFileSync(join(root, 'data', 'cli', 'gcloud_completions.py'), 'utf8')
    return treeIn(text.slice(text.indexOf('{', text.indexOf('='))).trimEnd(), [])
  } catch {
    return undefined
  }
}

/**
 * Parses a group or command from JSON. The tree is six megabytes, of which a workspace uses little: if the indentation is
 * the SDK's, by which the end of a part is found, the commands of a group are parsed on first use.
 */
function treeIn(json: string, path: string[]): CommandTree {
  const indent = ' '.repeat(4 * path.length + 2)
  const head = `{\n${indent}"commands": {\n`
  const middle = json.lastIndexOf(`\n${indent}},\n${indent}"flags": {`)
  if (!json.startsWith(head) || middle === -1) return withDetails(JSON.parse(json) as CommandTree, path)
  const { flags } = JSON.parse(`{${json.slice(json.indexOf('"flags"', middle))}`) as CommandTree
  const commands: CommandTree['commands'] = {}
  for (const text of json.slice(head.length, middle).split(`\n${indent}  },\n`)) {
    const [start, name] = /^ *"([\w-]+)": (?=\{\n)/.exec(text) ?? []
    if (start === undefined || name === undefined) return withDetails(JSON.parse(json) as CommandTree, path)
    const end = text.endsWith(`\n${indent}  }`) ? '' : `\n${indent}  }`
    parseWhenAsked(commands, name, text.slice(start.length) + end, path)
  }
  return { commands, flags }
}

function parseWhenAsked(commands: CommandTree['commands'], name: string, json: string, path: string[]): void {
  const get = () => {
    const value = partIn(json, [...path, name])
    Object.defineProperty(commands, name, { value, enumerable: true })
    return value
  }
  Object.defineProperty(commands, name, { get, enumerable: true, configurable: true })
}

function partIn(json: string, path: string[]): CommandTree {
  try {
    return treeIn(json, path)
  } catch {
    return { commands: {}, flags: {}, unexplored: true }
  }
}

/** Adds what our table knows of commands to a fully parsed tree. */
function withDetails(tree: CommandTree, path: string[]): CommandTree {
  for (const [command, { flags: _, ...details }] of known) {
    const words = command.split(' ')
    if (path.some((word, at) => word !== words[at])) continue
    const node = words
      .slice(path.length)
      .reduce<CommandTree | undefined>((at, word) => at && own(at.commands, word), tree)
    if (node && Object.keys(node.commands).length === 0) Object.assign(node, details)
  }
  return tree
}

/** Returns the table as a tree; commands that it doesn't describe are marked unexplored. */
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
