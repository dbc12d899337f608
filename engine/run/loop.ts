import { protectedAmong } from '../plan/affected-projects.ts'
import type { Plan, PlannedStep } from '../plan/types.ts'
import { changesAnything } from '../steps/index.ts'
import type { BoundStep } from '../steps/types.ts'
import { observeBackfill } from './backfill.ts'
import { runChecks } from './checks.ts'
import { countFates, endOf, INTERRUPTED, stopAfter } from './ending.ts'
import type { Course, Done, Open, OriginOf, RunEnd, Work } from './model/course.ts'
import { Interrupted, type RunHost, type Seen, type SeenOf, type StepFate } from './model/host.ts'
import type { Origin } from './model/step-state.ts'
import { instantOf, takenSince } from './model/time-taken.ts'
import type { StepEnd, Turn } from './model/turn.ts'
import { followerOf, oneByOne, type Stretch, sideBySide } from './schedule/dependencies.ts'
import { isOpen, notNeeded } from './schedule/open-steps.ts'
import { lookAhead } from './schedule/prefetch.ts'
import { type TurnsTaken, takeTurns } from './schedule/scheduler.ts'
import { runStep } from './step-run.ts'
import { planUndo, seenAmong, startedFrom, undoPlanned, undoStep } from './undo.ts'

/** Carries out a plan: each drifted step in its order, then the checks, then a look at the repository. Closes the run in the log, whatever happens. */
export function carryOut(plan: Plan, work: Work, host: RunHost, origin?: OriginOf): Promise<RunEnd> {
  return follow(courseOf(plan, undefined, origin), work, host)
}

/** A plan that nothing was done about yet; `seen` says how each drifted step stands. */
export function courseOf(plan: Plan, seen: SeenOf = () => 'as-planned', origin: OriginOf = () => undefined): Course {
  const fates = new Map<string, StepFate>()
  for (const { key, status } of plan.steps)
    if (status === 'unknown' || status === 'conformant')
      fates.set(key, status === 'unknown' ? 'unreadable' : 'conformant')
  const open = plan.steps.filter(isOpen)
  return {
    plan,
    fates,
    open: open.map((planned) => openStep(planned, seen(planned), 0, origin(planned))),
    done: [],
  }
}

/** A step that is still to be asked about; its change began where `origin` says, or begins here. */
export const openStep = (
  planned: PlannedStep,
  seen: Seen,
  tried: number,
  origin: Omit<Origin, 'run'> | undefined,
): Open => ({
  planned,
  seen,
  tried,
  ...(origin ? { origin: startedFrom(planned, origin) } : {}),
})

/** Follows a course to its end, from wherever it is. */
export async function follow(course: Course, work: Work, host: RunHost): Promise<RunEnd> {
  return close(await goThrough(course, work, host), course.fates, host)
}

/** Writes down how a run ended. */
export async function close(end: RunEnd, fates: ReadonlyMap<string, StepFate>, host: RunHost): Promise<RunEnd> {
  await host.append({ type: 'run.closed', body: { ...end, counts: countFates(fates) } })
  return end
}

/** What could not be read blocks the run before anything is changed, unless the operator goes on without it and says why. */
async function blocked({ plan, fates, open }: Course, host: RunHost): Promise<RunEnd | undefined> {
  const unknown = plan.steps.filter(({ key }) => fates.get(key) === 'unreadable')
  for (const [index, step] of unknown.entries()) {
    const { key, title, observation } = step
    const answer = await host.operator.passOver(step)
    if (answer === 'stop') {
      const reason = observation.state === 'unknown' ? observation.reason : ''
      const more = unknown.length > index + 1 ? ` (and ${unknown.length - index - 1} more)` : ''
      const began = plan.steps.some((each) => hasBegun(fates.get(each.key))) || open.some(({ tried }) => tried > 0)
      const nothing = began ? 'nothing more was changed' : 'nothing was changed'
      return { ending: 'failed', reason: `${nothing}: ${title}: could not be told: ${reason}${more}` }
    }
    const decision = { choice: 'skip' as const, reason: answer.reason }
    await host.append({ type: 'step.decided', body: { step: key, decision, by: host.operator.name } })
  }
  return undefined
}

/** Whether something was done about a step before this run was gone on with. */
const hasBegun = (fate: StepFate | undefined): boolean =>
  fate !== undefined &&
  !['conformant', 'unreadable', 'skipped', 'left', 'not-needed', 'approved', 'waited'].includes(fate)

async function goThrough(course: Course, work: Work, host: RunHost): Promise<RunEnd> {
  try {
    const stopped = (await blocked(course, host)) ?? (await runSteps(course, work.steps, host))
    if (stopped) return stopped
    if (host.stopRequested()) throw new Interrupted()
    const results = await runChecks(work.checks, host)
    if (host.stopRequested()) throw new Interrupted()
    for (const body of await observeBackfill(work.backfill, host.repository)) {
      await host.append({ type: 'backfill.observed', body })
      await host.tell({ moment: 'backfill-observed', ...body })
    }
    return endOf(course, results)
  } catch (error) {
    if (error instanceof Interrupted) return INTERRUPTED
    throw error
  }
}

async function runSteps(course: Course, steps: BoundStep[], host: RunHost): Promise<RunEnd | undefined> {
  const { plan, open } = course
  const changes = open.some(({ planned: { apply } }) => apply !== undefined && changesAnything(apply))
  const declined = changes ? await enter(plan, host) : undefined
  if (declined) return declined
  const turns: TurnsTaken = { begun: new Set(), ended: new Set() }
  if (host.operator.asks) return takeStretches(oneByOne(open), turns, course, steps, host)
  const stretches = sideBySide(open, steps)
  const follower = (key: string) => followerOf(key, stretches, turns)?.item.planned
  const ahead = lookAhead(follower, steps, host)
  return takeStretches(stretches, turns, course, steps, { ...host, ahead }).finally(ahead.settled)
}

async function takeStretches(
  stretches: Stretch[],
  turns: TurnsTaken,
  course: Course,
  steps: BoundStep[],
  host: RunHost,
): Promise<RunEnd | undefined> {
  for (const stretch of stretches) {
    const end = await takeTurns(stretch, turns, (item, within) => runOpen(item, course, steps, within), host)
    if (end) return end
  }
  return undefined
}

/** Takes an open step through its turn; answers how the run ends, where that ends it. */
async function runOpen(item: Open, course: Course, steps: BoundStep[], host: RunHost): Promise<RunEnd | undefined> {
  const { planned, seen, tried, origin } = item
  const { key, title } = planned
  if (await passBy(planned, course, host)) return undefined
  const shown = course.open.filter((each) => each.planned.status !== 'conformant')
  const [number, of] = [shown.indexOf(item) + 1, shown.length]
  const turn = { planned, seen, tried, number, of, startedAt: instantOf(host.world) }
  const end = await takeTurn(turn, boundTo(key, steps), course, steps, host)
  if ('ending' in end) return end
  const { fate, note, done } = end
  if (fate === 'aborted') return { ending: seen === 'ambiguous' ? 'in-doubt' : 'declined', reason: note }
  course.fates.set(key, fate)
  if (done) course.done.unshift({ run: '', ...done, ...(origin ? { planned: origin } : {}) })
  await host.tell({ moment: 'step-ended', key, title, fate, note, taken: takenSince(turn.startedAt, host.world) })
  return stopAfter(title, fate, note)
}

function boundTo(key: string, steps: BoundStep[]): BoundStep {
  const step = steps.find((each) => each.key === key)
  if (!step) throw new Error(`the plan has ${key}, which is not bound`)
  return step
}

type Ended = { fate: StepFate | 'aborted'; note: string; done?: StepEnd['done'] }

/** A step's turn, in which the operator may first take back the last change, as often as there is one. */
async function takeTurn(
  turn: Turn,
  step: BoundStep,
  course: Course,
  steps: BoundStep[],
  host: RunHost,
): Promise<Ended | RunEnd> {
  for (;;) {
    const [last] = course.done
    const changed = course.done.map(({ planned }) => planned)
    const own = { ...turn, changed, ...(last ? { last: last.planned.title } : {}) }
    const end = await runStep(own, step, host)
    // A person's time is not the step's: its turn began when they had answered.
    turn.startedAt = own.startedAt
    const { fate } = end
    if (fate !== 'undo-last') return { ...end, fate }
    if (last === undefined) continue
    const undone = await undoLast(last, course, boundTo(last.planned.key, steps), host)
    if (undone.ending === 'in-doubt' || undone.ending === 'interrupted') return undone
  }
}

/** Takes back the last change, as a run of its own within this one. */
async function undoLast(last: Done, course: Course, of: BoundStep, host: RunHost): Promise<RunEnd> {
  const { append, run, consent } = await host.openUndo(last.planned.key)
  const mine = { ...last, run }
  const step = undoStep(mine, of)
  const plan = await planUndo(course.plan, [step], host)
  const inner = { ...host, append, operator: { ...host.operator, enter: async () => 'not-asked' as const } }
  await append(undoPlanned(plan))
  const given = (await consent?.(plan)) ?? { events: [] }
  if ('declined' in given) return close({ ending: 'declined', reason: given.declined }, new Map(), inner)
  for (const event of given.events) await append(event)
  const undo = courseOf(plan, seenAmong([mine]))
  const end = await follow(undo, { steps: [step], checks: [], backfill: [] }, inner)
  if (end.ending !== 'done') return end
  course.done.shift()
  course.fates.set(last.planned.key, 'undone')
  return end
}

/** Passes by a question or a wait that nothing calls for, and writes down why. */
async function passBy(planned: PlannedStep, course: Course, host: RunHost): Promise<boolean> {
  const reason = notNeeded(planned, course)
  if (reason === undefined) return false
  const { key, title } = planned
  if (planned.status === 'conformant') return true
  await host.append({ type: 'step.not-needed', body: { step: key, reason } })
  course.fates.set(key, 'not-needed')
  await host.tell({ moment: 'step-ended', key, title, fate: 'not-needed', note: reason, taken: { durationMs: 0 } })
  return true
}

/** Each protected environment that a plan reaches is entered by saying so, once, before the first change. */
async function enter(plan: Plan, host: RunHost): Promise<RunEnd | undefined> {
  for (const environment of protectedAmong(plan)) {
    const { name, project } = environment
    const entered = await host.operator.enter(environment)
    if (entered === 'not-asked') continue
    if (entered === 'refused')
      return { ending: 'declined', reason: `${name} is protected, and ${project} was not typed` }
    await host.append({
      type: 'environment.entered',
      body: { environment: name, project, by: host.operator.name },
    })
  }
  return undefined
}
