import { CommanderError } from 'commander'
import type { Diagnostic } from '../../base/diagnostic.ts'
import { printable } from '../../base/printable.ts'
import { UserError } from '../../base/problem.ts'
import { Interrupted } from '../../run/model/host.ts'
import { painter } from '../../terminal/screen.ts'
import { EXIT } from '../exit-codes.ts'
import type { Runtime } from './runtime.ts'

/** Why a command could not do what it was asked: what `--json` prints of it. */
export type Failure = { message: string; hint: string; exitCode: number; diagnostics?: Diagnostic[] }

/** Says on stderr what went wrong and what to do next, and answers the same as data; nothing for what is no failure, such as help. */
export async function explain(error: unknown, runtime: Runtime): Promise<Failure | undefined> {
  const paint = painter(runtime.terminal.colour)
  if (error instanceof CommanderError) return ofCommander(error)
  if (error instanceof UserError) {
    const { message, hint, exitCode } = error
    runtime.err(`${paint('bad', sentence(message))}\n${sentence(hint)}`)
    return { message, hint, exitCode }
  }
  if (error instanceof Interrupted) {
    const message = 'Stopped. Nothing was changed.'
    runtime.err(paint('warn', message))
    return { message, hint: '', exitCode: EXIT.interrupted }
  }
  const { InvalidFiles } = await import('./load.ts')
  if (error instanceof InvalidFiles) {
    const { diagnostics, sources, message } = error
    const { sayDiagnostics } = await import('./print-diagnostics.ts')
    sayDiagnostics(diagnostics, sources, runtime.err, runtime)
    return { message, hint: 'mend what the diagnostics say', exitCode: EXIT.usage, diagnostics }
  }
  return unexpected(error as Error, runtime)
}

/** Commander has said it on stderr already. */
function ofCommander({ code, message, exitCode }: CommanderError): Failure | undefined {
  if (exitCode === 0) return undefined
  return {
    message: code === 'commander.help' ? 'no command was named' : message.replace(/^error: /, ''),
    hint: 'add --help to see how the command is used',
    exitCode: EXIT.usage,
  }
}

function unexpected({ message, stack }: Error, runtime: Runtime): Failure {
  const says = `something went wrong that Breakglass did not expect: ${message}`
  const hint =
    'Set BREAKGLASS_DEBUG=1 to see where. If a run was going on, `breakglass audit show INCIDENT` says how far it came.'
  runtime.err(painter(runtime.terminal.colour)('bad', sentence(says)))
  runtime.err(runtime.environment.BREAKGLASS_DEBUG ? (stack ?? '') : hint)
  return { message: says, hint, exitCode: EXIT.failed }
}

/** A text as a sentence that can do nothing to a terminal; a name at its beginning, such as `access-posture`, stays as it is. */
const sentence = (text: string): string => {
  const shown = text.split('\n').map(printable).join('\n')
  const first = /^[a-z]+[ ,]/.test(shown) ? shown.charAt(0).toUpperCase() + shown.slice(1) : shown
  return /[.!?]$/.test(first) ? first : `${first}.`
}
