import type { Nodes, Root } from 'mdast'
import { printable } from '../base/printable.ts'
import { proseMarkers } from './prose.ts'

/** A heading or a text as it stands in HTML. */
export const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

/**
 * Writes the record's tree as HTML, with what was drawn put before the list of the timeline. A person's words stand in
 * their places as they typed them, never as HTML.
 */
export function toHtml(tree: Root, drawn: string, prose: Record<string, string>, style: string): string {
  const [first] = tree.children
  const title = first?.type === 'heading' ? inside(first.children, prose) : ''
  const body = tree.children
    .map((node) => {
      const html = write(node, prose)
      return html === '<h2>Timeline</h2>\n' ? html + drawn : html
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
      return `<p>${inside(node.children, prose)}</p>\n`
    case 'heading':
      return `<h${node.depth}>${inside(node.children, prose)}</h${node.depth}>\n`
    case 'list':
      return node.ordered
        ? `<ol>\n${inside(node.children, prose)}</ol>\n`
        : `<ul>\n${inside(node.children, prose)}</ul>\n`
    case 'listItem': {
      const [line, ...more] = node.children
      return `<li>${line?.type === 'paragraph' ? inside(line.children, prose) : ''}${inside(more, prose)}</li>\n`
    }
    case 'html':
      return traceOrWords(node.value, prose)
    default:
      throw new Error(`the record has no ${node.type}`)
  }
}

/** The comments of the tree: which entries say it, which is shown small, and the places for a person's words. */
function traceOrWords(comment: string, prose: Record<string, string>): string {
  const entries = /^<!-- log ([0-9, ]+) -->$/.exec(comment)?.[1]
  if (entries !== undefined) return `<small title="entries of the audit log">log ${entries}</small>`
  const words = Object.entries(prose).find(([name]) => comment === proseMarkers(name)[0])?.[1] ?? ''
  return words === '' ? '' : `<div class="words">${escapeHtml(words.split('\n').map(printable).join('\n'))}</div>\n`
}
