import { Argument, type Command } from 'commander'
import type { CommandData } from '../../report/completion/command-data.ts'
import { SHELLS, type Shell, shellScript } from '../../report/completion/script.ts'
import { EXIT } from '../../session/exit-codes.ts'
import { emit } from '../../session/host/output.ts'
import type { Runtime } from '../../session/host/runtime.ts'
import { BEFORE_NAME } from '../global-options.ts'
import { makeBareCommand } from '../options.ts'

/** `breakglass completion SHELL`: a script that completes commands, options and names, made from the commands' own definitions. */
export function define(runtime: Runtime, exit: (code: number) => void, all: () => Promise<CommandData[]>): Command {
  return makeBareCommand('completion', 'print what completes its words in your shell: bash, zsh or fish')
    .addArgument(new Argument('<shell>', 'your shell').choices(SHELLS))
    .addHelpText('after', `\n${HOW}`)
    .action(async (shell: Shell, options: { json?: boolean }) =>
      exit(await completion(shell, await all(), options, runtime)),
    )
}

const HOW = `Once, where your shell finds it:
  bash: add to ~/.bashrc    eval "$(breakglass completion bash)"
  zsh:  add to ~/.zshrc     eval "$(breakglass completion zsh)"     (after compinit)
  fish: breakglass completion fish > ~/.config/fish/completions/breakglass.fish`

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
