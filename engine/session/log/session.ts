import type { Notifier } from '../../notices/notifier.ts'
import type { RunEvent } from '../../run/model/events.ts'
import type { Progress } from '../../terminal/progress.ts'
import type { Say } from '../host/output.ts'
import type { Outside } from '../host/runtime.ts'
import type { Held } from '../locks/locked-incident.ts'
import type { Prepared } from '../prepare/prepare.ts'

/** What a run is carried out in: its incident, its cloud, and the person's screen. */
export type Session = {
  held: Held
  prepared: Prepared
  /** What the log says of who opened the run, and why. */
  opened: Opened
  json?: boolean
  /** The SSH key that was named for signing checkpoints. */
  signKey?: string
  progress: Progress
  say: Say
  /** Who is told of it beside the person at the screen. */
  notifier: Notifier
  outside: Outside
}

/** What the log says of a run when it is opened. */
export type Opened = Extract<RunEvent, { type: 'run.opened' }>['body']
