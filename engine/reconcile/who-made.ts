import type { Maker } from '../run/model/events.ts'
import type { Recorded } from '../run/model/recorded.ts'
import type { Action } from '../steps/types.ts'
import type { World } from '../steps/world.ts'
import type { LoggedChange } from './cloud-change.ts'
import { effectOf, isCallOf } from './effect.ts'
import { readAuditLog } from './read-audit-log.ts'

/** What is asked about: an action, since when it was tried, whether its call was refused for somebody else's, and how our own calls are known. */
export type Asked = {
  action: Action
  since: Date
  refused: boolean
  account: string
  /** The marks of its step's requests. */
  marks: ReadonlySet<string>
  /** The marks of every process that wrote to this log: calls of its other steps are not somebody else's. */
  processes: readonly string[]
  /** Whether a process that tried it marked none of its requests, as those of earlier versions. */
  unmarked: boolean
}

/** How far our clock and Google's may be apart, as `doctor` allows. */
const SLACK_MS = 60_000

/**
 * An entry mostly appears within seconds: the pauses before it is looked for again. The long one is made only where a call of
 * somebody else stands alone, which says nothing while ours may not be shown yet.
 */
const PAUSES_MS = [0, 5_000, 5_000, 60_000]

/**
 * Asks Cloud Audit Logs whose committed call made right what an action was about. A call of ours that was committed decides;
 * else somebody else's does, where no other call can be ours.
 */
export async function whoMade(asked: Asked, world: World, now: () => Date): Promise<Maker> {
  const effect = effectOf(asked.action)
  if (effect === undefined) return unknown('its command names nothing that Cloud Audit Logs could be searched for')
  const { project } = effect.resource
  let why = ''
  for (const [index, pauseMs] of PAUSES_MS.entries()) {
    if (pauseMs > 0) await world.clock.sleep(pauseMs)
    const window = { from: new Date(asked.since.getTime() - SLACK_MS), to: new Date(now().getTime() + SLACK_MS) }
    const log = await readAuditLog(world, project, window)
    if ('failed' in log) return unknown(`the Cloud Audit Logs of ${project} can't be read: ${log.failed}`)
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
    return unknown('Cloud Audit Logs show a call by the same account, and not which client sent it')
  const theirs = committed.at(-1)
  if (theirs === undefined) return unknown('Cloud Audit Logs show no call that made it')
  // Once our refused call is shown, one of ours before it would be, too.
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

/** When a step was first tried since it was last right: what was committed from then on may have made it so. */
export function triedSince(entries: readonly Recorded[], step: string): Date | undefined {
  let since: Date | undefined
  for (const event of entries) {
    if (event.type === 'step.intent' && event.body.step === step) since ??= new Date(event.time)
    const ended = event.type === 'step.outcome' || event.type === 'step.resolved' ? event.body : undefined
    if (ended?.step === step && ended.verdict === 'applied') since = undefined
  }
  return since
}

/** Whether a process that wrote some of these entries marked none of its requests. */
export const isUnmarked = (entries: readonly Recorded[]): boolean =>
  entries.some(
    (event) => (event.type === 'run.opened' || event.type === 'run.resumed') && event.body.gcloud.mark === undefined,
  )

/** The marks of every process that wrote these entries. */
export const marksIn = (entries: readonly Recorded[]): string[] =>
  entries.flatMap((event) =>
    event.type === 'run.opened' || event.type === 'run.resumed' ? (event.body.gcloud.mark ?? []) : [],
  )
