import { bashScript } from './bash.ts'
import type { CommandData } from './command-data.ts'
import { completedCommands } from './commands.ts'
import { fishScript } from './fish.ts'
import { zshScript } from './zsh.ts'

/** The shells whose completion is known. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const
/** One of them. */
export type Shell = (typeof SHELLS)[number]

/** The script that completes a command line in a shell; `before` are the options that may stand before a command's name. */
export function shellScript(shell: Shell, data: CommandData[], before: readonly string[]): string {
  const commands = completedCommands(data, before)
  switch (shell) {
    case 'bash':
      return bashScript(commands)
    case 'zsh':
      return zshScript(commands)
    case 'fish':
      return fishScript(commands)
  }
}
