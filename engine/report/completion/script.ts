import { bashScript } from './bash.ts'
import type { CommandData } from './command-data.ts'
import { completedCommands } from './commands.ts'
import { fishScript } from './fish.ts'
import { zshScript } from './zsh.ts'

/** The shells with a completion script. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const
/** A shell with a completion script. */
export type Shell = (typeof SHELLS)[number]

/** Returns the completion script of a shell; `before` are the options that can come before a command's name. */
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
