import type { BlockContent, List, ListItem, PhrasingContent, RootContent } from 'mdast'
import { printable } from '../base/printable.ts'
import { CHANGED } from '../runbook/expressions/expression.ts'

/** A sentence with its `code` and, where there are any, the changed subjects in their place. */
export function sentence(text: string, changed: string[]): PhrasingContent[] {
  if (changed.length === 0) return joined(codeSpans(text))
  const subjects = changed.flatMap((subject, index) => [...(index > 0 ? [plain(', ')] : []), code(subject)])
  return joined(text.split(CHANGED).flatMap((piece, index) => [...(index > 0 ? subjects : []), ...codeSpans(piece)]))
}

/** Code right behind code is one: the marks of two would pair with each other, and what is in them would be text. */
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
    .flatMap((piece, index) => (piece === '' ? [] : index % 2 === 1 ? [code(piece)] : words(piece)))

/** Words that some readers would make links of: nothing in a record leads anywhere that its reader did not type. */
const ADDRESS = /^(https?:\/\/|www\.)\S|^[^@]+@[^@.]+\.[^@]+$/i

/** Text, with addresses as code. */
function words(text: string): PhrasingContent[] {
  return text.split(/(\s+)/).flatMap((word) => {
    if (word === '' || !ADDRESS.test(word)) return word === '' ? [] : [plain(word)]
    let end = word.length
    while (',.;:)'.includes(word[end - 1] as string)) end--
    return end === word.length ? [code(word)] : [code(word.slice(0, end)), plain(word.slice(end))]
  })
}

const oneLine = (text: string): string => printable(text).replaceAll(/\s+/g, ' ')
/** Text, on one line and without control characters. */
export const plain = (value: string): PhrasingContent => ({ type: 'text', value: oneLine(value) })
/** Code without anything in it has no form in Markdown: its marks would pair with later ones. */
export const code = (value: string): PhrasingContent => ({ type: 'inlineCode', value: oneLine(value) || '(empty)' })
/** Which entries of the log say it: a comment, which readers of the page don't see. */
export const traced = (entries: number[]): PhrasingContent[] =>
  entries.length === 0
    ? []
    : [
        // A text of its own, so that the writer sees what follows the text before it: "0." and a blank would begin a list.
        { type: 'text', value: ' ' },
        { type: 'html', value: `<!-- log ${[...new Set(entries)].join(', ')} -->` },
      ]
/** A paragraph of these pieces. */
export const paragraph = (...children: PhrasingContent[]): RootContent => ({ type: 'paragraph', children })
/** A heading. */
export const heading = (depth: 1 | 2 | 3, text: string): RootContent => ({
  type: 'heading',
  depth,
  children: [plain(text)],
})
/** A list, numbered or not. */
export const list = (ordered: boolean, children: ListItem[]): List => ({
  type: 'list',
  ordered,
  spread: false,
  children,
})
/** An item of a list: a line, and what stands under it. */
export const item = (children: PhrasingContent[], ...more: BlockContent[]): ListItem => ({
  type: 'listItem',
  spread: false,
  children: [{ type: 'paragraph', children }, ...more],
})
