import type { RunState } from '../run/model/run-state.ts'

/** The period of which audit logs are read. */
export type Window = { from: Date; to: Date }

/** The margin around the runs: clocks may differ, and changes may begin before or end after a run. */
const MARGIN_MS = 5 * 60_000

/** How long Cloud Audit Logs may take to show an entry: mostly seconds, without a guarantee. */
const LATE_MS = 10 * 60_000

/** Returns the period from before the first run to after the last; a run that hasn't ended continues until now. */
export function windowOf(runs: readonly RunState[], now: Date): Window {
  const ends = runs.map(({ closed }) => (closed ? Date.parse(closed.time) : now.getTime()))
  const from = Math.min(...runs.map(({ openedAt }) => Date.parse(openedAt)))
  return { from: new Date(from - MARGIN_MS), to: new Date(Math.max(...ends) + MARGIN_MS) }
}

/** Returns whether entries at the end of a window may still be missing. */
export const isEarly = ({ to }: Window, now: Date): boolean => now.getTime() < to.getTime() - MARGIN_MS + LATE_MS

/** Returns the filter for a project's Admin Activity log in a window; reads are in other logs (cloud.google.com/logging/docs/view/logging-query-language). */
export const filterFor = (project: string, { from, to }: Window): string =>
  [
    `logName="projects/${project}/logs/cloudaudit.googleapis.com%2Factivity"`,
    `timestamp>="${from.toISOString()}"`,
    `timestamp<="${to.toISOString()}"`,
  ].join(' AND ')
