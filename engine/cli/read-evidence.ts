import type { KeptCheckpoint } from '../audit/verify-checkpoint.ts'
import { readCheckpoints, readSigners } from '../disk/checkpoint-folder.ts'
import { incidentFolder, readLog } from '../disk/incident-folder.ts'
import { Problem } from '../runbook/problem.ts'
import type { CommonOptions } from './options.ts'
import type { Outside } from './outside.ts'
import { logsFolder } from './record.ts'

/** All that a verification looks at: a log's bytes, and what lies beside it. */
export type Evidence = { incident: string; log: Uint8Array; checkpoints: KeptCheckpoint[]; signers: string }

/** The evidence in an incident's folder. Throws Problem where there is no log. */
export async function readEvidence(incident: string, options: CommonOptions, outside: Outside): Promise<Evidence> {
  const paths = incidentFolder(logsFolder(options, outside), incident)
  const log = await readLog(paths)
  if (log.length === 0) throw new Problem(`there is no log at ${paths.log}`, "check the incident's id and --logs")
  return { incident, log, checkpoints: await readCheckpoints(paths), signers: await readSigners(paths) }
}
