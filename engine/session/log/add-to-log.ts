import { EMPTY } from '../../audit/chain.ts'
import type { Redactor } from '../../audit/redact.ts'
import { LogNotWritten, makeWriter } from '../../audit/writer.ts'
import { UserError } from '../../base/problem.ts'
import { openLog } from '../../disk/logs/log-file.ts'
import type { RunEvent } from '../../run/model/events.ts'
import type { RanCommand } from '../../steps/world.ts'
import type { Print } from '../host/output.ts'
import type { Runtime } from '../host/runtime.ts'
import type { LockedIncident } from '../locks/locked-incident.ts'
import { deriveRecord, readOwnLog } from './derive-record.ts'
import { keepCheckpoints } from './keep-checkpoints.ts'
import { logPreamble } from './log-run.ts'

/** An event to add to a run that has ended. */
export type Addition = { run: string; event: RunEvent }

/** How a cloud was queried for the additions: its redactor, and the commands that ran. */
export type Asked = { redactor: Pick<Redactor, 'secretIn'>; takeRan(step?: string): RanCommand[] }

/** No cloud was queried: nothing ran, and no secret was read. */
export const ASKED_NOTHING: Asked = { redactor: { secretIn: () => undefined }, takeRan: () => [] }

/** Adds events to the log of runs that have ended, makes a checkpoint, and derives the record again. Throws UserError. */
export async function addToLog(
  locked: LockedIncident,
  additions: Addition[],
  { redactor, takeRan }: Asked,
  print: Print,
  runtime: Runtime,
): Promise<void> {
  const { paths, log: before } = locked
  const log = await openLog(paths, before)
  try {
    const checkpoints = await keepCheckpoints(locked, undefined, print, runtime)
    const head = before.size === 0 ? EMPTY : { size: before.size, hash: before.head }
    const run = additions[0]?.run ?? ''
    const writer = makeWriter(log, head, run, runtime.now, redactor, takeRan, checkpoints.onLine)
    await logPreamble(locked, writer.append)
    for (const { run: of, event } of additions) await writer.append(event, of)
  } catch (error) {
    if (!(error instanceof LogNotWritten)) throw error
    throw new UserError(error.message, 'check the log folder, then run this again', 1)
  } finally {
    await log.close()
  }
  await deriveRecord(paths, await readOwnLog(paths))
}
