import type { YAMLParseError, YAMLWarning } from 'yaml'
import { quote } from '../../base/printable.ts'
import type { YamlProblem } from './tokens.ts'

/** Rewords the errors of the YAML library and adds hints. */
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

/** Explains a key of several lines: a line without a colon, or a line indented into the value above it. */
function lostLine(start: number, end: number, text: string, indented: boolean): YamlProblem {
  const lines = text.slice(start, end)
  if (!indented) {
    const first = /^[^\r\n]*/.exec(lines)?.[0] ?? ''
    const message = `expected \`key: value\`, but ${quote(first.trim())} has no colon followed by a space`
    const hint = 'write `key: value`; for a multi-line string, use `|` or quotes'
    return { span: { start, end: start + Math.max(1, first.length) }, message, hint }
  }
  const last = start + lines.lastIndexOf('\n') + 1
  const key = last + (/^[ \t]*/.exec(text.slice(last, end))?.[0].length ?? 0)
  const message = `${quote(text.slice(key, end))} is indented deeper than the key above it, which already has a value`
  return { span: { start: key, end }, message, hint: 'align it with the keys it belongs to' }
}

type Explanation = { message: string; hint: string }

function explain({ code, message }: YAMLParseError | YAMLWarning, found: string): Explanation {
  switch (code) {
    case 'TAB_AS_INDENT':
      return { message: 'indentation cannot contain tabs', hint: 'indent with spaces' }
    case 'BAD_INDENT':
      return {
        message: 'this line is not aligned with the lines it belongs to',
        hint: 'align the keys of a mapping',
      }
    case 'BLOCK_AS_IMPLICIT_KEY':
      return /sequence/.test(message)
        ? { message: 'this list item is not aligned with the items above it', hint: 'align the `-` of a list' }
        : { message: 'this value contains a second `: `', hint: 'if it is a single string, quote it' }
    case 'BAD_SCALAR_START':
      return {
        message: `an unquoted string cannot start with ${quote(found.slice(0, 1))}`,
        hint: 'quote the string',
      }
    case 'BAD_DQ_ESCAPE':
      return {
        message: `${quote(message.replace(/^Invalid escape sequence /, ''))} is not a valid escape sequence`,
        hint: 'write `\\\\` for a backslash, or use single quotes',
      }
    case 'TAG_RESOLVE_FAILED':
      return tagProblem(found)
    case 'BAD_COLLECTION_TYPE':
      return { message: `the tag ${quote(found)} does not match its value`, hint: 'remove the tag' }
    case 'BAD_ALIAS':
      return {
        message: 'an anchor (`&`) or alias (`*`) has no valid name',
        hint: 'quote a string that starts with `&` or `*`',
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
      return { message: `invalid YAML: ${message}`, hint: 'check the indentation and the quotes' }
  }
}

/** Explains a tag that is not supported, or that does not match its value. */
export function tagProblem(tag: string): Explanation {
  return /^!!(str|int|float|bool|null|map|seq)$/.test(tag)
    ? { message: `the value does not match its tag ${quote(tag)}`, hint: 'remove the tag, or correct the value' }
    : {
        message: `the tag ${quote(tag)} is not supported`,
        hint: 'remove it; quote a string that starts with `!`',
      }
}

function missing(message: string): Explanation {
  if (/Implicit map keys/.test(message))
    return {
      message: 'expected `key: value`, but there is no colon followed by a space',
      hint: 'write `key: value`; indent a multi-line string below `key: |`',
    }
  if (/between flow/.test(message))
    return { message: 'missing comma before this', hint: 'quote a string that contains `{`, `[` or `,`' }
  return { message: `invalid YAML: ${message}`, hint: 'check the brackets and the quotes' }
}

function unexpected(message: string, found: string): Explanation {
  if (/block-seq-ind/.test(message))
    return { message: 'unexpected list item among the keys of a mapping', hint: 'indent the list below its key' }
  if (/at node end/.test(message))
    return {
      message: `unexpected ${quote(found)} after the end of the value`,
      hint: 'quote the whole string; inside single quotes, double a quote',
    }
  if (/Unexpected (,|empty item)/.test(message))
    return { message: 'missing value between the commas', hint: 'remove the extra comma' }
  return { message: `unexpected ${quote(found)}`, hint: 'check the indentation, brackets and quotes' }
}
