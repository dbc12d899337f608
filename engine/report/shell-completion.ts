import type { CommandData } from './command-data.ts'
import { completedCommands } from './completed-commands.ts'
import { bashScript } from './completion-bash.ts'
import { fishScript } from './completion-fish.ts'
import { zshScript } from './completion-zsh.ts'

/** The shells whose completion is known. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const
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
