import { type Diagnostic, problemAt } from '../base/diagnostic.ts'
import { describeLookAlike, lookAlikes, withoutLookAlikes } from '../base/look-alikes.ts'
import { readShell } from '../base/shell-words.ts'
import { rangeFinder, type Source, type Span } from '../base/source.ts'

/** What becomes part of a runbook: a gcloud command, however it is written, a variable's value, or what a loop goes through. */
const IS_READ = /(^|[\s;({!|&])gcloud(\s|$)|^\s*((export|readonly|local|declare)\s+)?\w+=|^\s*for\s/

/** Finds the characters of a script's gcloud commands, variables and loops that look like others; comments are left out. */
export function lookAlikesIn({ name, text }: Source): Diagnostic[] {
  if (/^[\0-\x7e]*$/.test(text)) return []
  const rangeOf = rangeFinder(text)
  // Line ends of two characters become one without a change of any place.
  const { statements, comments, quoted } = readShell(text.replaceAll('\\\r\n', '\\\n ').replaceAll('\r\n', ' \n'))
  return statements
    .filter(({ start, end }) => IS_READ.test(withoutLookAlikes(text.slice(start, end))))
    .flatMap((statement) => {
      const inner = quoted.filter((span) => statement.start <= span.start && span.end <= statement.end)
      const passed = [...comments, ...inner].filter(
        (span) => statement.start <= span.start && span.end <= statement.end,
      )
      const bare = tokensIn(text, statement, passed)
      return [...bare, ...inner.map(({ start, end }) => ({ start: start + 1, end: end - 1 }))]
    })
    .flatMap(({ start, end }) =>
      lookAlikes(text.slice(start, end)).map((found) => {
        const { message, hint } = describeLookAlike(found)
        return problemAt(name, rangeOf({ start: start + found.start, end: start + found.end }), message, hint)
      }),
    )
}

/** The stretches of a statement between its blanks, its comments and its quoted texts. */
function tokensIn(text: string, { start, end }: Span, passed: Span[]): Span[] {
  const found: Span[] = []
  let at = start
  for (const next of [...passed.toSorted((a, b) => a.start - b.start), { start: end, end }]) {
    for (const { 0: token, index } of text.slice(at, Math.max(at, next.start)).matchAll(/[^ \t\r\n\\]+/g))
      found.push({ start: at + index, end: at + index + token.length })
    at = Math.max(at, next.end)
  }
  return found
}
