import { EMPTY } from '../../audit/chain.ts'
import { makeWriter } from '../../audit/writer.ts'
import { openLog } from '../../disk/logs/log-file.ts'
import type { RunEvent } from '../../run/model/events.ts'
import type { RunHost } from '../../run/model/host.ts'
import type { RunEnd } from '../../run/model/progress.ts'
import type { Recorded } from '../../run/model/recorded.ts'
import type { Cloud, Runtime } from '../host/runtime.ts'
import type { LockedIncident } from '../locks/locked-incident.ts'
import { noticeSubject, notifying } from '../notify.ts'
import { archiveFiles } from './archive-inputs.ts'
import { endInterrupted, endRun, entriesOf, interruptionNotice } from './end-run.ts'
import { keepCheckpoints } from './keep-checkpoints.ts'
import type { Opened, Session } from './session.ts'

/** A run with the log open: its id, how to append its events, and how to open a run within it. */
export type LogRun = {
  run: string
  append: RunHost['append']
  openUndo(step: string): Promise<{ run: string; append: RunHost['append'] }>
  /** Returns the run's entries so far, with those of runs within it. */
  soFar(): Recorded[]
}

/**
 * Runs with the incident's log open and checkpoints stored along the way, reports how the run ended, and writes what is
 * derived from the log. Returns the exit code. Throws UserError.
 */
export async function logRun(
  session: Session,
  run: string,
  runPlan: (log: LogRun) => Promise<RunEnd>,
): Promise<number> {
  const { locked, prepared, runtime, progress } = session
  const log = await openLog(locked.paths, locked.log)
  try {
    const head = locked.log.size === 0 ? EMPTY : { size: locked.log.size, hash: locked.log.head }
    await archiveFiles(locked, [...prepared.runbooks, ...prepared.gates, prepared.inventory], session.print)
    const checkpoints = await keepCheckpoints(locked, session.signKey, session.print, runtime)
    const { redactor, takeRan } = prepared.cloud
    const writer = makeWriter(log, head, run, runtime.now, redactor, takeRan, checkpoints.onLine)
    const openUndo = async (step: string) => {
      const inner = newRun(runtime, 'undo')
      const append = (event: RunEvent) => writer.append(event, inner)
      await append({ type: 'run.opened', body: { ...session.opened, undoes: [{ run, step }], within: run } })
      return { run: inner, append }
    }
    const soFar = () => [...locked.log.entries.filter((entry) => entry.run === run), ...entriesOf(writer)]
    const about = { ...noticeSubject(prepared, runtime), incident: locked.incident, run }
    const append = notifying((event) => writer.append(event), about, session.notifier)
    const opened = { run, append, openUndo, soFar }
    const over = runtime.ifCutOff(() => interruptionNotice(soFar(), session))
    // What is drawn must end before any other text is printed, an error included.
    const end = await runPlan(opened)
      .finally(() => progress.close())
      .catch((error: Error) => endInterrupted(error, soFar()))
    over()
    return await endRun(end, run, soFar(), { writer, checkpoints }, session)
  } finally {
    await log.close()
  }
}

/** Returns what the log records of how a run reaches Google Cloud. */
export const meansOf = ({ gcloud, access }: Cloud): Pick<Opened, 'gcloud' | 'access'> => ({
  gcloud,
  ...(access === undefined ? {} : { access }),
})

/** Returns an id for a new run. */
export const newRun = (runtime: Runtime, kind: 'run' | 'undo' = 'run'): string =>
  `${kind}-${Buffer.from(runtime.random(6)).toString('hex')}`

/** Logs what happened before the run: that a torn last line was removed, and which locks were taken over. */
export async function logPreamble(
  { log: { torn }, takeOvers }: LockedIncident,
  append: RunHost['append'],
): Promise<void> {
  if (torn) await append({ type: 'log.repaired', body: torn })
  // A take-over that never reached the log doesn't count.
  for (const each of takeOvers) {
    await append(each.event)
    each.logged = true
  }
}
