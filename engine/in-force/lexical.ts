import type { Span } from '../base/source.ts'
import type { Language } from './language.ts'

/** A kind of quoted text: its delimiters, whether it can have several lines, and what starts code inside it. */
type Quote = { open: string; close?: string; raw?: true; lines?: true; hole?: string }

/** How to distinguish the comments of a language from its quoted texts. */
type Syntax = {
  line: string[]
  block?: [open: string, close: string][]
  quotes: Quote[]
  /** A line comment starts only at the start of a line or after a blank. */
  afterBlank?: true
  /** A text in quotes starts only after a `=`. */
  quotedValues?: true
  /** A quoted text that is a statement is documentation. */
  docstrings?: true
  /** A slash where a value is expected starts a regular expression. */
  regexes?: true
  /** `<<WORD` starts a text that ends at a line with only that word. */
  hereDocuments?: true
}

/** The languages that `lexicalComments` supports. */
export type LexicalLanguage = Extract<
  Language,
  'powershell' | 'json' | 'hcl' | 'dotenv' | 'python' | 'javascript' | 'go' | 'toml' | 'xml'
>

const single: Quote = { open: "'" }
const double: Quote = { open: '"' }
const C_BLOCK: [string, string][] = [['/*', '*/']]

const SYNTAXES: Record<LexicalLanguage, Syntax> = {
  powershell: {
    line: ['#'],
    block: [['<#', '#>']],
    quotes: [
      { open: "@'", close: "'@", lines: true, raw: true },
      { open: '@"', close: '"@', lines: true, raw: true },
      { ...double, raw: true, lines: true },
      { ...single, raw: true, lines: true },
    ],
    afterBlank: true,
  },
  json: { line: ['//'], block: C_BLOCK, quotes: [double, single] },
  hcl: { line: ['#', '//'], block: C_BLOCK, quotes: [{ ...double, hole: '${' }], hereDocuments: true },
  dotenv: {
    line: ['#'],
    quotes: [
      { ...double, lines: true },
      { ...single, lines: true, raw: true },
    ],
    afterBlank: true,
    quotedValues: true,
  },
  python: {
    line: ['#'],
    quotes: [{ open: '"""', lines: true }, { open: "'''", lines: true }, double, single],
    docstrings: true,
  },
  javascript: {
    line: ['//'],
    block: C_BLOCK,
    quotes: [double, single, { open: '`', lines: true, hole: '${' }],
    regexes: true,
  },
  go: { line: ['//'], block: C_BLOCK, quotes: [double, single, { open: '`', lines: true, raw: true }] },
  toml: {
    line: ['#'],
    quotes: [{ open: '"""', lines: true }, { open: "'''", lines: true, raw: true }, double, { ...single, raw: true }],
  },
  xml: { line: [], block: [['<!--', '-->']], quotes: [] },
}

/** The deepest code inside quoted texts to read, so that no file can overflow the stack. */
const DEEPEST = 100

/** Finds the comments in a text by the syntax table of its language. Never throws. */
export function lexicalComments(text: string, language: LexicalLanguage): Span[] {
  const syntax = SYNTAXES[language]
  const reader: Reader = { text, at: 0, syntax, comments: [], depth: 0 }
  while (reader.at < text.length) readCode(reader)
  return reader.comments
}

type Reader = { text: string; at: number; syntax: Syntax; comments: Span[]; depth: number }

/** Reads code to the end of the text, or to the end of the interpolation it is in. */
function readCode(reader: Reader): void {
  const { text, syntax, depth } = reader
  let brackets = 0
  while (reader.at < text.length) {
    const { at } = reader
    if (startsComment(reader)) continue
    const quote = syntax.quotes.find(({ open }) => text.startsWith(open, at))
    if (quote !== undefined && (syntax.quotedValues === undefined || text[at - 1] === '=')) {
      readQuoted(reader, quote)
      if (syntax.docstrings && brackets === 0 && isStatement(text, at, reader.at))
        reader.comments.push({ start: at, end: reader.at })
      continue
    }
    if (syntax.regexes && text[at] === '/' && expectsValue(text, at)) {
      reader.at += /^\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/?/.exec(text.slice(at, at + 2000))?.[0].length ?? 1
      continue
    }
    if (syntax.hereDocuments && text.startsWith('<<', at)) {
      skipHereDocument(reader)
      continue
    }
    if (/[([{]/.test(text[at] ?? '')) brackets++
    if (/[)\]}]/.test(text[at] ?? '')) brackets--
    reader.at++
    if (depth > 0 && brackets < 0) return
  }
}

/** Reads a comment if one starts here; returns whether it does. */
function startsComment(reader: Reader): boolean {
  const { text, at, syntax } = reader
  const isLine = syntax.line.some((mark) => text.startsWith(mark, at))
  if (isLine && (syntax.afterBlank === undefined || at === 0 || /\s/.test(text[at - 1] ?? '')))
    return takeComment(reader, text.indexOf('\n', at), 0)
  const block = syntax.block?.find(([open]) => text.startsWith(open, at))
  if (block === undefined) return false
  return takeComment(reader, text.indexOf(block[1], at + block[0].length), block[1].length)
}

function takeComment(reader: Reader, close: number, length: number): true {
  const end = close < 0 ? reader.text.length : close + length
  // A `#!` line is not a comment.
  if (reader.at > 0 || !reader.text.startsWith('#!')) reader.comments.push({ start: reader.at, end })
  reader.at = end
  return true
}

function readQuoted(reader: Reader, { open, close = open, raw, lines, hole }: Quote): void {
  const { text } = reader
  reader.at += open.length
  while (reader.at < text.length) {
    if (text.startsWith(close, reader.at)) {
      reader.at += close.length
      return
    }
    // An unclosed quote ends with its line.
    if (lines === undefined && text[reader.at] === '\n') return
    if (hole !== undefined && text.startsWith(hole, reader.at) && reader.depth < DEEPEST) {
      reader.at += hole.length
      reader.depth++
      readCode(reader)
      reader.depth--
    } else reader.at += raw === undefined && text[reader.at] === '\\' ? 2 : 1
  }
}

/** Returns whether a quoted text is alone on its line, apart from a prefix and a comment. */
function isStatement(text: string, start: number, end: number): boolean {
  const before = text.slice(text.lastIndexOf('\n', start - 1) + 1, start)
  const last = text.slice(0, start - before.length).trimEnd()
  return /^\s*[rRuUbB]{0,2}$/.test(before) && !last.endsWith('\\') && /^[ \t]*(#|\n|$)/.test(text.slice(end, end + 200))
}

/** Returns whether JavaScript expects a value at an offset, not an operator. */
function expectsValue(text: string, at: number): boolean {
  const before = text.slice(Math.max(0, at - 40), at).trimEnd()
  return (
    before === '' || /[(,=:[!&|?{};+\-*%~^<>]$|\b(return|typeof|case|in|of|delete|void|throw|yield|await)$/.test(before)
  )
}

function skipHereDocument(reader: Reader): void {
  const { text, at } = reader
  const word = /^<<-?(\w+)\b[^\n]*\n/.exec(text.slice(at, at + 200))
  if (word === null) {
    reader.at += 2
    return
  }
  const body = at + word[0].length
  const close = new RegExp(`^[ \\t]*${word[1]}[ \\t]*$`, 'm').exec(text.slice(body))
  reader.at = close === null ? text.length : body + close.index + close[0].length
}
