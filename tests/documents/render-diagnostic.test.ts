import { stripVTControlCharacters } from 'node:util'
import { describe, expect, test } from 'vitest'
import { type Diagnostic, problemAt, sortDiagnostics } from '../../engine/base/diagnostic.ts'
import { renderDiagnostic } from '../../engine/base/render-diagnostic.ts'

const source = { name: 'a.yaml', text: 'one: 1\ntwo: 2\nthree: 3\nfour: 4\nfive: 5\nsix: 6\n' }
const range = { line: 3, column: 8, endLine: 3, endColumn: 9 }
const plain = { colour: false }

describe('a rendered diagnostic', () => {
  test('shows the position, the message, the surrounding lines and the hint', () => {
    expect(renderDiagnostic(problemAt('a.yaml', range, 'too small', 'write 4'), source, plain)).toBe(
      [
        'a.yaml:3:8: too small',
        '  1 | one: 1',
        '  2 | two: 2',
        '> 3 | three: 3',
        '    |        ^',
        '  4 | four: 4',
        '  5 | five: 5',
        'hint: write 4',
      ].join('\n'),
    )
  })

  test('is the same text in colour', () => {
    const diagnostic = problemAt('a.yaml', range, 'too small', 'write 4')
    const coloured = renderDiagnostic(diagnostic, source, { colour: true })
    expect(coloured).toContain('\u001b[31m        ^\u001b[0m')
    expect(stripVTControlCharacters(coloured)).toBe(renderDiagnostic(diagnostic, source, plain))
  })

  test('has no frame without a source, and labels a warning', () => {
    const warning: Diagnostic = { ...problemAt('a.yaml', undefined, 'odd'), severity: 'warning' }
    expect(renderDiagnostic(warning, undefined, plain)).toBe('a.yaml:1:1: warning: odd')
  })

  test('marks only the first line of a longer range', () => {
    const text = renderDiagnostic(problemAt('a.yaml', { ...range, column: 1, endLine: 6 }, 'x'), source, plain)
    expect(text).toContain('> 3 | three: 3\n    | ^^^^^^^^\n  4 |')
  })

  test('cuts long lines and keeps the mark in place', () => {
    const text = `${'x'.repeat(5000)}MARK${'y'.repeat(5000)}`
    const at = { line: 1, column: 5001, endLine: 1, endColumn: 5005 }
    const [, line = '', marker = ''] = renderDiagnostic(problemAt('a', at, 'm'), { name: 'a', text }, plain).split('\n')
    expect(line.length).toBeLessThan(140)
    expect(line.slice(marker.indexOf('^'), marker.lastIndexOf('^') + 1)).toBe('MARK')
  })

  test('at the very end of a file has a frame too', () => {
    const at = { line: 2, column: 1, endLine: 2, endColumn: 1 }
    expect(renderDiagnostic(problemAt('a', at, 'm'), { name: 'a', text: 'a: [\n' }, plain)).toContain('a:2:1: m')
  })

  test('prints no control characters from the file', () => {
    const evil = '\u001b]0;x\u0007\u009b2J\u202e\u2028\r\u007f'
    const diagnostic = problemAt(`${evil}.yaml`, { line: 1, column: 1, endLine: 1, endColumn: 4 }, `m${evil}\n`, evil)
    for (const colour of [false, true]) {
      const rendered = renderDiagnostic(diagnostic, { name: 'a', text: `k: ${evil}x` }, { colour })
      // biome-ignore lint/suspicious/noControlCharactersInRegex: the colours that are meant to be there
      expect(rendered.replace(/\u001b\[[0-9]+m/g, '')).not.toMatch(/[^\P{C}\n]/u)
      expect(rendered).toContain('k: ␛]0;x␇')
    }
  })
})

test('diagnostics are sorted by position and printed once', () => {
  const at = (file: string, line: number, column: number, message = 'm') =>
    problemAt(file, { line, column, endLine: line, endColumn: column }, message)
  const sorted = [at('a', 1, 2), at('a', 2, 1), at('a', 2, 1, 'n'), at('a', 10, 1), at('b', 1, 1)]
  expect(
    sortDiagnostics([...sorted].reverse().concat(sorted)).map(({ file, line, column }) => [file, line, column]),
  ).toEqual(sorted.map(({ file, line, column }) => [file, line, column]))
})
