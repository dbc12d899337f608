import type { Diagnostic } from '../../base/diagnostic.ts'
import { printable } from '../../base/printable.ts'
import { UserError } from '../../base/problem.ts'
import { describeTrouble, exitCodeOfTrouble } from '../../disk/fs-errors.ts'
import { Interrupted } from '../../run/model/host.ts'
import { painter } from '../../terminal/screen.ts'
import { EXIT } from '../exit-codes.ts'
import type { Runtime } from './runtime.ts'

/** Why a command failed: what `--json` prints of it. */
export type Failure = { message: string; hint: string; exitCode: number; diagnostics?: Diagnostic[] }

/** Prints on stderr what went wrong and what to do next, and returns the same as data. */
export async function explain(error: unknown, runtime: Runtime): Promise<Failure> {
  const { InvalidFiles } = await import('./load.ts')
  if (error instanceof InvalidFiles) {
    const { diagnostics, sources, message } = error
    const [unread] = sources.length === 0 && diagnostics.length === 1 ? diagnostics : []
    if (unread) {
      const { file, message: why, hint = 'check the path and its permissions' } = unread
      return printFailure({ message: `cannot read ${file}: ${why}`, hint, exitCode: EXIT.usage, diagnostics }, runtime)
    }
    const { printDiagnostics } = await import('./print-diagnostics.ts')
    printDiagnostics(diagnostics, sources, runtime.err, runtime)
    return printFailure({ message, hint: 'fix the errors above', exitCode: EXIT.usage, diagnostics }, runtime)
  }
  if (error instanceof UserError) {
    const { message, hint, exitCode } = error
    return printFailure({ message, hint, exitCode }, runtime)
  }
  if (error instanceof Interrupted) {
    const message = 'Stopped. Nothing was changed.'
    runtime.err(painter(runtime.terminal.colour)('warn', message))
    return { message, hint: '', exitCode: EXIT.interrupted }
  }
  return unexpected(error as NodeJS.ErrnoException, runtime)
}

/** Explains an error that no part of the engine has: of the system, or a bug. */
function unexpected(error: NodeJS.ErrnoException, runtime: Runtime): Failure {
  if (runtime.environment.BREAKGLASS_DEBUG) runtime.err(error.stack ?? '')
  const { path, syscall, message } = error
  if (path !== undefined && syscall !== undefined)
    return printFailure(
      {
        message: `cannot ${syscall} ${path}: ${describeTrouble(error)}`,
        hint: 'check the path and its permissions',
        exitCode: exitCodeOfTrouble(error),
      },
      runtime,
    )
  return printFailure(
    {
      message: `internal error: ${message}`,
      hint: 'set BREAKGLASS_DEBUG=1 to see where; if a run was in progress, `breakglass audit show INCIDENT` shows how far it got',
      exitCode: EXIT.failed,
    },
    runtime,
  )
}

/** Prints an error and its hint on stderr, and returns them. */
export function printFailure(failure: Failure, runtime: Runtime): Failure {
  const paint = painter(runtime.terminal.colour)
  const { message, hint } = failure
  runtime.err(
    `${paint('bad', 'error:')} ${shown(message)}${hint === '' ? '' : `\n${paint('picked', 'hint:')} ${shown(hint)}`}`,
  )
  return failure
}

/** Returns a text that can do nothing to a terminal, with its line breaks. */
const shown = (text: string): string => text.split('\n').map(printable).join('\n')
