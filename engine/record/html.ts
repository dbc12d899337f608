import type { Nodes, Root } from 'mdast'
import { printable } from '../base/printable.ts'
import { entryRanges } from './mdast.ts'
import { proseMarkers } from './prose.ts'

/** Escapes a text for HTML. */
export const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

/**
 * Writes the record's tree as an HTML page, with the chart at the top of the timeline. A person's prose appears in its
 * places as it was typed, never as HTML.
 */
export function toHtml(tree: Root, chart: string, prose: Record<string, string>, style: string): string {
  const [first] = tree.children
  const title = first?.type === 'heading' ? inside(first.children, prose) : ''
  const body = tree.children
    .map((node) => {
      const html = write(node, prose)
      return html === '<h2>Timeline</h2>\n' ? html + chart : html
    })
    .join('')
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>
${style}</style>
</head>
<body>
<main>
${body}</main>
</body>
</html>
`
}

const inside = (nodes: Nodes[], prose: Record<string, string>): string =>
  nodes.map((node) => write(node, prose)).join('')

function write(node: Nodes, prose: Record<string, string>): string {
  switch (node.type) {
    case 'text':
      return escapeHtml(node.value)
    case 'inlineCode':
      return `<code>${escapeHtml(node.value)}</code>`
    case 'strong':
      return `<strong>${inside(node.children, prose)}</strong>`
    case 'paragraph':
      return `<p${titleOf(node)}>${inside(node.children, prose)}</p>\n`
    case 'heading':
      return `<h${node.depth}>${inside(node.children, prose)}</h${node.depth}>\n`
    case 'list':
      return node.ordered
        ? `<ol>\n${inside(node.children, prose)}</ol>\n`
        : `<ul>\n${inside(node.children, prose)}</ul>\n`
    case 'listItem': {
      const [line, ...more] = node.children
      return `<li${titleOf(node)}>${line?.type === 'paragraph' ? inside(line.children, prose) : ''}${inside(more, prose)}</li>\n`
    }
    case 'table': {
      const [head, ...rows] = node.children.map((row) => row.children.map((cell) => inside(cell.children, prose)))
      return `<table>\n${rowOf('th', head ?? [])}${rows.map((cells) => rowOf('td', cells)).join('')}</table>\n`
    }
    case 'html':
      return proseAt(node.value, prose)
    default:
      throw new Error(`the record has no ${node.type}`)
  }
}

/** Returns the attribute that names the log entries of a statement, which a browser shows on hover. */
const titleOf = ({ data }: Nodes): string =>
  data?.entries === undefined ? '' : ` title="Log entries ${entryRanges(data.entries)}"`

const rowOf = (tag: 'th' | 'td', cells: string[]): string =>
  `<tr>${cells.map((cell) => `<${tag}>${cell}</${tag}>`).join('')}</tr>\n`

/** Returns the prose of the place that a comment opens; nothing for any other comment. */
function proseAt(comment: string, prose: Record<string, string>): string {
  const text = Object.entries(prose).find(([place]) => comment === proseMarkers(place)[0])?.[1] ?? ''
  return text === '' ? '' : `<div class="prose">${escapeHtml(text.split('\n').map(printable).join('\n'))}</div>\n`
}
