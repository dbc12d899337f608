import { Argument, type Command } from 'commander'
import type { CommandData } from '../../report/completion/command-data.ts'
import { SHELLS, type Shell, shellScript } from '../../report/completion/script.ts'
import { EXIT } from '../../session/exit-codes.ts'
import { emit } from '../../session/host/output.ts'
import type { Runtime } from '../../session/host/runtime.ts'
import type { Context } from '../command.ts'
import { BEFORE_NAME } from '../global-options.ts'

/** `breakglass completion SHELL`: prints a script that completes commands, options and names. */
export function define(command: Command, { runtime, exit, describeAll }: Context): void {
  command
    .addArgument(new Argument('<shell>', 'Your shell').choices(SHELLS))
    .action(async (shell: Shell, options: { json?: boolean }) =>
      exit(await completion(shell, await describeAll(), options, runtime)),
    )
}

async function completion(
  shell: Shell,
  commands: CommandData[],
  { json }: { json?: boolean },
  runtime: Runtime,
): Promise<number> {
  const script = shellScript(shell, commands, BEFORE_NAME)
  if (json) emit({ shell, script }, runtime)
  else runtime.out(script.trimEnd())
  return EXIT.done
}
