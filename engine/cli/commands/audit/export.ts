import type { Command } from 'commander'
import { type ExportOptions, exportIncident } from '../../audit/export.ts'
import type { Context } from '../../command.ts'
import { addWorkspaceOptions } from '../../options.ts'

/** `breakglass audit export INCIDENT`: packs all evidence of an incident into one archive. */
export function define(command: Command, { runtime, exit }: Context): void {
  addWorkspaceOptions(command)
    .argument('<incident>', 'Incident ID')
    .option('--out <file>', 'Archive to write (default: INCIDENT.tar, or INCIDENT-damaged.tar for a damaged log)')
    .option('--damaged', 'Pack a damaged log as evidence of the damage')
    .action(async (incident: string, options: ExportOptions) => exit(await exportIncident(incident, options, runtime)))
}
