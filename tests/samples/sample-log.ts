import { EMPTY, type Head, nextLine } from '../../engine/audit/chain.ts'
import type { LogEvent } from '../../engine/audit/entry.ts'

/** How a log begins: a run of an incident is opened. */
export const opening = (incident = 'INC-1'): LogEvent => ({
  type: 'run.opened',
  body: {
    ...{ incident, title: 'T', reason: 'R', operator: 'ada', engine: '0', consent: 'asked' },
    cloud: { kind: 'live' },
    gcloud: { kind: 'gcloud', version: '1', account: 'a' },
  },
})

/** An entry of a run that may stand anywhere behind its beginning, with a text and a number of one's own. */
export const noted = (n: number, reason = 'ä done'): LogEvent => ({
  type: 'run.closed',
  body: { ending: 'done', reason, counts: { n } },
})

/** The lines of a log of these events, all of one run, a millisecond apart. */
export function linesOf(events: LogEvent[], run = 'run-1'): string[] {
  let head: Head = EMPTY
  return events.map((event, n) => {
    const next = nextLine(head, new Date(n), run, event)
    head = next.head
    return next.line
  })
}

/** The lines of a log of that many entries. */
export const logOf = (size: number, reason?: string, incident?: string): string[] =>
  linesOf(Array.from({ length: size }, (_, n) => (n === 0 ? opening(incident) : noted(n, reason))))
