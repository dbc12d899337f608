import type { RunEvent } from '../run/model/events.ts'
import type { RunHost } from '../run/model/host.ts'
import type { RunEnd } from '../run/model/progress.ts'
import type { RunState } from '../run/model/run-state.ts'
import { type ConsentRequest, passGate, refuseBeforehand, type Subject, withOverride } from './approvals/gate.ts'
import { progressFor } from './host/announce.ts'
import { type AccessOptions, keptOptions } from './host/options.ts'
import { printer } from './host/output.ts'
import type { CloudChoice, Runtime } from './host/runtime.ts'
import type { LockRequest } from './locks/acquire-locks.ts'
import { type LockedIncident, withProjects } from './locks/locked-incident.ts'
import { archiveFiles, archivePlan } from './log/archive-inputs.ts'
import { logPreamble, logRun, meansOf, newRun } from './log/log-run.ts'
import type { Opened, Session } from './log/session.ts'
import { withNotices } from './notify.ts'
import { printOtherAccess, refuseOtherSandbox } from './prepare/from-log.ts'
import { openFor, type Ready } from './prepare/prepare.ts'
import { refuseSensitive } from './prepare/refuse-sensitive.ts'
import { runHost } from './run-host.ts'

/** A command that changes something: what it is about, who consents to it, and what it shows before that. */
export type Change = {
  locked: LockedIncident
  ready: Ready
  choice: CloudChoice
  options: AccessOptions & Pick<LockRequest, 'takeOver' | 'json'> & { cold?: boolean; signKey?: string }
  consent: ConsentRequest
  /** What the log records of the run, apart from who runs it, where and how. */
  opened: Pick<Opened, 'incident' | 'title' | 'reason'> & Partial<Opened>
  /** The earlier run that is resumed or undone: its sandbox must be the one that is opened. */
  earlier?: RunState
  /** Whether the earlier run is resumed; otherwise a new run is opened. */
  resumes?: boolean
  /** Observes and shows what is to be consented to. Throws UserError if it must not be run. */
  show(session: Session): Promise<Shown>
}

/** What was shown: the subject of consent, the event that logs its plan if it is new, and how to run it. */
export type Shown = { subject: Subject; planned?: RunEvent; run(host: RunHost): Promise<RunEnd> }

/**
 * Runs a change once everybody who must consent has: opens the cloud, locks its projects, shows the change, passes the gate,
 * and runs it with the log open and the webhooks notified. Returns the exit code. Throws UserError.
 */
export async function withSession(change: Change, runtime: Runtime): Promise<number> {
  const { locked, ready, choice, options, consent, earlier } = change
  const print = printer(options.json, runtime)
  const prepared = await openFor(ready, choice, options, runtime)
  const { cloud } = prepared
  const locks = { ...options, incident: locked.incident, env: ready.environment.name }
  return withProjects(prepared, locked, locks, print, runtime, (mine) => {
    if (earlier) refuseOtherSandbox(earlier, cloud)
    if (earlier) printOtherAccess(earlier, cloud, print)
    refuseBeforehand(prepared, consent)
    return withNotices(prepared, runtime, async (notifier) => {
      const now = { ...meansOf(cloud), engine: runtime.version, consent: consentOf(consent) }
      const { access: _, ...before } = change.opened
      const opened: Opened = { ...before, operator: runtime.operator, cloud: cloud.name, ...now }
      const progress = progressFor(options.json, print, runtime)
      const session = { locked: mine, prepared, opened, ...keptOptions(options), progress, print, notifier, runtime }
      const { subject, planned, run } = await change.show(session)
      const name = change.resumes && earlier ? earlier.run : newRun(runtime, opened.undoes ? 'undo' : 'run')
      const passed = await passGate(subject, session, name, consent)
      for (const { body } of passed.events) refuseSensitive(body, cloud)
      const { protection } = passed
      const going = { ...session, opened: { ...opened, protection } }
      return logRun(going, name, async (log) => {
        if (consent.saved) await archivePlan(mine, consent.saved, print)
        await log.append(
          change.resumes
            ? { type: 'run.resumed', body: { by: runtime.operator, ...now, protection } }
            : { type: 'run.opened', body: going.opened },
        )
        await logPreamble(mine, log.append)
        for (const event of [...(planned ? [planned] : []), ...passed.events]) await log.append(event)
        await archiveFiles(mine, passed.checkedWith, print)
        return run(runHost(going, withOverride(consent, passed), log))
      })
    })
  })
}

const consentOf = ({ yes }: ConsentRequest): Opened['consent'] => (yes ? 'given-beforehand' : 'asked')
