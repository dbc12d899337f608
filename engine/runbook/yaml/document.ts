import { Composer, type Node } from 'yaml'
import { refusedCharacter } from '../../base/characters.ts'
import { type Diagnostic, problemAt, tidyDiagnostics } from '../../base/diagnostic.ts'
import type { Json } from '../../base/json.ts'
import { type Range, rangeFinder, type Source, type Span, sourceLimit } from '../../base/source.ts'
import { innerSpan } from './inner.ts'
import { findPosition, type Targets } from './positions.ts'
import { syntaxProblems } from './syntax.ts'
import { readTokens, unclosed, type YamlProblem } from './tokens.ts'
import { readValues } from './values.ts'

/** A path in a document: keys and list indexes, from the outside in. */
export type Path = readonly (string | number)[]

/** A parsed YAML file: its value, and the position of each part. */
export type Document = {
  source: Source
  value: Json
  /** Returns the range of a key or (by default) a value; if the path does not exist, of the nearest parent. */
  at: (path: Path, which?: 'key' | 'value') => Range
  /** Returns the range of part of a string (offsets in UTF-16 units); of the whole string if it contains escapes. */
  within: (path: Path, start: number, end: number) => Range
}

/** A document, or all problems in the file. */
export type ParsedDocument = { ok: true; document: Document } | { ok: false; diagnostics: Diagnostic[] }

/** Parses a source as one YAML 1.2 document (core schema) with a JSON value. Never throws, and takes bounded time. */
export function parseDocument(source: Source): ParsedDocument {
  const { name, text } = source
  if (text.length > sourceLimit) return refuse([problemAt(name, undefined, 'the file is larger than 1 MiB')])
  const character = refusedCharacter(source)
  if (character !== undefined) return refuse([character])
  const rangeOf = rangeFinder(text)
  const { read, problems } = readText(text, (offset) => rangeOf({ start: offset, end: offset }).line)
  if (read !== undefined && problems.length === 0) return { ok: true, document: makeDocument(source, read, rangeOf) }
  const diagnostics = problems.map(({ span, message, hint }) => problemAt(name, rangeOf(span), message, hint))
  return refuse(tidyDiagnostics(diagnostics))
}

/** Creates a document from a known value; parses the source when a position is first requested. */
export function documentOf(source: Source, value: Json): Document {
  let parsed: Document | undefined
  const document = () => {
    if (parsed) return parsed
    const result = parseDocument(source)
    if (!result.ok) throw new Error(`${source.name} is no longer a valid document`)
    parsed = result.document
    return parsed
  }
  return {
    source,
    value,
    at: (path, which) => document().at(path, which),
    within: (path, start, end) => document().within(path, start, end),
  }
}

const refuse = (diagnostics: Diagnostic[]): ParsedDocument => ({ ok: false, diagnostics })

/** The value of a text, and the nodes with its positions. */
type Read = { root: Node; json: Json; targets: Targets }

function readText(text: string, line: (offset: number) => number): { read?: Read; problems: YamlProblem[] } {
  const { document, problems } = readTokens(text)
  if (document === undefined) return { problems: problems.length > 0 ? problems : [emptyFile] }
  const options = {
    schema: 'core',
    merge: false,
    uniqueKeys: false,
    resolveKnownTags: false,
    prettyErrors: false,
  } as const
  const [composed] = [...new Composer(options).compose([document])]
  if (composed === undefined) return { problems: [emptyFile] }
  const errors = [...composed.errors, ...composed.warnings]
  const found = [...problems, ...(errors.length > 0 ? unclosed(document.value) : []), ...syntaxProblems(errors, text)]
  const syntax = firstOfEachLine(found.map(beforeEnd(text)), line).map((problem) => withExpressionHint(problem, text))
  const root = composed.contents
  if (root === null || (root.range && root.range[0] === root.range[1] && syntax.length === 0))
    return { problems: [...syntax, emptyFile] }
  const { json, targets, problems: meaning } = readValues(root, text, line)
  const broken = new Set(syntax.map(({ span }) => line(span.start)))
  return {
    read: { root, json, targets },
    problems: [...syntax, ...meaning.filter(({ span }) => !broken.has(line(span.start)))],
  }
}

/** Moves a problem from the blank lines at the end of a file to the end of its last word. */
function beforeEnd(text: string): (problem: YamlProblem) => YamlProblem {
  const end = text.trimEnd().length
  return (problem) => (problem.span.start > end ? { ...problem, span: { start: end, end } } : problem)
}

const emptyFile: YamlProblem = { span: { start: 0, end: 0 }, message: 'the file is empty' }

/** Keeps the first problem of each line, because one mistake makes the rest of its line look wrong too. */
function firstOfEachLine(problems: YamlProblem[], line: (offset: number) => number): YamlProblem[] {
  const first = new Map<number, YamlProblem>()
  for (const problem of problems) {
    const at = line(problem.span.start)
    const earlier = first.get(at)
    if (earlier === undefined || problem.span.start < earlier.span.start) first.set(at, problem)
  }
  return [...first.values()]
}

/** Replaces the hint if the line has an unquoted expression, because YAML reads its braces as a mapping. */
function withExpressionHint(problem: YamlProblem, text: string): YamlProblem {
  const start = text.lastIndexOf('\n', problem.span.start - 1) + 1
  const line = text.slice(start, start + 2000).split('\n', 1)[0] ?? ''
  return /[^"']\$\{\{/.test(line) ? { ...problem, hint: 'quote the string that contains `${{ … }}`' } : problem
}

function makeDocument(source: Source, { root, json, targets }: Read, rangeOf: (span: Span) => Range): Document {
  return {
    source,
    value: json,
    at: (path, which = 'value') => rangeOf(findPosition(root, path, targets)[which]),
    within: (path, start, end) => {
      const { value, text } = findPosition(root, path, targets)
      if (text === undefined) return rangeOf(value)
      return rangeOf(innerSpan(source.text, text.scalar, text.value, start, end) ?? text.scalar)
    },
  }
}
