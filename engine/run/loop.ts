import { protectedAmong } from '../plan/affected-projects.ts'
import type { Plan, PlannedStep } from '../plan/types.ts'
import { changesAnything } from '../steps/index.ts'
import type { BoundStep } from '../steps/types.ts'
import { observeBackfill } from './backfill.ts'
import { runChecks } from './checks.ts'
import { countStatuses, endOf, INTERRUPTED, stopAfter } from './ending.ts'
import type { BaselineOf, BoundWork, Done, OpenStep, RunEnd, RunProgress } from './model/course.ts'
import { Interrupted, type RunHost, type Seen, type SeenOf, type StepStatus } from './model/host.ts'
import type { Baseline } from './model/step-state.ts'
import { elapsedSince, instantOf } from './model/time-taken.ts'
import type { StepEnd, Turn } from './model/turn.ts'
import { type Batch, nextAfter, oneAtATime, parallel } from './schedule/dependencies.ts'
import { isOpen, notNeeded } from './schedule/open-steps.ts'
import { prefetch } from './schedule/prefetch.ts'
import { type BatchProgress, runBatch } from './schedule/scheduler.ts'
import { runStep } from './step-run.ts'
import { planUndo, seenAmong, startedFrom, undoPlanned, undoStep } from './undo.ts'

/** Carries out a plan: each drifted step in its order, then the checks, then a look at the repository. Closes the run in the log, whatever happens. */
export function runPlan(plan: Plan, work: BoundWork, host: RunHost, baseline?: BaselineOf): Promise<RunEnd> {
  return follow(courseOf(plan, undefined, baseline), work, host)
}

/** A plan that nothing was done about yet; `seen` says how each drifted step stands. */
export function courseOf(
  plan: Plan,
  seen: SeenOf = () => 'as-planned',
  baseline: BaselineOf = () => undefined,
): RunProgress {
  const statuses = new Map<string, StepStatus>()
  for (const { key, status } of plan.steps)
    if (status === 'unknown' || status === 'conformant')
      statuses.set(key, status === 'unknown' ? 'unreadable' : 'conformant')
  const open = plan.steps.filter(isOpen)
  return {
    plan,
    statuses,
    open: open.map((planned) => openStep(planned, seen(planned), 0, baseline(planned))),
    done: [],
  }
}

/** A step that is still to be asked about; its change began where `origin` says, or begins here. */
export const openStep = (
  planned: PlannedStep,
  seen: Seen,
  tried: number,
  baseline: Omit<Baseline, 'run'> | undefined,
): OpenStep => ({
  planned,
  seen,
  tried,
  ...(baseline ? { baseline: startedFrom(planned, baseline) } : {}),
})

/** Follows a course to its end, from wherever it is. */
export async function follow(course: RunProgress, work: BoundWork, host: RunHost): Promise<RunEnd> {
  return close(await goThrough(course, work, host), course.statuses, host)
}

/** Writes down how a run ended. */
export async function close(end: RunEnd, statuses: ReadonlyMap<string, StepStatus>, host: RunHost): Promise<RunEnd> {
  await host.append({ type: 'run.closed', body: { ...end, counts: countStatuses(statuses) } })
  return end
}

/** What could not be read blocks the run before anything is changed, unless the operator goes on without it and says why. */
async function blocked({ plan, statuses, open }: RunProgress, host: RunHost): Promise<RunEnd | undefined> {
  const unknown = plan.steps.filter(({ key }) => statuses.get(key) === 'unreadable')
  for (const [index, step] of unknown.entries()) {
    const { key, title, observation } = step
    const answer = await host.operator.passOver(step)
    if (answer === 'stop') {
      const reason = observation.state === 'unknown' ? observation.reason : ''
      const more = unknown.length > index + 1 ? ` (and ${unknown.length - index - 1} more)` : ''
      const began = plan.steps.some((each) => hasBegun(statuses.get(each.key))) || open.some(({ tried }) => tried > 0)
      const nothing = began ? 'nothing more was changed' : 'nothing was changed'
      return { ending: 'failed', reason: `${nothing}: ${title}: could not be told: ${reason}${more}` }
    }
    const decision = { choice: 'skip' as const, reason: answer.reason }
    await host.append({ type: 'step.decided', body: { step: key, decision, by: host.operator.name } })
  }
  return undefined
}

/** Whether something was done about a step before this run was gone on with. */
const hasBegun = (status: StepStatus | undefined): boolean =>
  status !== undefined &&
  !['conformant', 'unreadable', 'skipped', 'left', 'not-needed', 'approved', 'waited'].includes(status)

async function goThrough(course: RunProgress, work: BoundWork, host: RunHost): Promise<RunEnd> {
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

async function runSteps(course: RunProgress, steps: BoundStep[], host: RunHost): Promise<RunEnd | undefined> {
  const { plan, open } = course
  const changes = open.some(({ planned: { apply } }) => apply !== undefined && changesAnything(apply))
  const declined = changes ? await enter(plan, host) : undefined
  if (declined) return declined
  const turns: BatchProgress = { begun: new Set(), ended: new Set() }
  if (host.operator.asks) return takeStretches(oneAtATime(open), turns, course, steps, host)
  const batches = parallel(open, steps)
  const follower = (key: string) => nextAfter(key, batches, turns)?.item.planned
  const ahead = prefetch(follower, steps, host)
  return takeStretches(batches, turns, course, steps, { ...host, ahead }).finally(ahead.settled)
}

async function takeStretches(
  batches: Batch[],
  turns: BatchProgress,
  course: RunProgress,
  steps: BoundStep[],
  host: RunHost,
): Promise<RunEnd | undefined> {
  for (const batch of batches) {
    const end = await runBatch(batch, turns, (item, within) => runOpen(item, course, steps, within), host)
    if (end) return end
  }
  return undefined
}

/** Takes an open step through its turn; answers how the run ends, where that ends it. */
async function runOpen(
  item: OpenStep,
  course: RunProgress,
  steps: BoundStep[],
  host: RunHost,
): Promise<RunEnd | undefined> {
  const { planned, seen, tried, baseline } = item
  const { key, title } = planned
  if (await passBy(planned, course, host)) return undefined
  const shown = course.open.filter((each) => each.planned.status !== 'conformant')
  const [number, of] = [shown.indexOf(item) + 1, shown.length]
  await host.tell({ moment: 'step-started', key, number, of })
  const turn = { planned, seen, tried, number, of, startedAt: instantOf(host.world) }
  const end = await takeTurn(turn, boundTo(key, steps), course, steps, host)
  if ('ending' in end) return end
  const { status, note, done } = end
  if (status === 'aborted') return { ending: seen === 'ambiguous' ? 'in-doubt' : 'declined', reason: note }
  course.statuses.set(key, status)
  if (done) course.done.unshift({ run: '', ...done, ...(baseline ? { planned: baseline } : {}) })
  await host.tell({ moment: 'step-ended', key, title, status, note, elapsed: elapsedSince(turn.startedAt, host.world) })
  return stopAfter(title, status, note)
}

function boundTo(key: string, steps: BoundStep[]): BoundStep {
  const step = steps.find((each) => each.key === key)
  if (!step) throw new Error(`the plan has ${key}, which is not bound`)
  return step
}

type Ended = { status: StepStatus | 'aborted'; note: string; done?: StepEnd['done'] }

/** A step's turn, in which the operator may first take back the last change, as often as there is one. */
async function takeTurn(
  turn: Turn,
  step: BoundStep,
  course: RunProgress,
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
    const { status } = end
    if (status !== 'undo-last') return { ...end, status }
    if (last === undefined) continue
    const undone = await undoLast(last, course, boundTo(last.planned.key, steps), host)
    if (undone.ending === 'in-doubt' || undone.ending === 'interrupted') return undone
  }
}

/** Takes back the last change, as a run of its own within this one. */
async function undoLast(last: Done, course: RunProgress, of: BoundStep, host: RunHost): Promise<RunEnd> {
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
  course.statuses.set(last.planned.key, 'undone')
  return end
}

/** Passes by a question or a wait that nothing calls for, and writes down why. */
async function passBy(planned: PlannedStep, course: RunProgress, host: RunHost): Promise<boolean> {
  const reason = notNeeded(planned, course)
  if (reason === undefined) return false
  const { key, title } = planned
  if (planned.status === 'conformant') return true
  await host.append({ type: 'step.not-needed', body: { step: key, reason } })
  course.statuses.set(key, 'not-needed')
  await host.tell({ moment: 'step-ended', key, title, status: 'not-needed', note: reason, elapsed: { durationMs: 0 } })
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
