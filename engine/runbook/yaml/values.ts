import { type Alias, isAlias, isMap, isScalar, isSeq, type Node, type YAMLMap, type YAMLSeq } from 'yaml'
import type { Json, JsonObject } from '../../base/json.ts'
import { quote } from '../../base/printable.ts'
import { suggest } from '../../base/suggest.ts'
import { keyProblem } from './key.ts'
import { pairsOf, type Targets, writtenSpan } from './positions.ts'
import { scalarValue } from './scalar.ts'
import { deepestNesting, mostProblems, type YamlProblem } from './tokens.ts'

/** The JSON of a document, the targets of its aliases, and everything that JSON or the engine does not support. */
export type Values = { json: Json; targets: Targets; problems: YamlProblem[] }

/** The most that the aliases of a file may expand to, in units of `Size` (about a UTF-16 unit). */
const aliasLimit = 1024 * 1024
const nodeWeight = 16

/** The cost of repeating a node, and its depth. */
type Size = { weight: number; height: number }

type Reading = {
  text: string
  problems: YamlProblem[]
  /** An anchor is undefined while its value is being read. */
  anchors: Map<string, { node: Node; json: Json } | undefined>
  targets: Map<Alias, Node>
  sizes: Map<Node, Size>
  aliasWeight: number
  line: (offset: number) => number
}

/** Turns composed YAML into JSON and reports everything that JSON or the engine does not support. */
export function readValues(root: Node, text: string, line: (offset: number) => number): Values {
  const problems: YamlProblem[] = []
  const targets = new Map<Alias, Node>()
  const reading = { text, problems, anchors: new Map(), targets, sizes: new Map(), aliasWeight: 0, line }
  return { json: readNode(root, 1, reading), targets, problems }
}

function readNode(node: unknown, depth: number, reading: Reading): Json {
  if (isAlias(node)) return readAlias(node, depth, reading)
  if (!isScalar(node) && !isMap(node) && !isSeq(node)) return null
  if (node.anchor === undefined) return readContent(node, depth, reading)
  reading.anchors.set(node.anchor, undefined)
  const json = readContent(node, depth, reading)
  reading.anchors.set(node.anchor, { node, json })
  return json
}

function readContent(node: Node, depth: number, reading: Reading): Json {
  if (isMap(node)) return readMap(node, depth, reading)
  if (isSeq(node)) return node.items.map((item) => readNode(item, depth + 1, reading))
  if (!isScalar(node)) return null
  const { json, problem } = scalarValue(node, reading.text)
  if (problem !== undefined) reading.problems.push({ span: writtenSpan(node), ...problem })
  return json
}

function readMap(map: YAMLMap, depth: number, reading: Reading): Json {
  const json: JsonObject = {}
  for (const { key, value } of map.items) {
    const name = readKey(key, map, reading)
    const inner = readNode(value, depth + 1, reading)
    if (name === undefined) continue
    if (Object.hasOwn(json, name)) reading.problems.push(duplicate(name, key, map, reading))
    // Never set the prototype, even if the file is rejected.
    if (name !== '__proto__') json[name] = inner
  }
  return json
}

function duplicate(name: string, key: unknown, map: YAMLMap, { line }: Reading): YamlProblem {
  const first = writtenSpan(pairsOf(map).get(name)?.key, map)
  return {
    span: writtenSpan(key, map),
    message: `duplicate key ${quote(name)}, already set on line ${line(first.start)}`,
    hint: 'keep one',
  }
}

/** Returns the name of a key, or undefined if it is invalid, which is reported. */
function readKey(node: unknown, map: YAMLMap, reading: Reading): string | undefined {
  const problem = keyProblem(node)
  if (problem !== undefined) reading.problems.push({ span: writtenSpan(node, map), ...problem })
  if (!isScalar(node) || typeof node.value !== 'string') return undefined
  if (node.anchor !== undefined) reading.anchors.set(node.anchor, { node, json: node.value })
  return node.value
}

function readAlias(node: Alias, depth: number, reading: Reading): Json {
  // Report the first alias over the limit only.
  if (reading.aliasWeight > aliasLimit) return null
  const target = reading.anchors.get(node.source)
  const problem = target ? sizeProblem(target.node, depth, reading) : anchorProblem(node.source, reading)
  if (problem !== undefined) reading.problems.push({ span: writtenSpan(node), ...problem })
  if (problem !== undefined || target === undefined) return null
  reading.targets.set(node, target.node)
  return copy(target.json)
}

function anchorProblem(name: string, { anchors, problems }: Reading): Omit<YamlProblem, 'span'> {
  if (anchors.has(name))
    return {
      message: `the alias ${quote(`*${name}`)} is inside its own anchor`,
      hint: 'a value cannot contain itself',
    }
  // Comparing thousands of aliases with thousands of anchors would take minutes, for problems that are not shown.
  const meant = problems.length < mostProblems ? suggest(name, [...anchors.keys()]) : undefined
  const hint = 'define the anchor above the alias; quote a string that starts with `*`'
  return {
    message: `there is no anchor ${quote(`&${name}`)} before this alias`,
    hint: meant === undefined ? hint : `did you mean ${quote(`*${meant}`)}?`,
  }
}

function sizeProblem(target: Node, depth: number, reading: Reading): Omit<YamlProblem, 'span'> | undefined {
  const { weight, height } = sizeOf(target, reading)
  if (depth + height > deepestNesting + 1)
    return { message: `with this alias, values are nested more than ${deepestNesting} levels deep`, hint: expandHint }
  reading.aliasWeight += weight
  if (reading.aliasWeight <= aliasLimit) return undefined
  return { message: 'with this alias, the aliases in this file expand to more than 1 MiB', hint: expandHint }
}

const expandHint = 'use fewer aliases inside anchors'

/** Returns the expanded size of a node, computed once per node. */
function sizeOf(node: unknown, reading: Reading): Size {
  if (isAlias(node)) return sizeOf(reading.targets.get(node), reading)
  if (isScalar(node)) return leaf(node.value)
  if (!isMap(node) && !isSeq(node)) return leaf(null)
  const size = reading.sizes.get(node) ?? sizeOfCollection(node, reading)
  reading.sizes.set(node, size)
  return size
}

function sizeOfCollection(node: YAMLMap | YAMLSeq, reading: Reading): Size {
  const inner = (isMap(node) ? node.items.map(({ value }) => value) : node.items).map((item) => sizeOf(item, reading))
  const keys = isMap(node) ? node.items.map(({ key }) => (isScalar(key) ? String(key.value).length : 0)) : []
  return {
    weight: [...inner.map(({ weight }) => weight), ...keys].reduce((sum, each) => sum + each, nodeWeight),
    height: inner.reduce((most, { height }) => Math.max(most, height), 0) + 1,
  }
}

const leaf = (value: unknown): Size => ({
  weight: nodeWeight + (typeof value === 'string' ? value.length : 0),
  height: 0,
})

/** Copies a value for each alias, so that changing one does not change another. */
function copy(json: Json): Json {
  if (json === null || typeof json !== 'object') return json
  if (Array.isArray(json)) return json.map(copy)
  return Object.fromEntries(Object.entries(json).map(([key, value]) => [key, copy(value)]))
}
