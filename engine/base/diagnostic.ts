import type { Range } from './source.ts'

/**
 * One thing that is wrong with a file: what is wrong and what was expected, and in `hint` what to do.
 * Positions are 1-based, the end exclusive; a problem of the whole file stands at 1:1.
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

/** Makes an error about a place in a file, or without a range about the file as a whole. */
export function problemAt(file: string, range: Range | undefined, message: string, hint?: string): Diagnostic {
  const place = range ?? { line: 1, column: 1 }
  return { file, ...place, message, ...(hint === undefined ? {} : { hint }), severity: 'error' }
}

const mostDiagnostics = 50

/** Makes diagnostics for a person: in order, each once, and when there are very many, the first 50 and how many follow. */
export function tidyDiagnostics(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const sorted = sortDiagnostics(diagnostics)
  const next = sorted[mostDiagnostics]
  if (next === undefined) return sorted
  const message = `${sorted.length - mostDiagnostics} more problems from here on are not shown`
  return [...sorted.slice(0, mostDiagnostics), { ...next, message, hint: 'mend the ones above first' }]
}

/** The same diagnostics in the order of the file, each said once. */
export function sortDiagnostics(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const seen = new Set<string>()
  const once = diagnostics.filter(({ file, line, column, message }) => {
    const identity = JSON.stringify([file, line, column, message])
    return !seen.has(identity) && seen.add(identity)
  })
  return once.sort((a, b) => compare(a.file, b.file) || a.line - b.line || a.column - b.column)
}

const compare = (a: string, b: string) => (a === b ? 0 : a < b ? -1 : 1)
