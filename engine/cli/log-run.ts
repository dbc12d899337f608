import { EMPTY, type Head } from '../audit/chain.ts'
import { verifyLog } from '../audit/verify.ts'
import { LogNotWritten, makeWriter } from '../audit/writer.ts'
import { openLog, readLog } from '../disk/incident-folder.ts'
import { keepSources } from '../disk/source-folder.ts'
import { shownPath } from '../disk/workspace.ts'
import { exitCodeOf } from '../exit-codes.ts'
import type { RunHost } from '../run/host.ts'
import type { RunEnd } from '../run/loop.ts'
import { printable } from '../runbook/printable.ts'
import { Problem } from '../runbook/problem.ts'
import type { Progress } from '../terminal/progress.ts'
import { summarize } from '../terminal/summary.ts'
import { deriveRecord } from './derive-record.ts'
import type { Held } from './hold.ts'
import { type KeptCheckpoints, keepCheckpoints } from './keep-checkpoints.ts'
import type { Outside } from './outside.ts'
import type { Prepared } from './prepare.ts'
import { emit, type Say } from './screen.ts'

/** What a run is carried out in: its incident, its cloud, and the person's screen. */
export type Session = {
  held: Held
  prepared: Prepared
  json?: boolean
  /** The SSH key that was named for signing checkpoints. */
  signKey?: string
  progress: Progress
  say: Say
  outside: Outside
}

/**
 * Has a run carried out with the incident's log open for its events and checkpoints kept on the way, then derives the
 * record and tells the person how it ended. Answers the exit code. Throws Problem.
 */
export async function logRun(
  session: Session,
  run: string,
  carryOut: (append: RunHost['append']) => Promise<RunEnd>,
): Promise<number> {
  const { held, prepared, outside } = session
  const log = await openLog(held.paths)
  try {
    const head = held.log.size === 0 ? EMPTY : { size: held.log.size, hash: held.log.head }
    await keepUsed(session)
    const checkpoints = await keepCheckpoints(held, session.signKey, session.say, outside)
    const writer = makeWriter(log, head, run, outside.now, prepared.cloud.mask, checkpoints.onLine)
    const end = await carryOut(writer.append).catch(stopUnlogged)
    await finish(session, run, end, writer.head(), checkpoints)
    return exitCodeOf(end.ending)
  } finally {
    await log.close()
  }
}

/** Keeps runbooks and inventory as they were used; the log has their digests, so a run goes on without the copies. */
async function keepUsed({ held, prepared, say }: Session): Promise<void> {
  const { runbooks, gates, inventory } = prepared
  await keepSources(held.paths, [...runbooks, ...gates, inventory]).catch(({ message }: Error) =>
    say(printable(`No copies of runbooks and inventory are kept beside the log: ${message}.`)),
  )
}

/** A name for a new run. */
export const newRun = (outside: Outside): string => `run-${Buffer.from(outside.random(6)).toString('hex')}`

/** Writes down whose locks were taken over: a take-over that the log never got doesn't count. */
export async function logTakeOvers({ takeOvers }: Held, append: RunHost['append']): Promise<void> {
  for (const each of takeOvers) {
    await append(each.event)
    each.logged = true
  }
}

function stopUnlogged(error: unknown): never {
  if (!(error instanceof LogNotWritten)) throw error
  throw new Problem(
    error.message,
    'the run was stopped; check the log folder, then look at what is there with `breakglass check`',
    1,
  )
}

async function finish(
  session: Session,
  run: string,
  end: RunEnd,
  head: Head,
  checkpoints: KeptCheckpoints,
): Promise<void> {
  const { held, progress, say, outside, json } = session
  const { incident, paths } = held
  await progress.settled()
  await deriveRecord(paths)
  say('')
  const proof = { checkpoint: checkpoints.last().text.trimEnd().replaceAll('\n', ' '), signed: checkpoints.signedBy() }
  const places = { log: shownPath(paths.log, outside.cwd), record: shownPath(paths.record, outside.cwd), ...proof }
  say(summarize(verifyLog(await readLog(paths)).entries, run, places, outside.terminal))
  if (!json) return
  const { ending, reason } = end
  const { log, record } = paths
  emit({ incident, run, ending, reason, exitCode: exitCodeOf(ending), log, record, head, ...proof }, outside)
}
