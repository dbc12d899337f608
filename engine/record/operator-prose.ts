import type { BlockContent, Code, DefinitionContent, Link, Nodes, Paragraph, PhrasingContent, Root } from 'mdast'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { printable } from '../base/printable.ts'
import { write } from './write-markdown.ts'

/** Something in prose that could hide or fake a derived statement, and the line (from 1) where it starts. */
export type Flaw = { line: number; what: string }

/** Prose as the record keeps it, and the flaws that were turned into text or code. */
export type SafeProse = { text: string; flaws: Flaw[] }

/** Languages of code blocks that renderers show as text; `mermaid`, `math` and others are drawn as figures. */
const PLAIN_CODE = new Set(
  'bash console css diff go html ini java javascript js json log php py python rb ruby rust sh shell sql text toml ts txt typescript xml yaml yml'.split(
    ' ',
  ),
)

/**
 * Returns prose as a Markdown quotation that keeps only harmless kinds: paragraphs, lists, emphasis, code, quotations and
 * links that show their address. Prose without anything else stays byte for byte; otherwise all of it is rewritten, with
 * what could hide or fake a statement turned into text or code.
 */
export function safeProse(prose: string): SafeProse {
  if (prose === '') return { text: '', flaws: [] }
  const first = inspect(quotationOf(prose))
  if (first.flaws.length === 0) return { text: quotationOf(prose), flaws: [] }
  const text = first.tree && markdownOf(first.tree)
  // The rewritten text is inspected again, so that safety does not rest on the writer alone.
  const sound = text !== undefined && inspect(text).flaws.length === 0
  return { text: sound ? text : write(quotation([code(prose)])).trimEnd(), flaws: first.flaws }
}

const quotationOf = (prose: string): string =>
  prose
    .split('\n')
    .map((line) => (line === '' ? '>' : `> ${line}`))
    .join('\n')

/** Returns a quotation made safe, and its flaws; no tree where it is nested too deep to parse. */
function inspect(text: string): { tree?: Root; flaws: Flaw[] } {
  const flaws: Flaw[] = []
  const lines = text.split('\n')
  const odd = lines.findIndex((line) => printable(line) !== line)
  if (odd >= 0) flaws.push({ line: odd + 1, what: 'hidden characters' })
  try {
    const tree = fromMarkdown(text)
    const [only, ...more] = tree.children
    if (only?.type !== 'blockquote' || more.length > 0)
      return { flaws: [...flaws, { line: 1, what: 'text that leaves the quotation' }] }
    const safeTree = quotation(safe(only.children, text, flaws))
    return { tree: safeTree, flaws: flaws.toSorted((a, b) => a.line - b.line) }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    return { flaws: [...flaws, { line: 1, what: 'lists or quotations that are nested too deep' }] }
  }
}

function markdownOf(tree: Root): string | undefined {
  try {
    return write(tree).trimEnd()
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    return undefined
  }
}

const quotation = (children: (BlockContent | DefinitionContent)[]): Root => ({
  type: 'root',
  children: [{ type: 'blockquote', children }],
})
const visible = (text: string): string =>
  text
    .split(/\r\n?|\n/)
    .map(printable)
    .join('\n')
const code = (value: string, lang?: string): Code => ({
  type: 'code',
  value: visible(value),
  ...(lang ? { lang } : {}),
})
const inline = (value: string): PhrasingContent => ({
  type: 'inlineCode',
  value: visible(value).replaceAll('\n', ' ') || ' ',
})

type Block = BlockContent | DefinitionContent

/** Returns blocks without anything harmful, and adds what was turned into text or code to `flaws`. */
function safe(children: Block[], source: string, flaws: Flaw[]): Block[] {
  const raw = (node: Nodes): string =>
    source.slice(node.position?.start.offset, node.position?.end.offset).replaceAll(/(\r\n?|\n)> ?/g, '$1')
  const report = (node: Nodes, what: string): void => {
    flaws.push({ line: node.position?.start.line ?? 1, what })
  }

  const phrasing = (nodes: PhrasingContent[]): PhrasingContent[] => nodes.flatMap(phrase)

  const phrase = (node: PhrasingContent): PhrasingContent[] => {
    switch (node.type) {
      case 'text':
        if (visible(node.value) !== node.value) report(node, 'hidden characters')
        if (/^\s*\[!/.test(node.value) && !raw(node).trimStart().startsWith('\\['))
          report(node, 'the start of an alert')
        return [{ type: 'text', value: visible(node.value) }]
      case 'emphasis':
      case 'strong':
        return [{ type: node.type, children: phrasing(node.children) }]
      case 'inlineCode':
        return [inline(node.value)]
      case 'break':
        return [{ type: 'break' }]
      case 'link':
        return link(node)
      default:
        report(node, NAMES[node.type] ?? `another kind of Markdown (${node.type})`)
        return [inline(raw(node))]
    }
  }

  const link = (node: Link): PhrasingContent[] => {
    const plain = /^https?:\/\/[!-~]+$/i.test(node.url)
    const [label] = node.children
    const shown = node.children.length === 1 && label?.type === 'text' && label.value === node.url && !node.title
    if (plain && shown) return [{ type: 'link', url: node.url, children: [{ type: 'text', value: node.url }] }]
    report(node, plain ? 'a link that hides its address' : 'a link to something other than a web page')
    const to: PhrasingContent = plain
      ? { type: 'link', url: node.url, children: [{ type: 'text', value: node.url }] }
      : inline(node.url)
    return [...phrasing(node.children), text(' ('), to, text(')')]
  }

  const blocks = <T extends Nodes>(nodes: T[]): T[] => nodes.flatMap((node) => block(node) as T[])

  const block = (node: Nodes): Nodes[] => {
    switch (node.type) {
      case 'paragraph':
        if (isFormula(raw(node))) report(node, 'a formula')
        if (/(?<!\\)\[\^[^\]\n]+\]:/.test(raw(node))) report(node, 'a footnote, which would appear elsewhere')
        return [isTable(raw(node)) ? table(node) : { type: 'paragraph', children: phrasing(node.children) }]
      case 'heading':
        report(node, 'a heading')
        if (node.children.length === 0) return [code(raw(node))]
        return [{ type: 'paragraph', children: [{ type: 'strong', children: phrasing(node.children) }] }]
      case 'blockquote':
        return [{ type: 'blockquote', children: blocks(node.children) }]
      case 'list':
        return [{ ...node, children: blocks(node.children) }]
      case 'listItem':
        return [{ ...node, children: blocks(node.children) }]
      case 'thematicBreak':
        return [{ type: 'thematicBreak' }]
      case 'code':
        return [fenced(node)]
      default:
        report(node, NAMES[node.type] ?? `another kind of Markdown (${node.type})`)
        return [code(raw(node))]
    }
  }

  const table = (node: Paragraph): Nodes => {
    report(node, 'a table')
    return code(raw(node))
  }

  const fenced = (node: Code): Code => {
    const lang = node.lang ?? ''
    const drawn = lang !== '' && !PLAIN_CODE.has(lang.toLowerCase())
    if (drawn || node.meta)
      report(node, `code that some renderers draw as a figure (${printable(`${lang} ${node.meta ?? ''}`.trim())})`)
    if (isOpen(raw(node), node.value)) report(node, 'an unclosed code fence')
    return code(node.value, drawn ? undefined : lang)
  }

  return blocks(children)
}

const text = (value: string): PhrasingContent => ({ type: 'text', value })

/** The names of the kinds of Markdown that are turned into text or code. */
const NAMES: Readonly<Record<string, string>> = {
  html: 'raw HTML',
  definition: 'a link definition, which would change other links',
  image: 'an image',
  imageReference: 'an image',
  linkReference: 'a link that hides its address',
}

/** Reports whether a code block has an unclosed fence: all that follows it would be code. */
function isOpen(source: string, value: string): boolean {
  const lines = source.split(/\r\n?|\n/)
  const fence = /^(`{3,}|~{3,})/.exec(lines[0] ?? '')?.[1]
  if (fence === undefined) return false
  if (lines.length < 2 || (value !== '' && lines.length < value.split('\n').length + 2)) return true
  const last = (lines.at(-1) ?? '').replace(/^[\s>]*/, '').trimEnd()
  return last.length < fence.length || [...last].some((character) => character !== fence[0])
}

/** Reports whether a paragraph has a row that makes it a table on GitHub, which splits cells before it reads what is in them. */
const isTable = (source: string): boolean =>
  source.split(/\r\n?|\n/).some((line) => line.includes('|') && line.includes('-') && /^[\s>|:-]*$/.test(line))

/** Reports whether a text has a formula for GitHub, which can be drawn over the text around it. */
const isFormula = (source: string): boolean =>
  (source.match(/(?<!\\)\$/g) ?? []).length > 1 && /\\[A-Za-z]/.test(source)
