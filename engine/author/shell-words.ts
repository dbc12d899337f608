/** A piece of a word of a shell script: text, a variable, or something that only a shell could work out. */
export type Part = { text: string } | { variable: string; fallback?: string } | { opaque: true }

/** A word of a shell script, in pieces. */
export type ShellWord = Part[]

/** One command of a script: its words, the line that it starts on, and whether its input or output is not the terminal's. */
export type Statement = { words: ShellWord[]; line: number; piped: boolean; chained: boolean }

/** Splits a shell script into its commands, word by word. Nothing is run, nothing is expanded. Never throws. */
export function readStatements(script: string): Statement[] {
  const reader = { script: script.replaceAll('\r\n', '\n'), at: 0, line: 1 }
  const statements: Statement[] = []
  let current: Statement = { words: [], line: 1, piped: false, chained: false }
  const end = (next: Partial<Statement> = {}) => {
    if (current.words.length > 0) statements.push(current)
    current = { words: [], line: reader.line, piped: false, chained: false, ...next }
  }
  while (reader.at < reader.script.length) {
    skipBlanks(reader)
    const operator = /^(\n|;|&&|\|\||\||&|[0-9]*(?:>>|>&?|<<<|<<-?|<)|[()])/.exec(
      reader.script.slice(reader.at, reader.at + 8),
    )?.[0]
    if (operator === undefined) {
      if (reader.at >= reader.script.length) break
      if (current.words.length === 0) current.line = reader.line
      current.words.push(readWord(reader))
      continue
    }
    reader.at += operator.length
    if (operator === '\n') reader.line++
    if (/[<>]/.test(operator)) {
      skipRedirection(reader, operator)
      if (!operator.startsWith('2')) current.piped ||= operator.startsWith('<')
    } else if (operator === '|') {
      current.piped = true
      end({ piped: true })
    } else if (operator === '(' && isArray(current)) current.words.push(...readArray(reader))
    else end({ chained: operator === '||' })
  }
  end()
  return statements
}

type Reader = { script: string; at: number; line: number }

/** Spaces, continued lines and comments. */
function skipBlanks(reader: Reader): void {
  const blanks = /^(?:[ \t]+|\\\n|#[^\n]*)+/.exec(reader.script.slice(reader.at))?.[0] ?? ''
  reader.at += blanks.length
  reader.line += blanks.split('\n').length - 1
}

/** The word behind a redirection, and where it is a here-document that too. */
function skipRedirection(reader: Reader, operator: string): void {
  skipBlanks(reader)
  const word = readWord(reader)
  if (!/<<-?$/.test(operator) || operator.includes('<<<')) return
  const delimiter = word.map((part) => ('text' in part ? part.text : '')).join('')
  const rest = reader.script.slice(reader.at)
  const lines = rest.split('\n')
  const last = lines.findIndex((line, index) => index > 0 && line.trim() === delimiter)
  const skipped = lines.slice(0, last < 0 ? undefined : last + 1)
  reader.at += skipped.join('\n').length
  reader.line += skipped.length - 1
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

/** One word up to the next blank or operator. */
function readWord(reader: Reader): ShellWord {
  const parts: Part[] = []
  const start = reader.at
  while (reader.at < reader.script.length && !/[\s;&|<>()]/.test(reader.script[reader.at] ?? '')) {
    const next = reader.script[reader.at]
    if (next === "'") parts.push({ text: readSingle(reader) })
    else if (next === '"') parts.push(...readDouble(reader))
    else if (next === '$' || next === '`') parts.push(readDollar(reader))
    else if (next === '\\') parts.push({ text: readEscape(reader) })
    else parts.push({ text: reader.script[reader.at++] ?? '' })
  }
  // An operator that can't stand here must not stop the reader.
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
  const length = lengthOfOpaque(rest)
  reader.at += length
  reader.line += rest.slice(0, length).split('\n').length - 1
  return { opaque: true }
}

/** `$(…)`, `${…}` with more than a name, backticks, `$1`. */
function lengthOfOpaque(rest: string): number {
  if (rest.startsWith('`')) return rest.indexOf('`', 1) + 1 || rest.length
  const open = rest[1] ?? ''
  const close = { '(': ')', '{': '}' }[open]
  if (close === undefined) return 2
  let depth = 0
  for (let at = 1; at < rest.length; at++) {
    if (rest[at] === open) depth++
    else if (rest[at] === close && --depth === 0) return at + 1
  }
  return rest.length
}

/** Neighbouring texts as one; an empty word has no part. */
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
