import { type Diagnostic, problemAt } from '../base/diagnostic.ts'
import { describeLookAlike, lookAlikes, withoutLookAlikes } from '../base/look-alikes.ts'
import { readShell } from '../base/shell-words.ts'
import { rangeFinder, type Source, type Span } from '../base/source.ts'

/** Matches what becomes part of a runbook: a gcloud command, the value of a variable, or the items of a loop. */
const IS_READ = /(^|[\s;({!|&])gcloud(\s|$)|^\s*((export|readonly|local|declare)\s+)?\w+=|^\s*for\s/

/** Finds the look-alike characters in the gcloud commands, variables and loops of a script; ignores comments. */
export function lookAlikesIn({ name, text }: Source): Diagnostic[] {
  if (/^[\0-\x7e]*$/.test(text)) return []
  const rangeOf = rangeFinder(text)
  // Replace CRLF with the same number of characters, so that offsets stay the same.
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

/** Returns the spans of a statement between its blanks, comments and quoted texts. */
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
