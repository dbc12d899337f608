import type { Command } from 'commander'
import type { CommandData, Example } from '../report/completion/command-data.ts'
import type { EXIT } from '../session/exit-codes.ts'
import type { Runtime } from '../session/host/runtime.ts'

/** Holds what a command needs: the process, the receiver of its exit code, and all commands as data, for completion. */
export type Context = { runtime: Runtime; exit: (code: number) => void; describeAll: () => Promise<CommandData[]> }

/** Adds a command's arguments, options and action. */
export type Define = (command: Command, context: Context) => void

/** Describes a command, or a name with commands under it; a command's file is read when it is called. */
export type CommandEntry = {
  summary: string
  examples: Example[]
  exits: readonly (keyof typeof EXIT)[]
} & ({ read: () => Promise<{ define: Define }> } | { commands: Record<string, CommandEntry> })
