import type { InlineCode, Root, Table, TableCell } from 'mdast'
import {
  type ConstructName,
  defaultHandlers,
  type Info,
  type State,
  toMarkdown,
  type Unsafe,
} from 'mdast-util-to-markdown'

declare module 'mdast-util-to-markdown' {
  interface ConstructNameMap {
    tableCell: 'tableCell'
  }
}

/** The constructs in which CommonMark gives a character no meaning of its own. */
const ELSEWHERE: ConstructName[] = [
  'autolink',
  'destinationLiteral',
  'destinationRaw',
  'reference',
  'titleQuote',
  'titleApostrophe',
]
const inText = { inConstruct: 'phrasing' as const, notInConstruct: ELSEWHERE }

/** Characters that mean something to GitHub and nothing to CommonMark: strikethrough, formulas, addresses, tables. */
const GITHUB: Unsafe[] = [
  { character: '~', ...inText },
  { character: '$', ...inText },
  { character: ':', before: '[ps]', after: '\\/', ...inText },
  { character: '.', before: '[Ww]', after: '[-.\\w]', ...inText },
  { character: '|', atBreak: true },
  { character: ':', atBreak: true, after: '-' },
  { character: '|', inConstruct: 'tableCell' },
]

/** Writes a tree as Markdown in which every text means itself, for CommonMark and for GitHub. */
export const write = (tree: Root): string =>
  toMarkdown(tree, {
    bullet: '-',
    listItemIndent: 'one',
    incrementListMarker: true,
    extensions: [{ unsafe: GITHUB, handlers: { table, inlineCode: Object.assign(inlineCode, { peek: () => '`' }) } }],
  })

/** Writes a table as GitHub reads it, one line a row. */
function table(node: Table, _: unknown, state: State, info: Info): string {
  const [head = '', ...rows] = node.children.map(
    ({ children }) => `| ${children.map((cell) => tableCell(cell, state, info)).join(' | ')} |`,
  )
  const rule = `|${' --- |'.repeat(node.children[0]?.children.length ?? 0)}`
  return [head, rule, ...rows].join('\n')
}

function tableCell(node: TableCell, state: State, info: Info): string {
  const exit = state.enter('tableCell')
  const exitPhrasing = state.enter('phrasing')
  const text = state.containerPhrasing(node, { ...info, before: '|', after: '|' })
  exitPhrasing()
  exit()
  return text
}

/** Writes code; in a cell its pipes are escaped, and code in which a backslash comes before one is text, since GitHub would end the cell there. */
function inlineCode(node: InlineCode, parent: Parameters<typeof defaultHandlers.inlineCode>[1], state: State): string {
  if (!state.stack.includes('tableCell')) return defaultHandlers.inlineCode(node, parent, state)
  if (node.value.includes('\\|')) return state.safe(node.value, { before: ' ', after: ' ' })
  return defaultHandlers.inlineCode(node, parent, state).replaceAll('|', '\\|')
}
