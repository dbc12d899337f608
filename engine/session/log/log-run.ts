import { EMPTY } from '../../audit/chain.ts'
import { makeWriter } from '../../audit/writer.ts'
import { openLog } from '../../disk/logs/log-file.ts'
import type { RunEnd } from '../../run/model/course.ts'
import type { RunEvent } from '../../run/model/events.ts'
import type { RunHost } from '../../run/model/host.ts'
import type { Recorded } from '../../run/model/recorded.ts'
import type { Cloud, Runtime } from '../host/runtime.ts'
import type { LockedIncident } from '../locks/locked-incident.ts'
import { aboutOf, toldOf } from '../notify.ts'
import { keepBeside } from './archive-inputs.ts'
import { cutOff, lastWords } from './cut-off.ts'
import { endRun, entriesOf } from './end-run.ts'
import { keepCheckpoints } from './keep-checkpoints.ts'
import type { Opened, Session } from './session.ts'

/** A run with the log open: its name, how its events are appended, and how a run within it is opened. */
export type LogRun = {
  run: string
  append: RunHost['append']
  openUndo(step: string): Promise<{ run: string; append: RunHost['append'] }>
  /** The entries of the run so far, with those of runs within it. */
  sofar(): Recorded[]
}

/**
 * Has a run carried out with the incident's log open for its events and checkpoints kept on the way, tells the person how it ended, and writes what is
 * derived from the log. Answers the exit code. Throws UserError.
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
    await keepBeside(locked, [...prepared.runbooks, ...prepared.gates, prepared.inventory], session.print)
    const checkpoints = await keepCheckpoints(locked, session.signKey, session.print, runtime)
    const { redactor, takeRan } = prepared.cloud
    const writer = makeWriter(log, head, run, runtime.now, redactor, takeRan, checkpoints.onLine)
    const openUndo = async (step: string) => {
      const inner = newRun(runtime, 'undo')
      const append = (event: RunEvent) => writer.append(event, inner)
      await append({ type: 'run.opened', body: { ...session.opened, undoes: [{ run, step }], within: run } })
      return { run: inner, append }
    }
    const sofar = () => [...locked.log.entries.filter((entry) => entry.run === run), ...entriesOf(writer)]
    const about = { ...aboutOf(prepared, runtime), incident: locked.incident, run }
    const append = toldOf((event) => writer.append(event), about, session.notifier)
    const opened = { run, append, openUndo, sofar }
    const over = runtime.ifCutOff(() => lastWords(sofar(), session))
    const end = await runPlan(opened)
      .finally(() => progress.close())
      .catch((error: Error) => cutOff(error, sofar()))
    over()
    return await endRun(end, run, sofar(), { writer, checkpoints }, session)
  } finally {
    await log.close()
  }
}

/** What the log says of the means that a run has: its gcloud, and how that reaches Google Cloud. */
export const meansOf = ({ gcloud, access }: Cloud): Pick<Opened, 'gcloud' | 'access'> => ({
  gcloud,
  ...(access === undefined ? {} : { access }),
})

/** A name for a new run. */
export const newRun = (runtime: Runtime, kind: 'run' | 'undo' = 'run'): string =>
  `${kind}-${Buffer.from(runtime.random(6)).toString('hex')}`

/** Writes down what was done before the run: that a torn last line was cut off, and whose locks were taken over. */
export async function logPreamble(
  { log: { torn }, takeOvers }: LockedIncident,
  append: RunHost['append'],
): Promise<void> {
  if (torn) await append({ type: 'log.repaired', body: torn })
  // A take-over that the log never got doesn't count.
  for (const each of takeOvers) {
    await append(each.event)
    each.logged = true
  }
}
