import type { Command } from 'commander'
import { type ProveOptions, proveEntry } from '../../audit/prove.ts'
import type { Context } from '../../command.ts'
import { addWorkspaceOptions } from '../../options.ts'

/** `breakglass audit prove INCIDENT SEQ`: prints a proof that an entry is in the log. */
export function define(command: Command, { runtime, exit }: Context): void {
  addWorkspaceOptions(command)
    .argument('<incident>', 'Incident ID')
    .argument('<seq>', 'Number of the entry')
    .option('--out <file>', 'Proof to write (default: print it)')
    .action(async (incident: string, seq: string, options: ProveOptions) =>
      exit(await proveEntry(incident, seq, options, runtime)),
    )
}
