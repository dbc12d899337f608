import { resolve } from 'node:path'
import type { Command } from 'commander'
import { incidentFolder } from '../disk/incident-folder.ts'
import { findWorkspace, nearestWorkspace } from '../disk/workspace.ts'
import { EXIT } from '../exit-codes.ts'
import { deriveRecord } from './derive-record.ts'
import { type CommonOptions, makeCommand } from './options.ts'
import type { Outside } from './outside.ts'

/** `breakglass record INCIDENT`: derives the record from the log, writes it beside it and prints it. */
export function define(outside: Outside, exit: (code: number) => void): Command {
  return makeCommand('record', 'derive the markdown record from the log')
    .argument('<incident>', "the incident's id")
    .action(async (incident: string, options: CommonOptions) => exit(await record(incident, options, outside)))
}

async function record(incident: string, options: CommonOptions, outside: Outside): Promise<number> {
  const paths = incidentFolder(logsFolder(options, outside), incident)
  const text = await deriveRecord(paths)
  outside.out(options.json ? JSON.stringify({ incident, record: paths.record, text }, null, 2) : text.trimEnd())
  return EXIT.done
}

/** Where incidents are kept: `--logs`, else `logs/` in the workspace, else the `logs/` that a rehearsal without one left here. */
export function logsFolder(options: CommonOptions, outside: Outside): string {
  if (options.logs !== undefined) return resolve(outside.cwd, options.logs)
  const here =
    options.workspace === undefined ? nearestWorkspace(outside.cwd) : findWorkspace(outside.cwd, options.workspace)
  return here?.logs ?? resolve(outside.cwd, 'logs')
}
