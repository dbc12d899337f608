import type { Reconciled } from '../run/events.ts'
import type { Thing } from '../steps/thing.ts'
import { isAbout, type LoggedChange } from './cloud-change.ts'
import type { Intent } from './intents.ts'

/** How far our clock and Google's may be apart, as `doctor` allows, and how long a call may go on after its command. */
const SLACK_MS = 60_000

/**
 * Sorts the changes of audit logs into ours and other people's. Ours are those of an intent: of what it is about, by a method that its
 * command calls, by its account, while it was at work. One command may make several calls. A refused call of somebody
 * else has changed nothing, and what is not about the incident's things is none of its business.
 */
export function sortOut(
  changes: readonly LoggedChange[],
  intents: readonly Intent[],
  things: readonly Thing[],
): Pick<Reconciled, 'ours' | 'others' | 'notShown' | 'notLookedFor'> {
  const found = changes.map((logged) => ({ logged, intent: intentOf(logged, intents) }))
  const ours = found.flatMap(({ logged, intent }) => (intent ? [{ ...logged.change, intent: intent.entry }] : []))
  const shown = new Set(ours.map(({ intent }) => intent))
  const [sought, blind] = [intents.filter(isSought), intents.filter((intent) => !isSought(intent))]
  return {
    ours,
    others: found.flatMap(({ logged, intent }) =>
      !intent && logged.change.code === undefined && things.some((thing) => isAbout(logged, thing))
        ? [logged.change]
        : [],
    ),
    notShown: sought.flatMap(({ entry }) => (shown.has(entry) ? [] : [entry])),
    notLookedFor: blind.map(({ entry }) => entry),
  }
}

const isSought = ({ effects }: Intent): boolean => effects.length > 0

/** The intent that a change belongs to: of several the one that is nearest in time, and of those the latest. */
function intentOf(logged: LoggedChange, intents: readonly Intent[]): Intent | undefined {
  const { principal, at } = logged.change
  const time = Date.parse(at)
  return intents
    .filter(
      (intent) =>
        intent.account.toLowerCase() === principal.toLowerCase() &&
        distance(intent, time) <= SLACK_MS &&
        intent.effects.some((effect) => isAbout(logged, effect.thing) && calls(effect.methods, logged)),
    )
    .sort((a, b) => distance(a, time) - distance(b, time) || b.from - a.from)[0]
}

const calls = (methods: readonly string[] | undefined, { change }: LoggedChange): boolean =>
  methods === undefined || methods.includes(change.method.split('.').at(-1) ?? '')

/** How far a time is from that in which an intent was at work; one without an end may still be. */
const distance = ({ from, to = Number.POSITIVE_INFINITY }: Intent, time: number): number =>
  Math.max(0, from - time, time - to)
