import type { Writer } from '../../audit/writer.ts'
import { describeTrouble } from '../../disk/fs-errors.ts'
import type { IncidentFolder } from '../../disk/logs/incident-folder.ts'
import { shownPath } from '../../disk/workspace.ts'
import type { RunEnd } from '../../run/model/course.ts'
import type { Recorded } from '../../run/model/recorded.ts'
import { summarize } from '../../terminal/summary.ts'
import { exitCodeOf } from '../exit-codes.ts'
import { emit } from '../host/output.ts'
import { deriveRecord, readOwnLog } from './derive-record.ts'
import type { KeptCheckpoints } from './keep-checkpoints.ts'
import type { Session } from './session.ts'

/** Returns the entries that a run wrote. */
export const entriesOf = (writer: Writer): Recorded[] => writer.lines().map((line) => JSON.parse(line) as Recorded)

/**
 * Writes the record, then reports how a run ended, from its entries in memory. A failure to write the record is reported but
 * doesn't change how the run ended. Returns the exit code.
 */
export async function endRun(
  end: RunEnd,
  run: string,
  entries: Recorded[],
  { writer, checkpoints }: { writer: Writer; checkpoints: KeptCheckpoints },
  session: Session,
): Promise<number> {
  const { locked, print, runtime, json } = session
  const { incident, paths } = locked
  const proof = { checkpoint: checkpoints.last().text.trimEnd().replaceAll('\n', ' '), signed: checkpoints.signedBy() }
  const missing = writer.failed()
    ? [
        `The log is incomplete, so no record was written. Once the log is repaired, run \`breakglass record ${incident}\`.`,
      ]
    : await writeBeside(paths, incident)
  const faults = session.prepared.cloud.unplayedFaults?.() ?? []
  const places = {
    log: shownPath(paths.log, runtime.cwd),
    record: shownPath(paths.record, runtime.cwd),
    ...proof,
    cloudEnds: session.prepared.cloud.lockedAs === undefined,
    warnings: [...faults.map((fault) => `A fault was never injected: ${fault}.`), ...missing],
  }
  print('')
  print(summarize(entries, end, places, runtime.terminal))
  const { log, record } = paths
  // The checkpoint still covers what is in an incomplete log.
  const kept = { log, ...(missing.length > 0 ? {} : { record }), head: writer.head(), ...proof, missing }
  const exitCode = exitCodeOf(end.ending)
  if (json) emit({ incident, run, ...end, exitCode, ...kept }, runtime)
  return exitCode
}

const derive = async (paths: IncidentFolder): Promise<unknown> => deriveRecord(paths, await readOwnLog(paths))

/** Writes what is derived from the log; returns what could not be written, with how to write it again. */
async function writeBeside(paths: IncidentFolder, incident: string): Promise<string[]> {
  const missing: string[] = []
  const keep = (what: string, next: string) => (error: unknown) =>
    void missing.push(`The ${what} could not be written: ${describeTrouble(error)}. ${next}`)
  await derive(paths).catch(
    keep('record', `The log is complete: fix this, then run \`breakglass record ${incident}\`.`),
  )
  return missing
}
