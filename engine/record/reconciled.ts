import type { CloudChange, Reconciled } from '../run/model/events.ts'
import { foldRuns } from '../run/model/fold-runs.ts'
import type { Recorded } from '../run/model/recorded.ts'
import { counted, describeVerdict } from './timeline.ts'

/** Something that a reconciliation tells, and the entries that say it. */
export type Told = { text: string; entries: number[] }

/** What was found, in words: in one sentence, then each thing that is not as the log has it. */
export type ReconciledWords = { summary: string; others: Told[]; notShown: Told[]; contradicted: Told[] }

/** The last time that Cloud Audit Logs were held against an incident's log, and whether anything was done after that. */
export type LastReconciled = ReconciledWords & { body: Reconciled; entry: number; isPast: boolean }

/** The last reconciliation of an incident; each one looks at all of it anew. */
export function lastReconciled(events: readonly Recorded[]): LastReconciled | undefined {
  const last = events.findLast((event) => event.type === 'cloud.reconciled')
  if (last?.type !== 'cloud.reconciled') return undefined
  const { body, seq: entry } = last
  const isPast = events.some(({ seq, type }) => seq > entry && (type === 'step.intent' || type === 'run.opened'))
  const { summary, others, notShown, contradicted } = describeReconciled(body, events)
  const withEntry = (told: Told[]) => told.map(({ text, entries }) => ({ text, entries: [...entries, entry] }))
  const told = { others: withEntry(others), notShown: withEntry(notShown), contradicted: withEntry(contradicted) }
  return { body, entry, isPast, summary, ...told }
}

/** Words what a reconciliation found; an intent goes by the title of its step, and by what the log says became of it. */
export function describeReconciled(
  { from, to, read, ours, others, notShown, notLookedFor, contradicted = [] }: Reconciled,
  events: readonly Recorded[],
): ReconciledWords {
  const where = read.map(({ project }) => `\`${project}\``).join(', ')
  const blind =
    notLookedFor.length === 0
      ? ''
      : `; ${counted(notLookedFor.length, 'change')} by hand could not be looked for, since nothing tells what it was about`
  const found = `${counted(ours.length, 'call')} there ${ours.length === 1 ? 'is' : 'are'} this incident's own, ${counted(others.length, 'change')} of the same things ${others.length === 1 ? 'is' : 'are'} not, and ${counted(notShown.length, 'change')} of this log ${notShown.length === 1 ? 'is' : 'are'} not shown${blind}`
  return {
    summary: `Cloud Audit Logs of ${where || 'no project'} from \`${from}\` to \`${to}\`: ${found}.`,
    others: others.map((change) => ({ text: describeChange(change), entries: [] })),
    notShown: notShown.map((seq) => ({ text: describeIntent(seq, events), entries: [seq] })),
    contradicted: contradicted.map((seq) => ({ text: describeIntent(seq, events), entries: [seq] })),
  }
}

/** Texts from the cloud: a backtick in one must not end its code. */
const quoted = (text: string): string => `\`${text.replaceAll('`', "'")}\``

const describeChange = ({ at, principal, method, resource, project, id, mark }: CloudChange): string =>
  `${quoted(at)} ${quoted(principal)} changed ${quoted(resource)} in ${quoted(project)}: ${quoted(method)} (entry ${quoted(id)}${mark === undefined ? '' : `, sent by another Breakglass, ${quoted(mark)}`})`

function describeIntent(seq: number, events: readonly Recorded[]): string {
  const intent = events.find((event) => event.seq === seq)
  if (intent?.type !== 'step.intent') return `entry ${seq}`
  const { step } = intent.body
  const run = foldRuns(events).find((each) => each.run === intent.run)
  const title = run?.steps.get(step)?.planned.title ?? step
  return `${title}: begun at \`${intent.time}\`, ${becameOf(intent, events)}`
}

/** What the log says became of an intent. */
function becameOf(intent: Recorded & { type: 'step.intent' }, events: readonly Recorded[]): string {
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
          return `${event.body.says === 'yes' ? 'done' : 'not done'} by hand, as ${event.body.by} states`
    }
  }
  return 'and the log does not say what became of it'
}
