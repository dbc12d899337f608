import { type Diagnostic, sortDiagnostics } from '../../base/diagnostic.ts'
import { renderDiagnostic } from '../../base/render-diagnostic.ts'
import type { Source } from '../../base/source.ts'
import type { Runtime } from './runtime.ts'

/** Shows diagnostics in the order of the files and their lines, each with its code frame. */
export function sayDiagnostics(
  diagnostics: Diagnostic[],
  sources: Source[],
  print: (text: string) => void,
  runtime: Runtime,
): void {
  for (const diagnostic of sortDiagnostics(diagnostics)) {
    const source = sources.find(({ name }) => name === diagnostic.file)
    print(`${renderDiagnostic(diagnostic, source, { colour: runtime.terminal.colour })}\n`)
  }
}
