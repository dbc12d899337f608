import { type Diagnostic, sortDiagnostics } from '../../base/diagnostic.ts'
import { renderDiagnostic } from '../../base/render-diagnostic.ts'
import type { Source } from '../../base/source.ts'
import type { Runtime } from './runtime.ts'

/** Prints diagnostics in the order of files and lines, each with its code frame. */
export function printDiagnostics(
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
