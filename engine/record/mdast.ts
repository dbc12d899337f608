import type { BlockContent, List, ListItem, Paragraph, PhrasingContent, RootContent, Table } from 'mdast'
import { printable } from '../base/printable.ts'
import { CHANGED } from '../runbook/expressions/expression.ts'

declare module 'mdast' {
  interface Data {
    /** The numbers of the log entries that a statement comes from. */
    entries?: number[]
  }
}

/** Returns a sentence with its `code`, and with the changed subjects in their place. */
export function sentence(text: string, changed: string[]): PhrasingContent[] {
  if (changed.length === 0) return joined(codeSpans(text))
  const subjects = changed.flatMap((subject, index) => [...(index > 0 ? [plain(', ')] : []), code(subject)])
  return joined(text.split(CHANGED).flatMap((piece, index) => [...(index > 0 ? subjects : []), ...codeSpans(piece)]))
}

/** Joins adjacent code spans into one: in Markdown their backticks would pair with each other. */
function joined(pieces: PhrasingContent[]): PhrasingContent[] {
  const whole: PhrasingContent[] = []
  for (const piece of pieces) {
    const last = whole.at(-1)
    if (last?.type === 'inlineCode' && piece.type === 'inlineCode')
      whole.splice(-1, 1, { ...last, value: last.value + piece.value })
    else whole.push(piece)
  }
  return whole
}

const codeSpans = (text: string): PhrasingContent[] =>
  text
    .split(/`([^`]+)`/)
    .flatMap((piece, index) => (piece === '' ? [] : index % 2 === 1 ? [code(piece)] : withAddresses(piece)))

/** Matches words that some renderers turn into links; a record has no links except those that a person typed. */
const ADDRESS = /^(https?:\/\/|www\.)\S|^[^@]+@[^@.]+\.[^@]+$/i

/** Returns text in which addresses are code. */
function withAddresses(text: string): PhrasingContent[] {
  return text.split(/(\s+)/).flatMap((word) => {
    if (word === '' || !ADDRESS.test(word)) return word === '' ? [] : [plain(word)]
    let end = word.length
    while (',.;:)'.includes(word[end - 1] as string)) end--
    return end === word.length ? [code(word)] : [code(word.slice(0, end)), plain(word.slice(end))]
  })
}

const oneLine = (text: string): string => printable(text).replaceAll(/\s+/g, ' ')
/** Returns text on one line and without control characters. */
export const plain = (value: string): PhrasingContent => ({ type: 'text', value: oneLine(value) })
/** Returns a code span. An empty one says so: Markdown has no form for it, and its backticks would pair with later ones. */
export const code = (value: string): PhrasingContent => ({ type: 'inlineCode', value: oneLine(value) || '(empty)' })
/** Marks a node as derived from these entries of the log; `section` lists them and no reader of the page sees them. */
export const traced = <Node extends Paragraph | ListItem>(entries: number[], node: Node): Node =>
  entries.length === 0 ? node : { ...node, data: { entries } }

/**
 * Builds a section: its heading, its content, and one comment that lists, for each paragraph and list item in order, the
 * log entries that it comes from.
 */
export const section = (title: string, content: RootContent[]): RootContent[] => [
  heading(2, title),
  ...content,
  ...sources(content),
]

/** Returns the comment that lists the log entries of each statement; none where no statement has any. */
export function sources(content: RootContent[]): RootContent[] {
  const statements = content.flatMap(statementsIn)
  if (!statements.some((entries) => entries.length > 0)) return []
  const groups = statements.map((entries) => (entries.length === 0 ? '-' : entryRanges(entries)))
  return [{ type: 'html', value: `<!-- log entries by statement: ${groups.join('; ')} -->` }]
}

function statementsIn(node: RootContent): number[][] {
  switch (node.type) {
    case 'paragraph':
      return [node.data?.entries ?? []]
    case 'list':
      return node.children.flatMap(statementsIn)
    case 'listItem':
      return [node.data?.entries ?? [], ...node.children.slice(1).flatMap(statementsIn)]
    default:
      return []
  }
}

/** Returns the numbers of entries in order, with runs of them as ranges: `2, 7, 19-21`. */
export function entryRanges(entries: number[]): string {
  const ranges: [number, number][] = []
  for (const entry of [...new Set(entries)].sort((a, b) => a - b)) {
    const last = ranges.at(-1)
    if (last?.[1] === entry - 1) last[1] = entry
    else ranges.push([entry, entry])
  }
  return ranges.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(', ')
}

/** Returns a paragraph of these pieces. */
export const paragraph = (...children: PhrasingContent[]): Paragraph => ({ type: 'paragraph', children })
/** Returns a heading. */
export const heading = (depth: 1 | 2 | 3, text: string): RootContent => ({
  type: 'heading',
  depth,
  children: [plain(text)],
})
/** Returns a list, numbered or not. */
export const list = (ordered: boolean, children: ListItem[]): List => ({
  type: 'list',
  ordered,
  spread: false,
  children,
})
/** Returns a list item: a line, and the blocks under it. */
export const item = (children: PhrasingContent[], ...more: BlockContent[]): ListItem => ({
  type: 'listItem',
  spread: false,
  children: [{ type: 'paragraph', children }, ...more],
})

/** Returns a table; the first row is its head. */
export const table = (rows: PhrasingContent[][][]): Table => ({
  type: 'table',
  children: rows.map((cells) => ({
    type: 'tableRow',
    children: cells.map((children) => ({ type: 'tableCell', children })),
  })),
})
