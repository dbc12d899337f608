import type { Verdict } from './events.ts'

/**
 * How a step ended in a run. `stated`: done by hand, as somebody stated and nobody has read. `overdue`: what the step
 * waited for did not hold in time.
 */
export type StepStatus =
  | 'conformant'
  | 'skipped'
  | 'left'
  | 'unreadable'
  | 'undone'
  | 'stated'
  | 'approved'
  | 'waited'
  | 'overdue'
  | 'not-needed'
  | Verdict

/** What follows from a status; what isn't listed is false. */
type Consequences = {
  /** Something was done about the step. */
  begun?: true
  /** The step is no longer as the plan found it, whoever changed it. */
  changed?: true
  /** A resume asks nothing about the step any more, though it may not be correct. */
  settled?: true
  /** A resume that finds the step correct keeps the status. */
  kept?: true
  /** The step stays as it was found, so the run ends with drift. */
  drifted?: true
  /** The run ends here: later steps may depend on this one. */
  ends?: 'failed' | 'in-doubt'
}

/** What follows from each status. */
export const STATUSES: Record<StepStatus, Consequences> = {
  conformant: {},
  skipped: { settled: true, drifted: true },
  left: { drifted: true },
  unreadable: { ends: 'failed' },
  undone: { begun: true, settled: true, drifted: true },
  stated: { begun: true, changed: true, settled: true },
  approved: { settled: true },
  waited: { settled: true, kept: true },
  overdue: { begun: true, ends: 'failed' },
  'not-needed': {},
  applied: { begun: true, changed: true, kept: true },
  'made-by-another': { begun: true, changed: true, kept: true },
  'made-by-unknown': { begun: true, changed: true, kept: true },
  'not-applied': { begun: true, ends: 'failed' },
  ambiguous: { begun: true, ends: 'failed' },
  'in-doubt': { begun: true, ends: 'in-doubt' },
}

/** Returns whether a text is the status of a step that ended. */
export const isStepStatus = (status: string | undefined): status is StepStatus =>
  status !== undefined && Object.hasOwn(STATUSES, status)
