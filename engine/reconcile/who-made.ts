import type { Maker } from '../run/model/events.ts'
import type { Recorded } from '../run/model/recorded.ts'
import type { Action } from '../steps/types.ts'
import type { World } from '../steps/world.ts'
import type { LoggedChange } from './cloud-change.ts'
import { effectOf, isCallOf } from './effect.ts'
import { readAuditLog } from './read-audit-log.ts'

/** The question: an action, when it was first tried, whether its call was refused because of somebody else's, and how to recognize our own calls. */
export type Asked = {
  action: Action
  since: Date
  refused: boolean
  account: string
  /** The marks of its step's requests. */
  marks: ReadonlySet<string>
  /** The marks of every process that wrote to this log: calls of its other steps are ours too. */
  processes: readonly string[]
  /** Whether a process that tried it marked none of its requests, as earlier versions did. */
  unmarked: boolean
}

/** The clock difference to Google that is allowed, as in `doctor`. */
const SLACK_MS = 60_000

/**
 * The pauses before searching for an entry, which mostly appears within seconds. The long one happens only if a call by
 * somebody else is the only one shown: it proves nothing as long as ours may not be shown yet.
 */
const PAUSES_MS = [0, 5_000, 5_000, 60_000]

/**
 * Asks Cloud Audit Logs whose committed call fixed what an action was about. A committed call of ours decides; otherwise
 * somebody else's does, if no other call can be ours.
 */
export async function whoMade(asked: Asked, world: World, now: () => Date): Promise<Maker> {
  const effect = effectOf(asked.action)
  if (effect === undefined) return unknown('its command names nothing to search Cloud Audit Logs for')
  const { project } = effect.resource
  let why = ''
  for (const [index, pauseMs] of PAUSES_MS.entries()) {
    if (pauseMs > 0) await world.clock.sleep(pauseMs)
    const window = { from: new Date(asked.since.getTime() - SLACK_MS), to: new Date(now().getTime() + SLACK_MS) }
    const log = await readAuditLog(world, project, window)
    if ('failed' in log) return unknown(`cannot read the Cloud Audit Logs of ${project}: ${log.failed}`)
    const calls = log.changes.filter((logged) => isCallOf(effect, logged) && !isOfOtherStep(logged, asked))
    const maker = makerIn(calls, asked, index === PAUSES_MS.length - 1)
    if (maker.by !== 'not-known') return maker
    why = maker.why
    if (index === PAUSES_MS.length - 2 && !calls.some(isCommitted)) break
  }
  return unknown(why)
}

function makerIn(calls: readonly LoggedChange[], asked: Asked, isLast: boolean): Maker {
  const [committed, refused] = [calls.filter(isCommitted), calls.filter((call) => !isCommitted(call))]
  const ours = committed.findLast((call) => ownerOf(call, asked) === 'us')
  if (ours) return { by: 'us', call: ours.change }
  if (committed.some((call) => ownerOf(call, asked) === 'either'))
    return unknown('Cloud Audit Logs show a call by the same account, but not which client sent it')
  const theirs = committed.at(-1)
  if (theirs === undefined) return unknown('Cloud Audit Logs show no call that made it')
  // Once our refused call is shown, an earlier one of ours would be shown too.
  const isComplete = asked.refused && refused.some((call) => ownerOf(call, asked) === 'us')
  return isComplete || isLast ? { by: 'somebody-else', call: theirs.change } : unknown('')
}

const isCommitted = ({ change }: LoggedChange): boolean => change.code === undefined

const isOfOtherStep = ({ change: { mark } }: LoggedChange, { marks, processes }: Asked): boolean =>
  mark !== undefined && !marks.has(mark) && processes.some((process) => mark.startsWith(process))

function ownerOf(
  { change, namesClient }: LoggedChange,
  { account, marks, unmarked }: Asked,
): 'us' | 'somebody-else' | 'either' {
  if (change.mark !== undefined) return marks.has(change.mark) ? 'us' : 'somebody-else'
  return (namesClient && !unmarked) || change.principal.toLowerCase() !== account.toLowerCase()
    ? 'somebody-else'
    : 'either'
}

const unknown = (why: string): Maker => ({ by: 'not-known', why })

/** Returns when a step was first tried since it was last correct: anything committed since then may have fixed it. */
export function triedSince(entries: readonly Recorded[], step: string): Date | undefined {
  let since: Date | undefined
  for (const event of entries) {
    if (event.type === 'step.intent' && event.body.step === step) since ??= new Date(event.time)
    const ended = event.type === 'step.outcome' || event.type === 'step.resolved' ? event.body : undefined
    if (ended?.step === step && ended.verdict === 'applied') since = undefined
  }
  return since
}

/** Returns whether a process that wrote some of these entries marked none of its requests. */
export const isUnmarked = (entries: readonly Recorded[]): boolean =>
  entries.some(
    (event) => (event.type === 'run.opened' || event.type === 'run.resumed') && event.body.gcloud.mark === undefined,
  )

/** Returns the marks of every process that wrote these entries. */
export const marksIn = (entries: readonly Recorded[]): string[] =>
  entries.flatMap((event) =>
    event.type === 'run.opened' || event.type === 'run.resumed' ? (event.body.gcloud.mark ?? []) : [],
  )
