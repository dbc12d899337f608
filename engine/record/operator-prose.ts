import type { BlockContent, Code, DefinitionContent, Link, Nodes, Paragraph, PhrasingContent, Root } from 'mdast'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { printable } from '../base/printable.ts'
import { write } from './write-markdown.ts'

/** Something in a person's words that could hide or fake what is derived, and the line (from 1) where it begins. */
export type Flaw = { line: number; what: string }

/** A person's words as the record takes them, and what in them could do harm. */
export type OwnWords = { text: string; quoted: Flaw[] }

/** Languages of code that no reader of Markdown draws: `mermaid`, `math` and others would be drawn. */
const PLAIN_CODE = new Set(
  'bash console css diff go html ini java javascript js json log php py python rb ruby rust sh shell sql text toml ts txt typescript xml yaml yml'.split(
    ' ',
  ),
)

/**
 * Takes a person's words as a quotation in Markdown of which only what stays in its place is left: paragraphs, lists,
 * emphasis, code, quotations, and links that say where they lead. Words in which there is nothing else stay as they are;
 * else all are written anew, with what could hide or fake something turned into text or code.
 */
export function ownWords(words: string): OwnWords {
  if (words === '') return { text: '', quoted: [] }
  const first = look(quotationOf(words))
  if (first.quoted.length === 0) return { text: quotationOf(words), quoted: [] }
  const text = first.tree && writtenBy(first.tree)
  // Whatever is written here is read once more: nothing rests on the writer alone.
  const sound = text !== undefined && look(text).quoted.length === 0
  return { text: sound ? text : write(quotation([code(words)])).trimEnd(), quoted: first.quoted }
}

const quotationOf = (words: string): string =>
  words
    .split('\n')
    .map((line) => (line === '' ? '>' : `> ${line}`))
    .join('\n')

/** What is in a quotation, made safe, and what in it could do harm; no tree where it is nested too deep to be read. */
function look(text: string): { tree?: Root; quoted: Flaw[] } {
  const quoted: Flaw[] = []
  const lines = text.split('\n')
  const odd = lines.findIndex((line) => printable(line) !== line)
  if (odd >= 0) quoted.push({ line: odd + 1, what: 'hidden characters' })
  try {
    const tree = fromMarkdown(text)
    const [only, ...more] = tree.children
    if (only?.type !== 'blockquote' || more.length > 0)
      return { quoted: [...quoted, { line: 1, what: 'what leaves its quotation' }] }
    const safeTree = quotation(safe(only.children, text, quoted))
    return { tree: safeTree, quoted: quoted.toSorted((a, b) => a.line - b.line) }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    return { quoted: [...quoted, { line: 1, what: 'lists or quotations that are nested too deep' }] }
  }
}

function writtenBy(tree: Root): string | undefined {
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

/** Blocks of which nothing is left that could do harm; tells what was turned into something else. */
function safe(children: Block[], source: string, quoted: Flaw[]): Block[] {
  const raw = (node: Nodes): string =>
    source.slice(node.position?.start.offset, node.position?.end.offset).replaceAll(/(\r\n?|\n)> ?/g, '$1')
  const tell = (node: Nodes, what: string): void => {
    quoted.push({ line: node.position?.start.line ?? 1, what })
  }

  const phrasing = (nodes: PhrasingContent[]): PhrasingContent[] => nodes.flatMap(phrase)

  const phrase = (node: PhrasingContent): PhrasingContent[] => {
    switch (node.type) {
      case 'text':
        if (visible(node.value) !== node.value) tell(node, 'hidden characters')
        if (/^\s*\[!/.test(node.value) && !raw(node).trimStart().startsWith('\\[')) tell(node, 'the head of an alert')
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
        tell(node, NAMES[node.type] ?? `Markdown of another kind (${node.type})`)
        return [inline(raw(node))]
    }
  }

  const link = (node: Link): PhrasingContent[] => {
    const plain = /^https?:\/\/[!-~]+$/i.test(node.url)
    const [label] = node.children
    const shown = node.children.length === 1 && label?.type === 'text' && label.value === node.url && !node.title
    if (plain && shown) return [{ type: 'link', url: node.url, children: [{ type: 'text', value: node.url }] }]
    tell(node, plain ? 'a link that does not say where it leads' : 'a link to something else than a web page')
    const to: PhrasingContent = plain
      ? { type: 'link', url: node.url, children: [{ type: 'text', value: node.url }] }
      : inline(node.url)
    return [...phrasing(node.children), text(' ('), to, text(')')]
  }

  const blocks = <T extends Nodes>(nodes: T[]): T[] => nodes.flatMap((node) => block(node) as T[])

  const block = (node: Nodes): Nodes[] => {
    switch (node.type) {
      case 'paragraph':
        if (isFormula(raw(node))) tell(node, 'a formula')
        if (/(?<!\\)\[\^[^\]\n]+\]:/.test(raw(node))) tell(node, 'a footnote, which would stand elsewhere')
        return [isTable(raw(node)) ? table(node) : { type: 'paragraph', children: phrasing(node.children) }]
      case 'heading':
        tell(node, 'a heading')
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
        tell(node, NAMES[node.type] ?? `Markdown of another kind (${node.type})`)
        return [code(raw(node))]
    }
  }

  const table = (node: Paragraph): Nodes => {
    tell(node, 'a table')
    return code(raw(node))
  }

  const fenced = (node: Code): Code => {
    const lang = node.lang ?? ''
    const drawn = lang !== '' && !PLAIN_CODE.has(lang.toLowerCase())
    if (drawn || node.meta)
      tell(node, `code of a kind that some readers draw (${printable(`${lang} ${node.meta ?? ''}`.trim())})`)
    if (isOpen(raw(node), node.value)) tell(node, 'a fence that nothing ends')
    return code(node.value, drawn ? undefined : lang)
  }

  return blocks(children)
}

const text = (value: string): PhrasingContent => ({ type: 'text', value })

/** What people call the kinds of Markdown that are quoted. */
const NAMES: Readonly<Record<string, string>> = {
  html: 'raw HTML',
  definition: 'a definition of links, which would change others',
  image: 'an image',
  imageReference: 'an image',
  linkReference: 'a link that does not say where it leads',
}

/** Whether a block of code begins with a fence that nothing ends: all that follows it would be code. */
function isOpen(source: string, value: string): boolean {
  const lines = source.split(/\r\n?|\n/)
  const fence = /^(`{3,}|~{3,})/.exec(lines[0] ?? '')?.[1]
  if (fence === undefined) return false
  if (lines.length < 2 || (value !== '' && lines.length < value.split('\n').length + 2)) return true
  const last = (lines.at(-1) ?? '').replace(/^[\s>]*/, '').trimEnd()
  return last.length < fence.length || [...last].some((character) => character !== fence[0])
}

/** Whether a paragraph has a row that makes it a table for GitHub: cells are taken apart before anything in them is read. */
const isTable = (source: string): boolean =>
  source.split(/\r\n?|\n/).some((line) => line.includes('|') && line.includes('-') && /^[\s>|:-]*$/.test(line))

/** Whether a text has what GitHub sets as a formula, which can be drawn over what stands around it. */
const isFormula = (source: string): boolean =>
  (source.match(/(?<!\\)\$/g) ?? []).length > 1 && /\\[A-Za-z]/.test(source)
