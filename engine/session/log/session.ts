import type { Notifier } from '../../notices/notifier.ts'
import type { RunEvent } from '../../run/model/events.ts'
import type { Progress } from '../../terminal/progress.ts'
import type { Print } from '../host/output.ts'
import type { Runtime } from '../host/runtime.ts'
import type { LockedIncident } from '../locks/locked-incident.ts'
import type { Prepared } from '../prepare/prepare.ts'

/** What a run is carried out in: its incident, its cloud, and the person's screen. */
export type Session = {
  locked: LockedIncident
  prepared: Prepared
  /** What the log says of who opened the run, and why. */
  opened: Opened
  json?: boolean
  /** Whether plans are shown in full. */
  verbose?: boolean
  /** The SSH key that was named for signing checkpoints. */
  signKey?: string
  progress: Progress
  print: Print
  /** Who is told of it beside the person at the screen. */
  notifier: Notifier
  runtime: Runtime
}

/** What the log says of a run when it is opened. */
export type Opened = Extract<RunEvent, { type: 'run.opened' }>['body']
