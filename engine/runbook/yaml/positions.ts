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

/** The node that each alias of a document stands for. */
export type Targets = ReadonlyMap<Alias, Node>

/** Where a part of a document is written: its key, its value, and for a text its scalar with quotes, and what it says. */
export type Place = { key: Span; value: Span; text?: { scalar: Span; says: string } }

/** The place at a path (keys and list indexes); where the path leads nowhere, that of the nearest parent, without its text. */
export function findPlace(root: Node, path: readonly (string | number)[], targets: Targets): Place {
  const span = valueSpan(root, nowhere)
  let place: Place = { key: { start: span.start, end: span.start + 1 }, value: span }
  let node: unknown = root
  for (const step of path) {
    const holder = isAlias(node) ? targets.get(node) : node
    const child = childOf(holder, step)
    if (child === undefined) return place
    node = child.node
    place = { key: child.key, value: valueSpan(node, child.owner) }
  }
  const target = isAlias(node) ? targets.get(node) : node
  if (!isScalar(target) || typeof target.value !== 'string') return place
  const scalar = node === target ? place.value : writtenSpan(target)
  return { ...place, text: { scalar, says: target.value } }
}

/** The span of a node as the library has it, else of the one that holds it; a block collection's runs on over what follows it. */
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

/** The pairs of a mapping by their keys, the first of those that have the same. */
export const pairsOf = memoizeOf(
  (map: YAMLMap): ReadonlyMap<unknown, Pair> =>
    new Map(map.items.toReversed().map((pair) => [isScalar(pair.key) ? pair.key.value : undefined, pair])),
)

/** `owner` is where to point when there is nothing written: its key. */
function valueSpan(node: unknown, owner: Span): Span {
  if (isMap(node) || isSeq(node)) return collectionSpan(node, owner)
  if (isScalar(node) && node.source === '' && node.type === 'PLAIN') return owner
  return isNode(node) && node.range ? writtenSpan(node) : owner
}

/** Brackets end where they end; the range of a block collection runs on over the comments and blank lines after it. */
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
