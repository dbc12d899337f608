import { type Diagnostic, sortDiagnostics } from '../runbook/diagnostic.ts'
import { renderDiagnostic } from '../runbook/render-diagnostic.ts'
import type { Source } from '../runbook/source.ts'
import type { Outside } from './outside.ts'

/** Shows diagnostics in the order of the files and their lines, each with its code frame. */
export function sayDiagnostics(
  diagnostics: Diagnostic[],
  sources: Source[],
  say: (text: string) => void,
  outside: Outside,
): void {
  for (const diagnostic of sortDiagnostics(diagnostics)) {
    const source = sources.find(({ name }) => name === diagnostic.file)
    say(`${renderDiagnostic(diagnostic, source, { colour: outside.terminal.colour })}\n`)
  }
}
