import type { CloudChange, Reconciled } from '../run/model/events.ts'
import { foldRuns } from '../run/model/fold-runs.ts'
import type { Recorded } from '../run/model/recorded.ts'
import { counted, describeVerdict } from './timeline.ts'

/** A finding of a reconciliation, and the log entries behind it. */
export type Finding = { text: string; entries: number[] }

/** The result of a reconciliation in words: a summary, then each difference from the log. */
export type ReconciledText = { summary: string; others: Finding[]; notShown: Finding[]; contradicted: Finding[] }

/** The last comparison of Cloud Audit Logs with an incident's log; `isPast` where the log has later changes. */
export type LastReconciled = ReconciledText & { body: Reconciled; entry: number; isPast: boolean }

/** Returns the last reconciliation of an incident; each one covers all of it. */
export function lastReconciled(events: readonly Recorded[]): LastReconciled | undefined {
  const last = events.findLast((event) => event.type === 'cloud.reconciled')
  if (last?.type !== 'cloud.reconciled') return undefined
  const { body, seq: entry } = last
  const isPast = events.some(({ seq, type }) => seq > entry && (type === 'step.intent' || type === 'run.opened'))
  const { summary, others, notShown, contradicted } = describeReconciled(body, events)
  const withEntry = (findings: Finding[]) =>
    findings.map(({ text, entries }) => ({ text, entries: [...entries, entry] }))
  return {
    body,
    entry,
    isPast,
    summary,
    others: withEntry(others),
    notShown: withEntry(notShown),
    contradicted: withEntry(contradicted),
  }
}

/** Describes the result of a reconciliation; an intent is named by its step's title and its outcome in the log. */
export function describeReconciled(
  { from, to, read, ours, others, notShown, notLookedFor, contradicted = [] }: Reconciled,
  events: readonly Recorded[],
): ReconciledText {
  const where = read.map(({ project }) => `\`${project}\``).join(', ')
  const blind =
    notLookedFor.length === 0
      ? ''
      : `; ${counted(notLookedFor.length, 'change')} by hand could not be searched for, because the log does not name a resource`
  const found = `${counted(ours.length, 'call')} of this incident, ${counted(others.length, 'change')} of the same resources by others, ${counted(notShown.length, 'change')} of this log not shown${blind}`
  return {
    summary: `Cloud Audit Logs of ${where || 'no project'} from \`${from}\` to \`${to}\`: ${found}.`,
    others: others.map((change) => ({ text: describeChange(change), entries: [] })),
    notShown: notShown.map((seq) => ({ text: describeIntent(seq, events), entries: [seq] })),
    contradicted: contradicted.map((seq) => ({ text: describeIntent(seq, events), entries: [seq] })),
  }
}

/** Returns a text from the cloud as code; a backtick in it must not end the code. */
const quoted = (text: string): string => `\`${text.replaceAll('`', "'")}\``

const describeChange = ({ at, principal, method, resource, project, id, mark }: CloudChange): string =>
  `${quoted(at)} ${quoted(principal)} changed ${quoted(resource)} in ${quoted(project)}: ${quoted(method)} (entry ${quoted(id)}${mark === undefined ? '' : `, sent by another Breakglass, ${quoted(mark)}`})`

function describeIntent(seq: number, events: readonly Recorded[]): string {
  const intent = events.find((event) => event.seq === seq)
  if (intent?.type !== 'step.intent') return `entry ${seq}`
  const { step } = intent.body
  const run = foldRuns(events).find((each) => each.run === intent.run)
  const title = run?.steps.get(step)?.planned.title ?? step
  return `${title}: started at \`${intent.time}\`, ${outcomeOf(intent, events)}`
}

/** Returns the outcome of an intent in the log. */
function outcomeOf(intent: Recorded & { type: 'step.intent' }, events: readonly Recorded[]): string {
  for (const event of events) {
    if (event.seq <= intent.seq || event.run !== intent.run) continue
    switch (event.type) {
      case 'step.intent':
        if (event.body.step === intent.body.step) return 'tried again'
        break
      case 'step.outcome':
      case 'step.resolved':
        if (event.body.step === intent.body.step) return describeVerdict(event.body)
        break
      case 'step.stated':
        if (event.body.step === intent.body.step)
          return `${event.body.says === 'yes' ? 'done' : 'not done'} by hand, as stated by ${event.body.by}`
    }
  }
  return 'outcome not in the log'
}
