import { type CST, Lexer, Parser } from 'yaml'
import { quote } from '../../base/printable.ts'
import type { Span } from '../../base/source.ts'

/** A problem at a span of a YAML text. */
export type YamlProblem = { span: Span; message: string; hint?: string }

/** The deepest nesting of lists and mappings to read. */
export const deepestNesting = 64

const mostMarks = 100_000
const mostMarksAhead = 1000
/** The most problems to report for a file. */
export const mostProblems = 50

/** Reads the tokens of the document in a text, if it can be composed, and the problems found so far. */
export function readTokens(text: string): { document?: CST.Document; problems: YamlProblem[] } {
  const problems: YamlProblem[] = []
  let document: CST.Document | undefined
  let strayed = false
  for (const token of limitedTokens(text)) {
    if (token.type === 'refused') return { problems: [...problems, token.problem] }
    if (token.type === 'document') {
      if (document !== undefined) {
        problems.push({ span: spanOf(token), message: severalDocuments, hint: 'keep one document and remove `---`' })
        break
      }
      document = token
    } else if (token.type === 'directive') problems.push(...directiveProblems(token))
    else if (token.type === 'error') {
      // After one unexpected token, all that follow look unexpected too.
      if (!strayed) problems.push(strayToken(token))
      strayed = true
    }
    // Later problems mostly follow from earlier ones, and a text can contain a million of them.
    if (problems.length >= mostProblems) return { problems }
  }
  if (document === undefined) return { problems }
  if (document.start.filter(isMark).length > mostMarksAhead)
    return { problems: [...problems, tooMany(document.offset)] }
  return { document, problems }
}

/** A text that is nested too deep or contains too much, so that later stages would take too long. */
type Refused = { type: 'refused'; problem: YamlProblem }

/** Yields the tokens of a text until it is nested too deep or contains too much. */
function* limitedTokens(text: string): Generator<CST.Token | Refused> {
  const parser = new Parser()
  let marks = 0
  for (const source of new Lexer().lex(text)) {
    yield* parser.next(source)
    if (isMark({ source })) marks += 1
    if (marks > mostMarks) yield { type: 'refused', problem: tooMany(parser.offset) }
    if (parser.stack.length <= deepestNesting) continue
    const open = parser.stack.filter((token) => 'items' in token)
    if (open.length > deepestNesting) yield { type: 'refused', problem: tooDeep(open.at(-1)?.offset ?? 0) }
  }
  yield* parser.end()
}

/** Returns whether a lexeme is more than white space, a comment or a marker from the lexer. */
const isMark = ({ source }: { source: string }): boolean => !BLANK.has(source.charCodeAt(0))

const BLANK = new Set([...' \t\n\r#\x02\x18\x1f\ufeff'].map((character) => character.charCodeAt(0)))

const severalDocuments = 'a second YAML document starts here, but a file can contain only one'

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
  return { span: spanOf(token), message: `unexpected ${quote(token.source)}`, hint: strayHint(token.source) }
}

const strayHint = (source: string) =>
  /^[\]},]/.test(source) ? 'check that the brackets match' : 'check the indentation and the quotes'

const tooDeep = (offset: number): YamlProblem => ({
  span: { start: offset, end: offset + 1 },
  message: `lists and mappings are nested more than ${deepestNesting} levels deep`,
  hint: 'check for a missing bracket or a stray `- `',
})

const tooMany = (offset: number): YamlProblem => ({
  span: { start: offset, end: offset + 1 },
  message: `the file contains more than ${mostMarks} keys, values and punctuation marks`,
  hint: 'split it into several files',
})

/** Returns the quotes and brackets that are never closed, at their opening position. */
export function unclosed(token: CST.Token | null | undefined): YamlProblem[] {
  if (!token) return []
  const span = { start: token.offset, end: token.offset + 1 }
  if (token.type === 'double-quoted-scalar' || token.type === 'single-quoted-scalar') {
    const mark = token.type === 'double-quoted-scalar' ? '"' : "'"
    if (token.source.length > 1 && token.source.endsWith(mark)) return []
    return [{ span, message: `unclosed \`${mark}\``, hint: `end the string with \`${mark}\`` }]
  }
  const inner = 'items' in token ? token.items.flatMap(({ key, value }) => [...unclosed(key), ...unclosed(value)]) : []
  if (token.type !== 'flow-collection') return inner
  const mark = token.start.source === '{' ? '}' : ']'
  if (token.end[0]?.source === mark) return inner
  const hint = `close it with \`${mark}\`, indented deeper than the key it belongs to`
  return [{ span, message: `unclosed \`${token.start.source}\``, hint }, ...inner]
}
