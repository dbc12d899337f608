/** Part of a word in a shell script: text, a variable, or something that only a shell can evaluate. */
export type Part = { text: string } | { variable: string; fallback?: string } | { opaque: true }

/** A word in a shell script, as parts. */
export type ShellWord = Part[]

/**
 * A command in a script: its words, its first line, whether it is part of a pipeline or a `||`, its offsets, and the bodies
 * of its here-documents.
 */
export type Statement = {
  words: ShellWord[]
  line: number
  piped: boolean
  chained: boolean
  start: number
  end: number
  documents: HereDocument[]
}

/** The offsets of a here-document's body, and whether its delimiter is quoted, so that the shell does not expand it. */
export type HereDocument = { start: number; end: number; quoted: boolean }

/** A parsed script: its commands, and the offsets of its comments and quoted texts. */
export type ShellSource = {
  statements: Statement[]
  comments: { start: number; end: number }[]
  quoted: { start: number; end: number }[]
}

/** Splits a shell script into commands and words. Runs and expands nothing. Never throws. */
export const readStatements = (script: string): Statement[] => readShell(script.replaceAll('\r\n', '\n')).statements

/** Splits a shell script with LF line endings. Runs and expands nothing. Never throws. */
export function readShell(script: string): ShellSource {
  const reader: Reader = { script, at: 0, line: 1, inside: 0, comments: [], quoted: [], pending: [] }
  return { statements: readCommands(reader), comments: reader.comments, quoted: reader.quoted }
}

type Reader = {
  script: string
  at: number
  line: number
  /** The depth of open command substitutions. */
  inside: number
  comments: { start: number; end: number }[]
  quoted: { start: number; end: number }[]
  /** The here-documents whose bodies start on the next line. */
  pending: { delimiter: string; tabs: boolean; quoted: boolean; statement: Statement }[]
}

/** The deepest command substitution to read, so that no file can overflow the stack. */
const DEEPEST = 100

/** Reads commands to the end of the script, or to the parenthesis that closes a substitution. */
function readCommands(reader: Reader): Statement[] {
  const statements: Statement[] = []
  const { inside } = reader
  let [brackets, cases] = [0, 0]
  const begin = (next: Partial<Statement> = {}): Statement => ({
    ...{ words: [], line: reader.line, piped: false, chained: false },
    ...{ start: reader.at, end: reader.at, documents: [] },
    ...next,
  })
  let current = begin()
  const end = (next: Partial<Statement> = {}) => {
    if (current.words.length > 0) statements.push(current)
    current = begin(next)
  }
  while (reader.at < reader.script.length) {
    skipBlanks(reader)
    if (reader.at >= reader.script.length) break
    const next = reader.script.slice(reader.at, reader.at + 8)
    if (/^[<>]\(/.test(next)) {
      reader.at += 2
      current.words.push([readSubstitution(reader)])
      current.end = reader.at
      continue
    }
    if (next.startsWith('((') && current.words.length === 0) {
      current.words.push([skipOpaque(reader, closeOf(reader.script, reader.at, '(', ')') - reader.at)])
      current.end = reader.at
      continue
    }
    const operator = /^(\n|;|&>>?|&&|\|\||\||&|[0-9]*(?:>>|>&?|<<<|<<-?|<)|[()])/.exec(next)?.[0]
    if (operator === undefined) {
      if (current.words.length === 0) Object.assign(current, { line: reader.line, start: reader.at })
      const word = readWord(reader)
      if (current.words.every(isKeyword)) cases += Number(isWord(word, 'case')) - Number(isWord(word, 'esac'))
      current.words.push(word)
      current.end = reader.at
      continue
    }
    if (operator === ')' && inside > 0 && brackets === 0 && cases <= 0) break
    reader.at += operator.length
    if (operator === '\n') {
      reader.line++
      readDocuments(reader)
    }
    if (operator === '(') brackets++
    if (operator === ')') brackets = Math.max(0, brackets - 1)
    if (/[<>]/.test(operator)) {
      skipRedirection(reader, operator, current)
      current.end = reader.at
      if (!operator.startsWith('2')) current.piped ||= operator.startsWith('<')
    } else if (operator === '|') {
      current.piped = true
      end({ piped: true })
    } else if (operator === '(' && isArray(current)) {
      current.words.push(...readArray(reader))
      brackets--
      current.end = reader.at
    } else end({ chained: operator === '||' })
  }
  end()
  return statements
}

const isWord = (word: ShellWord | undefined, text: string): boolean =>
  word?.length === 1 && word[0] !== undefined && 'text' in word[0] && word[0].text === text

const KEYWORDS = ['if', 'then', 'elif', 'else', 'do', 'while', 'until', '{', '!', 'time']

/** Returns whether a command starts after a word. */
export const isKeyword = (word: ShellWord): boolean => KEYWORDS.some((keyword) => isWord(word, keyword))

/** Skips spaces, line continuations and comments. */
function skipBlanks(reader: Reader): void {
  const blanks = /^(?:[ \t]+|\\\n|#[^\n]*)+/.exec(reader.script.slice(reader.at))?.[0] ?? ''
  for (const { 0: comment, index } of blanks.matchAll(/\\\n|#[^\n]*/g))
    if (comment.startsWith('#'))
      reader.comments.push({ start: reader.at + index, end: reader.at + index + comment.length })
  reader.at += blanks.length
  reader.line += blanks.split('\n').length - 1
}

/** Skips the word after a redirection; the body of a here-document starts on the next line. */
function skipRedirection(reader: Reader, operator: string, statement: Statement): void {
  skipBlanks(reader)
  const start = reader.at
  const word = readWord(reader)
  if (!/<<-?$/.test(operator) || operator.includes('<<<')) return
  const delimiter = word.map((part) => ('text' in part ? part.text : '')).join('')
  const quoted = /['"\\]/.test(reader.script.slice(start, reader.at))
  reader.pending.push({ delimiter, tabs: operator.endsWith('-'), quoted, statement })
}

/** Skips the bodies of the here-documents that the previous line started. */
function readDocuments(reader: Reader): void {
  for (const { delimiter, tabs, quoted, statement } of reader.pending.splice(0)) {
    const start = reader.at
    let end = reader.script.length
    while (reader.at < reader.script.length) {
      const next = reader.script.indexOf('\n', reader.at)
      const line = reader.script.slice(reader.at, next < 0 ? undefined : next)
      const isEnd = (tabs ? line.replace(/^\t+/, '') : line) === delimiter
      if (isEnd) end = reader.at
      reader.at = next < 0 ? reader.script.length : next + 1
      reader.line += next < 0 ? 0 : 1
      if (isEnd) break
    }
    statement.documents.push({ start, end, quoted })
  }
}

/** Reads a command substitution for its comments and continues after its closing parenthesis. */
function readSubstitution(reader: Reader): Part {
  if (reader.inside >= DEEPEST) return skipOpaque(reader, closeOf(reader.script, reader.at - 1, '(', ')') - reader.at)
  reader.inside++
  readCommands(reader)
  reader.inside--
  reader.at++
  return { opaque: true }
}

function skipOpaque(reader: Reader, length: number): Part {
  reader.line += reader.script.slice(reader.at, reader.at + length).split('\n').length - 1
  reader.at += length
  return { opaque: true }
}

const isArray = ({ words }: Statement): boolean => {
  const [last] = words.at(-1) ?? []
  return (
    words.length === 1 && words[0]?.length === 1 && last !== undefined && 'text' in last && /^\w+=$/.test(last.text)
  )
}

function readArray(reader: Reader): ShellWord[] {
  const words: ShellWord[] = []
  while (reader.at < reader.script.length) {
    skipBlanks(reader)
    const next = reader.script[reader.at]
    if (next === '\n') reader.line++
    if (next === '\n' || next === ')') reader.at++
    if (next === ')') break
    if (next !== '\n') words.push(readWord(reader))
  }
  return words
}

/** Reads a word up to the next blank or operator. */
function readWord(reader: Reader): ShellWord {
  const parts: Part[] = []
  const start = reader.at
  while (reader.at < reader.script.length && !/[ \t\n;&|<>()]/.test(reader.script[reader.at] ?? '')) {
    const next = reader.script[reader.at]
    const from = reader.at
    if (next === "'") parts.push({ text: readSingle(reader) })
    else if (next === '"') parts.push(...readDouble(reader))
    else if (next === '$' && reader.script[reader.at + 1] === "'") parts.push({ text: readEscaped(reader) })
    else if (next === '$' || next === '`') parts.push(readDollar(reader))
    else if (next === '\\') parts.push({ text: readEscape(reader) })
    else parts.push({ text: reader.script[reader.at++] ?? '' })
    if (next === "'" || next === '"') reader.quoted.push({ start: from, end: reader.at })
  }
  // An unexpected operator must not stop the reader.
  if (reader.at === start) reader.at++
  return joined(parts)
}

function readEscape(reader: Reader): string {
  const escaped = reader.script[reader.at + 1] ?? ''
  reader.at += 2
  if (escaped !== '\n') return escaped
  reader.line++
  return ''
}

function readSingle(reader: Reader): string {
  const close = reader.script.indexOf("'", reader.at + 1)
  const text = reader.script.slice(reader.at + 1, close < 0 ? undefined : close)
  reader.at += text.length + 2
  reader.line += text.split('\n').length - 1
  return text
}

/** Reads `$'…'`, in which a backslash escapes a quote. Leaves its escape sequences as they are. */
function readEscaped(reader: Reader): string {
  const text = /^\$'((?:\\[\s\S]|[^'\\])*)/.exec(reader.script.slice(reader.at))?.[1] ?? ''
  reader.at += text.length + 3
  reader.line += text.split('\n').length - 1
  return text
}

function readDouble(reader: Reader): Part[] {
  const parts: Part[] = [{ text: '' }]
  for (reader.at++; reader.at < reader.script.length && reader.script[reader.at] !== '"'; ) {
    const next = reader.script[reader.at] ?? ''
    if (next === '$' || next === '`') parts.push(readDollar(reader))
    else if (next === '\\' && /["$`\\\n]/.test(reader.script[reader.at + 1] ?? ''))
      parts.push({ text: readEscape(reader) })
    else {
      if (next === '\n') reader.line++
      parts.push({ text: next })
      reader.at++
    }
  }
  reader.at++
  return parts
}

function readDollar(reader: Reader): Part {
  const rest = reader.script.slice(reader.at)
  const variable = /^\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?:\[[@*]\])?(?::?-([^{}$`"']*))?\})/.exec(rest)
  if (variable) {
    reader.at += variable[0].length
    const fallback = variable[3]
    return { variable: variable[1] ?? variable[2] ?? '', ...(fallback ? { fallback } : {}) }
  }
  if (rest.startsWith('$') && !/^\$[({0-9@*#?!$-]/.test(rest)) {
    reader.at++
    return { text: '$' }
  }
  if (/^\$\((?!\()/.test(rest)) {
    reader.at += 2
    return readSubstitution(reader)
  }
  return skipOpaque(reader, lengthOfOpaque(rest))
}

/** Returns the length of `$((…))`, a `${…}` that is not a plain variable, backticks or `$1`. */
function lengthOfOpaque(rest: string): number {
  if (rest.startsWith('`')) return /^`(?:\\[\s\S]|[^`\\])*`?/.exec(rest)?.[0].length ?? rest.length
  const open = rest[1] ?? ''
  const close = { '(': ')', '{': '}' }[open]
  return close === undefined ? 2 : closeOf(rest, 1, open, close)
}

/** Returns the offset after the bracket that closes the one at `from`. */
function closeOf(text: string, from: number, open: string, close: string): number {
  let depth = 0
  for (let at = from; at < text.length; at++) {
    if (text[at] === open) depth++
    else if (text[at] === close && --depth === 0) return at + 1
  }
  return text.length
}

/** Joins adjacent texts and drops empty ones. */
function joined(parts: Part[]): Part[] {
  const all: Part[] = []
  for (const part of parts) {
    const last = all.at(-1)
    if ('text' in part && part.text === '') continue
    if ('text' in part && last && 'text' in last) all[all.length - 1] = { text: last.text + part.text }
    else all.push(part)
  }
  return all
}
