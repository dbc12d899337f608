import type { Notifier } from '../../notices/notifier.ts'
import type { RunEvent } from '../../run/model/events.ts'
import type { Progress } from '../../terminal/progress.ts'
import type { Print } from '../host/output.ts'
import type { Runtime } from '../host/runtime.ts'
import type { LockedIncident } from '../locks/locked-incident.ts'
import type { Prepared } from '../prepare/prepare.ts'

/** What a run needs: its incident, its cloud, and the person's screen. */
export type Session = {
  locked: LockedIncident
  prepared: Prepared
  /** Who opened the run and why, as the log records it. */
  opened: Opened
  json?: boolean
  /** Whether plans are shown in full. */
  verbose?: boolean
  /** The SSH key given for signing checkpoints. */
  signKey?: string
  progress: Progress
  print: Print
  /** Notifies people other than the one at the screen. */
  notifier: Notifier
  runtime: Runtime
}

/** The body of the entry that opens a run. */
export type Opened = Extract<RunEvent, { type: 'run.opened' }>['body']
