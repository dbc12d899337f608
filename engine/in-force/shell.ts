import { isKeyword, readShell, type ShellSource, type ShellWord, type Statement } from '../base/shell-words.ts'
import type { OutOfForce } from './span.ts'

/** Finds what a shell skips: comments, arguments of the null command `:`, and code under `if false`. */
export function shellOutOfForce(script: string): OutOfForce[] {
  const source = readShell(script)
  return [...commentsOf(source, script), ...switchedOff(source.statements)]
}

/** Returns the comments of a script and its null commands, without a `#!` line. */
function commentsOf({ comments, statements }: ShellSource, script: string): OutOfForce[] {
  const spans = comments.filter(({ start }) => start > 0 || !script.startsWith('#!'))
  return [...spans, ...statements.flatMap((statement) => nullCommand(statement, script))].map((span) => ({
    ...span,
    why: 'comment' as const,
  }))
}

/** Returns the arguments of a null command, unless they can be expanded, because an expansion can assign a variable. */
function nullCommand({ words, start, end, documents }: Statement, script: string): { start: number; end: number }[] {
  if (textOf(words.find((word) => !isKeyword(word))) !== ':') return []
  const isPlain = words.every((word) => word.every((part) => 'text' in part))
  return [
    ...(isPlain ? [{ start, end }] : []),
    ...documents.filter((body) => body.quoted || !/[$`]/.test(script.slice(body.start, body.end))),
  ]
}

/** Returns the code between `if false` and its `else`, `elif` or `fi`. */
function switchedOff(statements: Statement[]): OutOfForce[] {
  const found: OutOfForce[] = []
  for (const [index, statement] of statements.entries()) {
    if (textOf(statement.words[0]) !== 'if' || textOf(statement.words[1]) !== 'false' || statement.words.length !== 2)
      continue
    if (statement.piped || statements[index + 1]?.chained) continue
    let depth = 0
    const close = statements.findIndex((each, at) => {
      if (at <= index) return false
      const first = textOf(each.words[0])
      if (depth === 0 && (first === 'fi' || first === 'else' || first === 'elif')) return true
      if (each.words.some((word, place) => textOf(word) === 'if' && each.words.slice(0, place).every(isKeyword)))
        depth++
      if (first === 'fi') depth--
      return false
    })
    const from = statements[index + 1]
    const until = statements[close]
    if (from !== undefined && until !== undefined && until.start > from.start)
      found.push({ start: from.start, end: until.start, why: 'switched-off' })
  }
  return found
}

const textOf = (word: ShellWord | undefined): string | undefined => {
  const [part] = word ?? []
  return word?.length === 1 && part !== undefined && 'text' in part ? part.text : undefined
}
