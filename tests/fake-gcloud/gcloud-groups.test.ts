import { readFileSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { findGcloud } from '../../engine/gcloud/find.ts'
import { READING_VERBS } from '../../engine/gcloud-grammar/command-kinds.ts'
import { GROUPS, type Group } from '../../engine/gcloud-grammar/groups.ts'

type Node = { commands?: Record<string, Node> }

/** The installed SDK's completion tree. */
function installedTree(): Node {
  const found = findGcloud(process.env.PATH)
  if (!found)
    throw new Error('gcloud is not on PATH, so the groups cannot be compared: install it, then run this test again.')
  const root = dirname(dirname(realpathSync(found.path)))
  const text = readFileSync(join(root, 'data/cli/gcloud_completions.py'), 'utf8')
  return JSON.parse(text.slice(text.indexOf('{'))) as Node
}

const isGroup = ({ commands = {} }: Node): boolean => Object.keys(commands).length > 0

/** Returns the groups of a tree, of all release tracks together. */
function groupsIn({ commands = {} }: Node, into: Group = {}): Group {
  for (const [name, node] of Object.entries(commands)) if (isGroup(node)) into[name] = groupsIn(node, into[name])
  return into
}

const { alpha, beta, preview, ...ga } = installedTree().commands ?? {}

test('the groups are those of the installed gcloud', () => {
  const all = [{ commands: ga }, alpha!, beta!, preview!].reduce((into, tree) => groupsIn(tree, into), {} as Group)
  expect(JSON.parse(JSON.stringify(GROUPS))).toEqual(all)
})

test('no group has the name of a reading verb', () => {
  const names = (group: Group): string[] => Object.entries(group).flatMap(([name, inner]) => [name, ...names(inner)])
  expect(names(GROUPS).filter((name) => READING_VERBS.has(name))).toEqual([])
})
