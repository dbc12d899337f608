import { type Diagnostic, sortDiagnostics } from '../../base/diagnostic.ts'
import { renderDiagnostic } from '../../base/render-diagnostic.ts'
import type { Source } from '../../base/source.ts'
import type { Outside } from './runtime.ts'

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
