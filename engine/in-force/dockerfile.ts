import type { Span } from '../base/source.ts'
import { shellOutOfForce } from './shell.ts'
import type { OutOfForce } from './span.ts'

type Line = Span & { text: string }

/** Finds the comments in a Dockerfile, and what the shell skips in its commands. */
export function dockerfileOutOfForce(text: string): OutOfForce[] {
  const lines = linesOf(text)
  const escapeMark = /^#[ \t]*escape[ \t]*=[ \t]*`/im.test(text.slice(0, 400)) ? '`' : '\\'
  const found: OutOfForce[] = []
  // Parser directives look like comments.
  let at = lines.findIndex((line) => !/^#[ \t]*\w+[ \t]*=[ \t]*\S+[ \t]*$/.test(line.text))
  while (at >= 0 && at < lines.length) at = readInstruction(lines, at, escapeMark, found)
  return found
}

/** Reads an instruction with its continuation lines and here-documents; returns the line after it. */
function readInstruction(lines: Line[], from: number, escapeMark: string, found: OutOfForce[]): number {
  const pieces: Line[] = []
  let at = from
  for (let more = true; more && at < lines.length; at++) {
    const line = lines[at] as Line
    if (/^\s*#/.test(line.text)) found.push({ start: line.start, end: line.end, why: 'comment' })
    else if (line.text.trim() === '') more = pieces.length > 0
    else {
      more = line.text.trimEnd().endsWith(escapeMark)
      const kept = more ? line.text.trimEnd().slice(0, -1) : line.text
      pieces.push({ start: line.start, end: line.start + kept.length, text: kept })
    }
    if (pieces.length === 0) return at + 1
  }
  const instruction = pieces.map(({ text }) => text).join('')
  const [, head = '', name = ''] = /^(\s*(\w+)\s+(?:--\S+\s+)*)/.exec(instruction) ?? []
  const body: Line[] = []
  for (const [, delimiter = ''] of instruction.matchAll(/<<-?\s*["']?(\w+)["']?/g))
    for (let ended = false; !ended && at < lines.length; at++) {
      body.push({ ...(lines[at] as Line), text: `${lines[at]?.text}\n` })
      ended = lines[at]?.text.trim() === delimiter
    }
  if (!/^(RUN|CMD|ENTRYPOINT)$/i.test(name) || instruction.slice(head.length).startsWith('[')) return at
  const isScript = /^<<-?\s*["']?\w+["']?\s*$/.test(instruction.slice(head.length))
  if (isScript) addShell(body.slice(0, -1), found)
  else addShell([...pieces, { start: 0, end: 0, text: '\n' }, ...body], found)
  return at
}

/** Reads pieces of the file as one script and maps what is out of force back to the file. */
function addShell(pieces: Line[], found: OutOfForce[]): void {
  const script = pieces.map(({ text }) => text).join('')
  const offsets = pieces.flatMap(({ start, text }) => text.split('').map((_, index) => start + index))
  for (const { start, end, why } of shellOutOfForce(script)) {
    // A comment on continued lines consists of several pieces of the file.
    for (let at = start; at < end; ) {
      let until = at + 1
      while (until < end && offsets[until] === (offsets[until - 1] ?? 0) + 1) until++
      found.push({ start: offsets[at] ?? 0, end: (offsets[until - 1] ?? 0) + 1, why })
      at = until
    }
  }
}

function linesOf(text: string): Line[] {
  let start = 0
  return text.split('\n').map((line) => {
    const found = { start, end: start + line.length, text: line }
    start += line.length + 1
    return found
  })
}
