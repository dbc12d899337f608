import type { Root } from 'mdast'
import { type ConstructName, toMarkdown, type Unsafe } from 'mdast-util-to-markdown'

/** Where a character means what it says in CommonMark already. */
const ELSEWHERE: ConstructName[] = [
  'autolink',
  'destinationLiteral',
  'destinationRaw',
  'reference',
  'titleQuote',
  'titleApostrophe',
]
const inText = { inConstruct: 'phrasing' as const, notInConstruct: ELSEWHERE }

/** What CommonMark takes as it is and GitHub does not: strikethrough, formulas, addresses, tables. */
const GITHUB: Unsafe[] = [
  { character: '~', ...inText },
  { character: '$', ...inText },
  { character: ':', before: '[ps]', after: '\\/', ...inText },
  { character: '.', before: '[Ww]', after: '[-.\\w]', ...inText },
  { character: '|', atBreak: true },
  { character: ':', atBreak: true, after: '-' },
]

/** Writes a tree as Markdown in which every text means itself, for CommonMark and for GitHub. */
export const write = (tree: Root): string =>
  toMarkdown(tree, {
    bullet: '-',
    listItemIndent: 'one',
    incrementListMarker: true,
    extensions: [{ unsafe: GITHUB }],
  })
