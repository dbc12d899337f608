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
  const found = inspect(document.value)
  problems.push(...found.problems)
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

/** Walks the tokens without recursion, so that no nesting or size can exhaust what composes them afterwards. */
function inspect(root: CST.Token): { tooLarge: boolean; problems: YamlProblem[] } {
  const problems: YamlProblem[] = []
  const waiting: { token: CST.Token; depth: number }[] = [{ token: root, depth: 1 }]
  let values = 0
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { token, depth } = next
    if (depth > deepestNesting && 'items' in token)
      return { tooLarge: true, problems: [...problems, tooDeep(token.offset)] }
    values += 1 + ('end' in token ? weight(token.end) : 0)
    problems.push(...unclosed(token))
    if ('items' in token)
      for (const { start, key, sep, value } of token.items) {
        values += 1 + weight(start) + weight(sep)
        for (const inner of [key, value]) if (inner) waiting.push({ token: inner, depth: depth + 1 })
      }
    if (values > mostValues) return { tooLarge: true, problems: [...problems, tooMany(token)] }
  }
  return { tooLarge: false, problems: problems.slice(0, mostProblems) }
}

function weight(tokens: CST.SourceToken[] = []): number {
  let marks = 0
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
function unclosed(token: CST.Token): YamlProblem[] {
  const span = { start: token.offset, end: token.offset + 1 }
  if (token.type === 'double-quoted-scalar' || token.type === 'single-quoted-scalar') {
    const mark = token.type === 'double-quoted-scalar' ? '"' : "'"
    if (token.source.length > 1 && token.source.endsWith(mark)) return []
    return [{ span, message: `this ${mark} is never closed`, hint: `end the text with ${mark}` }]
  }
  if (token.type !== 'flow-collection') return []
  const mark = token.start.source === '{' ? '}' : ']'
  if (token.end[0]?.source === mark) return []
  const hint = `close it with ${mark}, indented deeper than the key it belongs to`
  return [{ span, message: `this ${token.start.source} is not closed`, hint }]
}
