import { type CST, Lexer, Parser } from 'yaml'
import { quote } from './printable.ts'
import type { Span } from './source.ts'

/** What is wrong at a span of a YAML text. */
export type YamlProblem = { span: Span; message: string; hint?: string }

/** The deepest nesting of lists and mappings that is read. */
export const deepestNesting = 64

const mostValues = 100_000
const mostMarks = 1000
const mostProblems = 50

/** The tokens of the one document in a text, if it may be composed, and what is wrong with the text so far. */
export function readTokens(text: string): { document?: CST.Document; problems: YamlProblem[] } {
  const problems: YamlProblem[] = []
  let document: CST.Document | undefined
  let strayed = false
  const parser = new Parser()
  for (const token of shallowTokens(text, parser)) {
    if (token === 'too deep') return { problems: [...problems, tooDeep(parser.offset)] }
    if (token.type === 'document') {
      if (document !== undefined) {
        problems.push({ span: spanOf(token), message: severalDocuments, hint: 'keep one document, without `---`' })
        break
      }
      document = token
    } else if (token.type === 'directive') problems.push(...directiveProblems(token))
    else if (token.type === 'error') {
      // What follows a stray token is read out of its place: all of it would look stray.
      if (!strayed) problems.push(strayToken(token))
      strayed = true
    }
    // Each further problem mostly follows from the ones before, and a text can hold a million of them.
    if (problems.length >= mostProblems) return { problems }
  }
  if (document === undefined) return { problems }
  if (weight(document.start) > mostMarks) return { problems: [...problems, tooMany(document)] }
  if (document.value === undefined) return { document, problems }
  const found: Inspection = { values: 0, problems: [], tooLarge: false }
  inspect(document.value, 1, found)
  problems.push(...found.problems.slice(found.tooLarge ? -mostProblems : 0, mostProblems))
  return found.tooLarge ? { problems } : { document, problems }
}

/** The tokens of a text, ending early where it nests too deep: the parser itself takes long over such a text. */
function* shallowTokens(text: string, parser: Parser): Generator<CST.Token | 'too deep'> {
  for (const lexeme of new Lexer().lex(text)) {
    yield* parser.next(lexeme)
    if (parser.stack.length > 2 * deepestNesting + 8) yield 'too deep'
  }
  yield* parser.end()
}

const severalDocuments = 'a second YAML document begins here, and a file holds one'

const spanOf = (token: { offset: number; source?: string }): Span => ({
  start: token.offset,
  end: token.offset + Math.max(1, (token.source ?? '---').length),
})

function directiveProblems(token: CST.Directive): YamlProblem[] {
  if (/^%YAML[ \t]+1\.2[ \t]*(#.*)?$/.test(token.source.trimEnd())) return []
  const message = `the directive ${quote(token.source.trimEnd())} is not supported`
  return [{ span: spanOf(token), message, hint: 'remove this line: files are read as YAML 1.2' }]
}

function strayToken(token: CST.ErrorToken): YamlProblem {
  return { span: spanOf(token), message: `${quote(token.source)} does not belong here`, hint: strayHint(token.source) }
}

const strayHint = (source: string) =>
  /^[\]},]/.test(source) ? 'check that each bracket is opened and closed once' : 'check the indentation and the quotes'

/** What is wrong with tokens, and how much they hold: neither nesting nor size may exhaust what composes them afterwards. */
type Inspection = { values: number; problems: YamlProblem[]; tooLarge: boolean }

function inspect(token: CST.Token, depth: number, found: Inspection): void {
  const problem = unclosed(token)
  if (problem !== undefined) found.problems.push(problem)
  count(found, token, 1 + ('end' in token ? weight(token.end) : 0))
  if (!('items' in token)) return
  if (depth > deepestNesting) refuse(found, tooDeep(token.offset))
  for (const { start, key, sep, value } of token.items) {
    count(found, token, 1 + weight(start) + weight(sep))
    if (found.tooLarge) return
    if (key) inspect(key, depth + 1, found)
    if (value) inspect(value, depth + 1, found)
  }
}

function count(found: Inspection, token: CST.Token, values: number): void {
  found.values += values
  if (found.values > mostValues && !found.tooLarge) refuse(found, tooMany(token))
}

function refuse(found: Inspection, problem: YamlProblem): void {
  found.tooLarge = true
  found.problems.push(problem)
}

function weight(tokens: CST.SourceToken[] | undefined): number {
  let marks = 0
  if (tokens === undefined) return marks
  for (const { type } of tokens) if (type !== 'space' && type !== 'newline' && type !== 'comment') marks++
  return marks
}

const tooDeep = (offset: number): YamlProblem => ({
  span: { start: offset, end: offset + 1 },
  message: `lists and mappings are nested more than ${deepestNesting} deep here`,
  hint: 'a missing bracket or a stray `- ` can cause this',
})

const tooMany = (token: CST.Token): YamlProblem => ({
  span: { start: token.offset, end: token.offset + 1 },
  message: `the file holds more than ${mostValues} keys, values and marks`,
  hint: 'split it into several files',
})

/** A quote or bracket that is never closed, shown where it opens: where the text ends says nothing. */
function unclosed(token: CST.Token): YamlProblem | undefined {
  if (token.type === 'double-quoted-scalar' || token.type === 'single-quoted-scalar') {
    const mark = token.type === 'double-quoted-scalar' ? '"' : "'"
    if (token.source.length > 1 && token.source.endsWith(mark)) return undefined
    return { span: opening(token), message: `this ${mark} is never closed`, hint: `end the text with ${mark}` }
  }
  if (token.type !== 'flow-collection') return undefined
  const mark = token.start.source === '{' ? '}' : ']'
  if (token.end[0]?.source === mark) return undefined
  const hint = `close it with ${mark}, indented deeper than the key it belongs to`
  return { span: opening(token), message: `this ${token.start.source} is not closed`, hint }
}

const opening = ({ offset }: CST.Token): Span => ({ start: offset, end: offset + 1 })
