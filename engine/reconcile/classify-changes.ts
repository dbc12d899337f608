import type { Reconciled, Verdict } from '../run/model/events.ts'
import type { Resource } from '../steps/resource.ts'
import { isAbout, type LoggedChange } from './cloud-change.ts'
import { isCallOf } from './effect.ts'
import type { Intent } from './intents.ts'

/** The clock difference to Google that is allowed, as in `doctor`, and how long a call may continue after its command. */
const SLACK_MS = 60_000

/**
 * Classifies the changes in audit logs as ours or other people's. Ours belong to an intent: they concern its resource, use a
 * method that its command calls, have its mark (or its account, if no mark is known), and happened while it was running. One
 * command may make several calls. Refused calls of others changed nothing, and changes of other resources are ignored.
 */
export function classifyChanges(
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
      // The log itself says that nothing of ours was committed.
      shown.has(entry) || verdict === 'made-by-another' ? [] : [entry],
    ),
    notLookedFor: blind.map(({ entry }) => entry),
    contradicted: contradictedBy(sought, shown, committed),
  }
}

/** Returns the intents that the log and the cloud disagree about, the last attempt of each step: a commit counts for all attempts of a step. */
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

/** Returns the intent that a change belongs to: the nearest in time, or the latest of several. */
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
 * Returns whether an intent's command may have sent a call: by the mark if both have one. An account alone doesn't distinguish
 * senders that share it, so a committed call is not attributed to an intent that committed nothing.
 */
function isSentBy({ mark, account, verdict }: Intent, logged: LoggedChange): boolean {
  const { change, namesClient } = logged
  if (mark !== undefined && namesClient) return change.mark === mark
  if (change.mark !== undefined || account.toLowerCase() !== change.principal.toLowerCase()) return false
  return change.code !== undefined || verdict !== 'made-by-another'
}

/** Returns how far a time is from the period in which an intent was running; an intent without an end may still be running. */
const distance = ({ from, to = Number.POSITIVE_INFINITY }: Intent, time: number): number =>
  Math.max(0, from - time, time - to)
