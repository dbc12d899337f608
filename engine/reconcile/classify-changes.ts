import type { Reconciled, Verdict } from '../run/model/events.ts'
import type { Resource } from '../steps/resource.ts'
import { isAbout, type LoggedChange } from './cloud-change.ts'
import { isCallOf } from './effect.ts'
import type { Intent } from './intents.ts'

/** How far our clock and Google's may be apart, as `doctor` allows, and how long a call may go on after its command. */
const SLACK_MS = 60_000

/**
 * Sorts the changes of audit logs into ours and other people's. Ours are those of an intent: of what it is about, by a method that its
 * command calls, with its mark or, where none is known, by its account, while it was at work. One command may make several calls. A refused call of somebody
 * else has changed nothing, and what is not about the incident's things is none of its business.
 */
export function sortOut(
  changes: readonly LoggedChange[],
  intents: readonly Intent[],
  resources: readonly Resource[],
): Pick<Reconciled, 'ours' | 'others' | 'notShown' | 'notLookedFor' | 'contradicted'> {
  const found = changes.map((logged) => ({ logged, intent: intentOf(logged, intents) }))
  const ours = found.flatMap(({ logged, intent }) => (intent ? [{ ...logged.change, intent: intent.entry }] : []))
  const shown = new Set(ours.map(({ intent }) => intent))
  const committed = new Set(ours.flatMap(({ intent, code }) => (code === undefined ? [intent] : [])))
  const [sought, blind] = [intents.filter(isSought), intents.filter((intent) => !isSought(intent))]
  return {
    ours,
    others: found.flatMap(({ logged, intent }) =>
      !intent && logged.change.code === undefined && resources.some((resource) => isAbout(logged, resource))
        ? [logged.change]
        : [],
    ),
    notShown: sought.flatMap(({ entry, verdict }) =>
      // That nothing of ours was committed is what the log says, too.
      shown.has(entry) || verdict === 'made-by-another' ? [] : [entry],
    ),
    notLookedFor: blind.map(({ entry }) => entry),
    contradicted: contradictedBy(sought, shown, committed),
  }
}

/** The intents of which the log says something else than the cloud, the last try of each step: what was committed is told of all its tries. */
function contradictedBy(
  sought: readonly Intent[],
  shown: ReadonlySet<number>,
  committed: ReadonlySet<number>,
): number[] {
  const tries = Map.groupBy(sought, ({ step, entry }) => step ?? `${entry}`)
  return [...tries.values()].flatMap((all) => {
    const last = all.at(-1)
    const isCommitted = all.some(({ entry }) => committed.has(entry))
    const isShown = all.some(({ entry }) => shown.has(entry))
    return last && saysOtherwise(last.verdict, isShown, isCommitted) ? [last.entry] : []
  })
}

function saysOtherwise(verdict: Verdict | undefined, isShown: boolean, isCommitted: boolean): boolean {
  switch (verdict) {
    case 'applied':
      return isShown && !isCommitted
    case 'made-by-another':
    case 'not-applied':
      return isCommitted
    case 'made-by-unknown':
    case 'ambiguous':
    case 'in-doubt':
    case undefined:
      return false
  }
}

const isSought = ({ effects }: Intent): boolean => effects.length > 0

/** The intent that a change belongs to: of several the one that is nearest in time, and of those the latest. */
function intentOf(logged: LoggedChange, intents: readonly Intent[]): Intent | undefined {
  const time = Date.parse(logged.change.at)
  return intents
    .filter(
      (intent) =>
        isSentBy(intent, logged) &&
        distance(intent, time) <= SLACK_MS &&
        intent.effects.some((effect) => isCallOf(effect, logged)),
    )
    .sort((a, b) => distance(a, time) - distance(b, time) || b.from - a.from)[0]
}

/**
 * Whether an intent's command may have sent a call: by the mark where both have one. By the account alone no other on the same account is
 * told apart, so what was committed is not that of an intent that committed nothing.
 */
function isSentBy({ mark, account, verdict }: Intent, logged: LoggedChange): boolean {
  const { change, namesClient } = logged
  if (mark !== undefined && namesClient) return change.mark === mark
  if (change.mark !== undefined || account.toLowerCase() !== change.principal.toLowerCase()) return false
  return change.code !== undefined || verdict !== 'made-by-another'
}

/** How far a time is from that in which an intent was at work; one without an end may still be. */
const distance = ({ from, to = Number.POSITIVE_INFINITY }: Intent, time: number): number =>
  Math.max(0, from - time, time - to)
