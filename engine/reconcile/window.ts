import type { RunState } from '../run/model/run-state.ts'

/** The time of which audit logs are read. */
export type Window = { from: Date; to: Date }

/** How much is read beyond the runs, on both sides: for clocks that are off, and changes that were begun or ended there. */
const MARGIN_MS = 5 * 60_000

/** How long Cloud Audit Logs may take to show an entry; mostly it is seconds, and nothing is promised. */
const LATE_MS = 10 * 60_000

/** From before the first run was opened to after the last was closed; a run that has not ended goes on until now. */
export function windowOf(runs: readonly RunState[], now: Date): Window {
  const ends = runs.map(({ closed }) => (closed ? Date.parse(closed.time) : now.getTime()))
  const from = Math.min(...runs.map(({ openedAt }) => Date.parse(openedAt)))
  return { from: new Date(from - MARGIN_MS), to: new Date(Math.max(...ends) + MARGIN_MS) }
}

/** Whether entries of the end of a window may still be missing. */
export const isEarly = ({ to }: Window, now: Date): boolean => now.getTime() < to.getTime() - MARGIN_MS + LATE_MS

/** The filter for a project's Admin Activity log in a window: reads are in other logs (cloud.google.com/logging/docs/view/logging-query-language). */
export const filterFor = (project: string, { from, to }: Window): string =>
  [
    `logName="projects/${project}/logs/cloudaudit.googleapis.com%2Factivity"`,
    `timestamp>="${from.toISOString()}"`,
    `timestamp<="${to.toISOString()}"`,
  ].join(' AND ')
