import type { Nodes } from 'mdast'
import { fromMarkdown } from 'mdast-util-from-markdown'
import type { OutOfForce } from './span.ts'

/** Finds the comments in a Markdown file: HTML comments, and link definitions used as comments. */
export function markdownOutOfForce(text: string): OutOfForce[] {
  const found: OutOfForce[] = []
  const read = (node: Nodes): void => {
    const start = node.position?.start.offset ?? 0
    const end = node.position?.end.offset ?? 0
    if (node.type === 'html')
      for (const { 0: comment, index } of text.slice(start, end).matchAll(/<!--[\s\S]*?(-->|$)/g))
        found.push({ start: start + index, end: start + index + comment.length, why: 'comment' })
    if (node.type === 'definition' && /^(\/\/|comment|#)$/i.test(node.identifier))
      found.push({ start, end, why: 'comment' })
    if ('children' in node) for (const child of node.children) read(child)
  }
  read(fromMarkdown(text))
  return found
}
