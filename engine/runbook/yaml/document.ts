import { Composer, type Node } from 'yaml'
import { refusedCharacter } from '../../base/characters.ts'
import { type Diagnostic, problemAt, tidyDiagnostics } from '../../base/diagnostic.ts'
import type { Json } from '../../base/json.ts'
import { type Range, rangeFinder, type Source, type Span, sourceLimit } from '../../base/source.ts'
import { innerSpan } from './inner.ts'
import { findPlace, type Targets } from './positions.ts'
import { syntaxProblems } from './syntax.ts'
import { readTokens, unclosed, type YamlProblem } from './tokens.ts'
import { readValues } from './values.ts'

/** Where something is in a document: keys and list indexes, from the outside in. */
export type Path = readonly (string | number)[]

/** A YAML file that has been read: its value, and where each part of it is written. */
export type Document = {
  source: Source
  value: Json
  /** The range of a key or (by default) of a value; where the path leads nowhere, of the nearest parent. */
  at: (path: Path, which?: 'key' | 'value') => Range
  /** The range of a part (offsets in UTF-16 units) of a text; of the whole text where escapes stand in the way. */
  within: (path: Path, start: number, end: number) => Range
}

/** A document, or everything that is wrong with the file. */
export type ParsedDocument = { ok: true; document: Document } | { ok: false; diagnostics: Diagnostic[] }

/** Reads a source as one document of YAML 1.2 (core schema) whose value is JSON. Never throws, and never runs for long. */
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

/** A document whose value is known already; it is parsed again for the first place in it that is asked for. */
export function documentOf(source: Source, value: Json): Document {
  let again: Document | undefined
  const document = () => {
    if (again) return again
    const parsed = parseDocument(source)
    if (!parsed.ok) throw new Error(`${source.name} was a document before`)
    again = parsed.document
    return again
  }
  return {
    source,
    value,
    at: (path, which) => document().at(path, which),
    within: (path, start, end) => document().within(path, start, end),
  }
}

const refuse = (diagnostics: Diagnostic[]): ParsedDocument => ({ ok: false, diagnostics })

/** The value of a text, and the nodes that say where it is written. */
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

/** What is missing at the end of a file is shown after its last word, not on the blank lines that follow. */
function beforeEnd(text: string): (problem: YamlProblem) => YamlProblem {
  const end = text.trimEnd().length
  return (problem) => (problem.span.start > end ? { ...problem, span: { start: end, end } } : problem)
}

const emptyFile: YamlProblem = { span: { start: 0, end: 0 }, message: 'the file is empty: it holds no value' }

/** One broken character makes the rest of its line look broken too: only the first problem of a line is kept. */
function firstOfEachLine(problems: YamlProblem[], line: (offset: number) => number): YamlProblem[] {
  const first = new Map<number, YamlProblem>()
  for (const problem of problems) {
    const at = line(problem.span.start)
    const earlier = first.get(at)
    if (earlier === undefined || problem.span.start < earlier.span.start) first.set(at, problem)
  }
  return [...first.values()]
}

/** Braces are YAML's own, so an expression without quotes is the likeliest cause of a problem on its line. */
function withExpressionHint(problem: YamlProblem, text: string): YamlProblem {
  const start = text.lastIndexOf('\n', problem.span.start - 1) + 1
  const line = text.slice(start, start + 2000).split('\n', 1)[0] ?? ''
  return /[^"']\$\{\{/.test(line) ? { ...problem, hint: 'put the text with the `${{ … }}` in quotes' } : problem
}

function makeDocument(source: Source, { root, json, targets }: Read, rangeOf: (span: Span) => Range): Document {
  return {
    source,
    value: json,
    at: (path, which = 'value') => rangeOf(findPlace(root, path, targets)[which]),
    within: (path, start, end) => {
      const { value, text } = findPlace(root, path, targets)
      if (text === undefined) return rangeOf(value)
      return rangeOf(innerSpan(source.text, text.scalar, text.says, start, end) ?? text.scalar)
    },
  }
}
