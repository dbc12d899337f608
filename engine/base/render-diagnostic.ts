import { codeFrameColumns } from '@babel/code-frame'
import type { Diagnostic } from './diagnostic.ts'
import { printable } from './printable.ts'
import type { Source } from './source.ts'

/**
 * Renders a diagnostic for a terminal: `file:line:column: message`, the surrounding lines if the source is given, and the
 * hint. Never prints a control character from the file.
 */
export function renderDiagnostic(
  diagnostic: Diagnostic,
  source: Source | undefined,
  { colour }: { colour: boolean },
): string {
  const { file, line, column, message, hint, severity } = diagnostic
  const ink = colour ? painted : bare
  const label = severity === 'warning' ? `${ink.warning('warning:')} ` : ''
  const head = `${ink.strong(`${oneLine(file)}:${line}:${column}:`)} ${label}${oneLine(message)}`
  const frame = source === undefined ? [] : [codeFrame(diagnostic, source, ink)]
  return [head, ...frame, ...(hint === undefined ? [] : [`${ink.hint('hint:')} ${oneLine(hint)}`])].join('\n')
}

const oneLine = (text: string) => printable(text).replaceAll('\t', '\u2409')

type Ink = Record<'strong' | 'warning' | 'hint' | 'marker' | 'gutter', (text: string) => string>

const sgr = (code: number) => (text: string) => `\u001b[${code}m${text}\u001b[0m`
const painted: Ink = { strong: sgr(1), warning: sgr(33), hint: sgr(36), marker: sgr(31), gutter: sgr(90) }
const bare: Ink = { strong: String, warning: String, hint: String, marker: String, gutter: String }

const linesAround = 2
const frameWidth = 120

/** Renders two lines before and after the position. Marks only the first line of a longer range and truncates long lines. */
function codeFrame({ line, column, endLine, endColumn }: Diagnostic, source: Source, ink: Ink): string {
  const first = Math.max(1, line - linesAround)
  const lines = source.text
    .replace(/\n$/, '')
    .split('\n', line + linesAround)
    .map((text) => withoutLogins(text.replace(/\r$/, '')))
  const marked = lines[line - 1] ?? ''
  const from = column > frameWidth - 20 ? column - frameWidth / 2 : 0
  const shown = lines.slice(first - 1).map((text) => printable(cut(text, from)))
  const end = endLine === undefined || endLine > line ? marked.length + 1 : (endColumn ?? column + 1)
  const start = column - from - 1
  const stop = Math.max(start + 1, Math.min(end - from - 1, frameWidth))
  // The library would highlight YAML as JavaScript.
  const frame = codeFrameColumns(
    shown.join('\n'),
    { start: { line, column: start }, end: { line, column: stop } },
    { linesAbove: linesAround, linesBelow: linesAround, startLine: first },
  )
  return frame.split('\n').map(paintLine(ink)).join('\n')
}

/** Masks user names and passwords in URLs, because CI systems keep the output. */
const withoutLogins = (text: string): string =>
  text
    .replace(/(\bproxy["']?\s*:\s*["']?)([^\s"']+)(?=@)/gi, (_, before, login) => before + '*'.repeat(login.length))
    .replace(/(:\/\/)([^\s"'/?#@]+)(?=@)/g, (_, before, login) => before + '*'.repeat(login.length))

const cut = (text: string, from: number) =>
  (from > 0 && text.length > from ? '…' : text.slice(from, from + 1)) +
  text.slice(from + 1, from + frameWidth) +
  (text.length > from + frameWidth ? '…' : '')

const paintLine = (ink: Ink) => (line: string) => {
  const [, arrow = '', gutter = '', rest = ''] = /^([> ])( *\d* \|)(.*)$/s.exec(line) ?? []
  const isMarker = !/\d/.test(gutter)
  return (arrow === '>' ? ink.marker(arrow) : arrow) + ink.gutter(gutter) + (isMarker ? ink.marker(rest) : rest)
}
