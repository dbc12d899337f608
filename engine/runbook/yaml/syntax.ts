import type { YAMLParseError, YAMLWarning } from 'yaml'
import { quote } from '../../base/printable.ts'
import type { YamlProblem } from './tokens.ts'

/** What the YAML library found wrong, in a person's words and with what to do. */
export function syntaxProblems(errors: readonly (YAMLParseError | YAMLWarning)[], text: string): YamlProblem[] {
  const multiline = new Set(starts(errors, 'Implicit keys need to be on a single line'))
  const compact = new Set(starts(errors, 'Nested mappings are not allowed in compact mappings'))
  const lists = new Set(starts(errors, 'Unexpected block-seq-ind on same line with key'))
  return errors.flatMap((error) => {
    const [start, end] = error.pos
    const { code, message } = error
    if (/must end with a|must be sufficiently indented|^Missing closing/.test(message)) return []
    if (code === 'MULTILINE_IMPLICIT_KEY' && lists.has(start)) return []
    if (code === 'MULTILINE_IMPLICIT_KEY') return [lostLine(start, end, text, compact.has(start))]
    if (code === 'BLOCK_AS_IMPLICIT_KEY' && multiline.has(start)) return []
    const span = { start, end: Math.max(end, start + 1) }
    return [{ span, ...explain(error, text.slice(span.start, span.end)) }]
  })
}

const starts = (errors: readonly { message: string; pos: [number, number] }[], message: string) =>
  errors.filter((error) => error.message === message).map(({ pos }) => pos[0])

/** A key of several lines is either a line without its colon or a line indented into the value above it. */
function lostLine(start: number, end: number, text: string, indented: boolean): YamlProblem {
  const lines = text.slice(start, end)
  if (!indented) {
    const first = /^[^\r\n]*/.exec(lines)?.[0] ?? ''
    const message = `expected \`key: value\`, but ${quote(first.trim())} has no colon followed by a space`
    const hint = 'write `key: value`; a text of several lines is written with `|` or in quotes'
    return { span: { start, end: start + Math.max(1, first.length) }, message, hint }
  }
  const last = start + lines.lastIndexOf('\n') + 1
  const key = last + (/^[ \t]*/.exec(text.slice(last, end))?.[0].length ?? 0)
  const message = `${quote(text.slice(key, end))} is indented deeper than the key above it, which already has a value`
  return { span: { start: key, end }, message, hint: 'line it up with the keys it belongs to' }
}

type Explanation = { message: string; hint: string }

function explain({ code, message }: YAMLParseError | YAMLWarning, found: string): Explanation {
  switch (code) {
    case 'TAB_AS_INDENT':
      return { message: 'a tab is used as indentation', hint: 'indent with spaces' }
    case 'BAD_INDENT':
      return {
        message: 'this line is not indented like the ones it belongs to',
        hint: 'line up the keys of one mapping',
      }
    case 'BLOCK_AS_IMPLICIT_KEY':
      return /sequence/.test(message)
        ? { message: 'this list item is not indented like the ones above it', hint: 'line up the `-` of one list' }
        : { message: 'a second `: ` stands in this value', hint: 'if it is one text, put it in quotes' }
    case 'BAD_SCALAR_START':
      return {
        message: `a text without quotes cannot begin with ${quote(found.slice(0, 1))}`,
        hint: 'put the text in quotes',
      }
    case 'BAD_DQ_ESCAPE':
      return {
        message: `${quote(message.replace(/^Invalid escape sequence /, ''))} is not an escape in double quotes`,
        hint: 'write `\\\\` for a backslash, or use single quotes',
      }
    case 'TAG_RESOLVE_FAILED':
      return tagProblem(found)
    case 'BAD_COLLECTION_TYPE':
      return { message: `the tag ${quote(found)} does not fit what follows`, hint: 'remove the tag' }
    case 'BAD_ALIAS':
      return {
        message: 'an anchor (`&`) or alias (`*`) has no proper name',
        hint: 'put a text that begins so in quotes',
      }
    case 'MISSING_CHAR':
      return missing(message)
    case 'UNEXPECTED_TOKEN':
      return unexpected(message, found)
    case 'ALIAS_PROPS':
    case 'BAD_DIRECTIVE':
    case 'BAD_PROP_ORDER':
    case 'BLOCK_IN_FLOW':
    case 'DUPLICATE_KEY':
    case 'IMPOSSIBLE':
    case 'KEY_OVER_1024_CHARS':
    case 'MULTILINE_IMPLICIT_KEY':
    case 'MULTIPLE_ANCHORS':
    case 'MULTIPLE_DOCS':
    case 'MULTIPLE_TAGS':
    case 'NON_STRING_KEY':
    case 'RESOURCE_EXHAUSTION':
      return { message: `this is not YAML: ${message}`, hint: 'check the indentation and the quotes' }
  }
}

/** What to say of a tag that is not a plain YAML one, or that its value does not fit. */
export function tagProblem(tag: string): Explanation {
  return /^!!(str|int|float|bool|null|map|seq)$/.test(tag)
    ? { message: `the value does not fit its tag ${quote(tag)}`, hint: 'remove the tag, or correct the value' }
    : {
        message: `the tag ${quote(tag)} is not supported`,
        hint: 'remove it; put a text that begins with `!` in quotes',
      }
}

function missing(message: string): Explanation {
  if (/Implicit map keys/.test(message))
    return {
      message: 'expected `key: value`, but there is no colon followed by a space',
      hint: 'write `key: value`; a text of several lines is indented below `key: |`',
    }
  if (/between flow/.test(message))
    return { message: 'a comma is missing before this', hint: 'put a text that holds `{`, `[` or `,` in quotes' }
  return { message: `this is not YAML: ${message}`, hint: 'check the brackets and the quotes' }
}

function unexpected(message: string, found: string): Explanation {
  if (/block-seq-ind/.test(message))
    return { message: 'a list item stands among the keys of a mapping', hint: 'indent the list below its key' }
  if (/at node end/.test(message))
    return {
      message: `${quote(found)} comes after the end of the value`,
      hint: 'put the whole text in quotes; a quote inside single quotes is written twice',
    }
  if (/Unexpected (,|empty item)/.test(message))
    return { message: 'there is nothing between the commas', hint: 'remove the comma' }
  return { message: `${quote(found)} does not belong here`, hint: 'check the indentation, brackets and quotes' }
}
