import type { Range } from './source.ts'

/**
 * A problem in a file: what is wrong, and in `hint` what to do about it. Positions are 1-based and the end is exclusive. A
 * problem with the whole file is at 1:1.
 */
export type Diagnostic = {
  file: string
  line: number
  column: number
  endLine?: number
  endColumn?: number
  message: string
  hint?: string
  severity: 'error' | 'warning'
}

/** Creates an error diagnostic for a range in a file, or for the whole file. */
export function problemAt(file: string, range: Range | undefined, message: string, hint?: string): Diagnostic {
  const position = range ?? { line: 1, column: 1 }
  return { file, ...position, message, ...(hint === undefined ? {} : { hint }), severity: 'error' }
}

const mostDiagnostics = 50

/** Returns diagnostics in file order without duplicates: at most 50, and the number of the rest. */
export function tidyDiagnostics(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const sorted = sortDiagnostics(diagnostics)
  const next = sorted[mostDiagnostics]
  if (next === undefined) return sorted
  const message = `${sorted.length - mostDiagnostics} more problems are not shown`
  return [...sorted.slice(0, mostDiagnostics), { ...next, message, hint: 'fix the problems above first' }]
}

/** Returns diagnostics in file order without duplicates. */
export function sortDiagnostics(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const seen = new Set<string>()
  const once = diagnostics.filter(({ file, line, column, message }) => {
    const identity = JSON.stringify([file, line, column, message])
    return !seen.has(identity) && seen.add(identity)
  })
  return once.sort((a, b) => compare(a.file, b.file) || a.line - b.line || a.column - b.column)
}

const compare = (a: string, b: string) => (a === b ? 0 : a < b ? -1 : 1)
