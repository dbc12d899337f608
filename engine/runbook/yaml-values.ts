import { type Alias, isAlias, isCollection, isMap, isPair, isScalar, type Node } from 'yaml'
import type { Json, JsonObject } from './json.ts'
import { quote } from './printable.ts'
import type { Span } from './source.ts'
import { suggest } from './suggest.ts'
import { keyProblem } from './yaml-key.ts'
import { scalarValue } from './yaml-scalar.ts'
import { deepestNesting, type YamlProblem } from './yaml-tokens.ts'

/** A value of the document, where it is written, and what is inside it. */
export type Value = {
  json: Json
  /** The value as written where it is used: for an alias, the `*name`. */
  span: Span
  /** For a text, its scalar with quotes; for an alias, that of the anchor. */
  scalar?: Span
  /** The keys or items, by key or index. */
  children?: Map<string | number, { key: Span; value: Value }>
  /** What this costs when it is repeated, and how deep it is. */
  weight: number
  height: number
}

type Collection = { items: readonly unknown[]; flow?: boolean | undefined }

/** Everything the aliases of a file may add to it, in the units of `weight` (about a UTF-16 unit). */
const aliasLimit = 1024 * 1024
const nodeWeight = 16

type Reading = {
  text: string
  problems: YamlProblem[]
  /** An anchor whose value is still being read stands here without it. */
  anchors: Map<string, Value | undefined>
  aliasWeight: number
  line: (offset: number) => number
}

/** Turns composed YAML into JSON with positions, and says all that JSON or the engine cannot take. */
export function readValues(
  root: Node,
  text: string,
  line: (offset: number) => number,
): { value: Value; problems: YamlProblem[] } {
  const reading: Reading = { text, problems: [], anchors: new Map(), aliasWeight: 0, line }
  const value = readNode(root, { start: 0, end: 0 }, 1, reading)
  return { value, problems: reading.problems }
}

/** `owner` is where to point when the node itself is empty: its key. */
function readNode(node: unknown, owner: Span, depth: number, reading: Reading): Value {
  if (isAlias(node)) return readAlias(node, depth, reading)
  const anchor = isScalar(node) || isCollection(node) ? node.anchor : undefined
  if (anchor !== undefined) reading.anchors.set(anchor, undefined)
  const value = readContent(node, owner, depth, reading)
  if (anchor !== undefined) reading.anchors.set(anchor, value)
  return value
}

function readContent(node: unknown, owner: Span, depth: number, reading: Reading): Value {
  if (isMap(node)) return readMap(node, spanOf(node, owner), depth, reading)
  if (isCollection(node)) return readList(node, spanOf(node, owner), depth, reading)
  if (!isScalar(node)) return leaf(null, owner)
  const span = node.source === '' && node.type === 'PLAIN' ? owner : spanOf(node, owner)
  const { json, problem } = scalarValue(node, reading.text.slice(span.start, span.end))
  if (problem !== undefined) reading.problems.push({ span, ...problem })
  return typeof json === 'string' ? { ...leaf(json, span), scalar: span } : leaf(json, span)
}

const leaf = (json: Json, span: Span): Value => ({
  json,
  span,
  weight: nodeWeight + (typeof json === 'string' ? json.length : 0),
  height: 0,
})

const spanOf = (node: Pick<Node, 'range'>, owner: Span): Span =>
  node.range ? { start: node.range[0], end: node.range[1] } : owner

function readMap({ items, flow }: Collection, span: Span, depth: number, reading: Reading): Value {
  const json: JsonObject = {}
  const children: NonNullable<Value['children']> = new Map()
  for (const pair of items) {
    if (!isPair(pair)) continue
    const key = readKey(pair.key, span, reading)
    const keySpan = key?.span ?? (isNode(pair.key) ? spanOf(pair.key, span) : span)
    const value = readNode(pair.value, keySpan, depth + 1, reading)
    if (key === undefined) continue
    const earlier = children.get(key.name)
    if (earlier !== undefined) reading.problems.push(duplicate(key, reading.line(earlier.key.start)))
    children.set(key.name, { key: key.span, value })
    // Not an assignment: `__proto__` must not reach the prototype, even in a file that is refused.
    Object.defineProperty(json, key.name, { value: value.json, enumerable: true, writable: true, configurable: true })
  }
  return collection(json, span, flow, children)
}

const isNode = (value: unknown): value is Node => isAlias(value) || isScalar(value) || isCollection(value)

const duplicate = ({ name, span }: { name: string; span: Span }, line: number): YamlProblem => ({
  span,
  message: `the key ${quote(name)} is already there, on line ${line}`,
  hint: 'keep one of them',
})

/** The name of a key, or undefined when it has been reported as none. */
function readKey(node: unknown, owner: Span, reading: Reading): { name: string; span: Span } | undefined {
  const span = isNode(node) ? spanOf(node, owner) : owner
  const problem = keyProblem(node)
  if (problem !== undefined) reading.problems.push({ span, ...problem })
  if (!isScalar(node) || typeof node.value !== 'string') return undefined
  if (node.anchor !== undefined) reading.anchors.set(node.anchor, { ...leaf(node.value, span), scalar: span })
  return { name: node.value, span }
}

function readList({ items, flow }: Collection, span: Span, depth: number, reading: Reading): Value {
  const children: NonNullable<Value['children']> = new Map()
  const json: Json[] = []
  for (const [index, item] of items.entries()) {
    const place = isNode(item) ? spanOf(item, span) : span
    const value = readNode(item, place, depth + 1, reading)
    children.set(index, { key: value.span, value })
    json.push(value.json)
  }
  return collection(json, span, flow, children)
}

function collection(
  json: Json,
  { start, end }: Span,
  flow: boolean | undefined,
  children: NonNullable<Value['children']>,
): Value {
  let weight = nodeWeight
  let height = 0
  let last = start + 1
  for (const [key, { key: keySpan, value }] of children) {
    weight += value.weight + (typeof key === 'string' ? key.length : 0)
    height = Math.max(height, value.height)
    last = Math.max(last, keySpan.end, value.span.end)
  }
  // The span of a block collection runs on over the comments and blank lines after it; brackets end where they end.
  const span = { start, end: flow ? end : Math.min(end, last) }
  return { json, span, children, weight, height: height + 1 }
}

function readAlias(node: Alias, depth: number, reading: Reading): Value {
  const span = spanOf(node, { start: 0, end: 0 })
  const target = reading.anchors.get(node.source)
  // Said once: after one alias too many, the others only repeat it.
  if (reading.aliasWeight > aliasLimit) return leaf(null, span)
  const problem = aliasProblem(node.source, target, depth, reading)
  if (problem !== undefined || target === undefined) {
    if (problem !== undefined) reading.problems.push({ span, ...problem })
    return leaf(null, span)
  }
  return { ...target, json: copy(target.json), span }
}

function aliasProblem(
  name: string,
  target: Value | undefined,
  depth: number,
  reading: Reading,
): Omit<YamlProblem, 'span'> | undefined {
  if (target === undefined && reading.anchors.has(name))
    return {
      message: `the alias ${quote(`*${name}`)} stands inside its own anchor`,
      hint: 'a value cannot contain itself',
    }
  if (target === undefined) {
    const meant = suggest(name, [...reading.anchors.keys()])
    const hint = 'set the anchor above the alias; put a text that begins with `*` in quotes'
    return {
      message: `there is no anchor ${quote(`&${name}`)} before this alias`,
      hint: meant === undefined ? hint : `did you mean ${quote(`*${meant}`)}?`,
    }
  }
  if (depth + target.height > deepestNesting + 1)
    return { message: `with this alias, values are nested more than ${deepestNesting} deep`, hint: expandHint }
  reading.aliasWeight += target.weight
  if (reading.aliasWeight <= aliasLimit) return undefined
  return { message: 'with this alias, the aliases of this file expand to more than 1 MiB', hint: expandHint }
}

const expandHint = 'use fewer aliases inside anchors'

/** A value of its own for each alias, so that nobody changes two places by changing one. */
function copy(json: Json): Json {
  if (json === null || typeof json !== 'object') return json
  if (Array.isArray(json)) return json.map(copy)
  return Object.fromEntries(Object.entries(json).map(([key, value]) => [key, copy(value)]))
}
