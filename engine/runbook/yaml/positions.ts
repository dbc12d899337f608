import {
  type Alias,
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml'
import { memoizeOf } from '../../base/memoize.ts'
import type { Span } from '../../base/source.ts'

/** The node that each alias in a document refers to. */
export type Targets = ReadonlyMap<Alias, Node>

/** The position of part of a document: its key, its value, and for a string its scalar with quotes and its value. */
export type Position = { key: Span; value: Span; text?: { scalar: Span; value: string } }

/** Returns the position at a path, or that of the nearest parent, without its text, if the path does not exist. */
export function findPosition(root: Node, path: readonly (string | number)[], targets: Targets): Position {
  const span = valueSpan(root, nowhere)
  let position: Position = { key: { start: span.start, end: span.start + 1 }, value: span }
  let node: unknown = root
  for (const step of path) {
    const holder = isAlias(node) ? targets.get(node) : node
    const child = childOf(holder, step)
    if (child === undefined) return position
    node = child.node
    position = { key: child.key, value: valueSpan(node, child.owner) }
  }
  const target = isAlias(node) ? targets.get(node) : node
  if (!isScalar(target) || typeof target.value !== 'string') return position
  const scalar = node === target ? position.value : writtenSpan(target)
  return { ...position, text: { scalar, value: target.value } }
}

/** Returns the span of a node from the library, or of its owner. The span of a block collection includes what follows it. */
export function writtenSpan(node: unknown, owner?: Node): Span {
  const range = (isNode(node) ? node.range : undefined) ?? owner?.range
  return range ? { start: range[0], end: range[1] } : nowhere
}

const nowhere: Span = { start: 0, end: 0 }

type Child = { node: unknown; key: Span; owner: Span }

function childOf(holder: unknown, step: string | number): Child | undefined {
  if (isMap(holder)) {
    const pair = pairsOf(holder).get(step)
    if (pair === undefined) return undefined
    const key = writtenSpan(pair.key, holder)
    return { node: pair.value, key, owner: key }
  }
  if (!isSeq(holder) || typeof step !== 'number' || !(step in holder.items)) return undefined
  const node = holder.items[step]
  const owner = writtenSpan(node, holder)
  return { node, key: valueSpan(node, owner), owner }
}

/** Returns the pairs of a mapping by key; of duplicate keys, the first. */
export const pairsOf = memoizeOf(
  (map: YAMLMap): ReadonlyMap<unknown, Pair> =>
    new Map(map.items.toReversed().map((pair) => [isScalar(pair.key) ? pair.key.value : undefined, pair])),
)

/** Returns the span of a value; `owner`, usually its key, if the value is empty. */
function valueSpan(node: unknown, owner: Span): Span {
  if (isMap(node) || isSeq(node)) return collectionSpan(node, owner)
  if (isScalar(node) && node.source === '' && node.type === 'PLAIN') return owner
  return isNode(node) && node.range ? writtenSpan(node) : owner
}

/** Returns the span of a collection without the comments and blank lines that the library includes after a block. */
function collectionSpan(node: YAMLMap | YAMLSeq, owner: Span): Span {
  if (!node.range) return owner
  const { start, end } = writtenSpan(node)
  if (node.flow) return { start, end }
  const last = node.items.at(-1)
  const key = isPair(last) ? writtenSpan(last.key, node) : undefined
  const inner = isPair(last) ? last.value : last
  const { end: stop } = valueSpan(inner, key ?? writtenSpan(inner, node))
  return { start, end: Math.min(end, Math.max(start + 1, stop, key?.end ?? 0)) }
}
