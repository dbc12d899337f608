import type { BackfillPoint } from '../plan/backfill.ts'
import type { Plan, PlannedStep } from '../plan/types.ts'
import type { BoundStep, Status } from '../steps/types.ts'
import { observeBackfill } from './backfill.ts'
import { runChecks } from './checks.ts'
import type { Ending } from './events.ts'
import { Interrupted, type RunHost, type Seen, type SeenOf, type StepFate } from './host.ts'
import { runStep, type StepEnd, type Turn } from './step-run.ts'
import { type Done, planUndo, seenAmong, undoPlanned, undoStep } from './undo.ts'

/** How the run ended and why, in one sentence. */
export type RunEnd = { ending: Ending; reason: string }

/** What a plan is carried out with: its bound steps, the checks at the end, and what the repository must say. */
export type Work = { steps: BoundStep[]; checks: BoundStep[]; backfill: BackfillPoint[] }

/** A step that is still to be asked about, how it stands, and how often it was tried before. */
export type Open = {
  planned: PlannedStep
  seen: Seen
  tried: number
  /** The step as it was before a change of ours that may have been left half done. */
  origin?: PlannedStep
}

/** How far a run has come: what became of steps, which are still open, and which changes of it are there, newest first. */
export type Course = { plan: Plan; fates: Map<string, StepFate>; open: Open[]; done: Done[] }

/** Carries out a plan: each drifted step in its order, then the checks, then a look at the repository. Closes the run in the log, whatever happens. */
export function carryOut(plan: Plan, work: Work, host: RunHost): Promise<RunEnd> {
  return follow(courseOf(plan), work, host)
}

/** A plan that nothing was done about yet; `seen` says how each drifted step stands. */
export function courseOf(plan: Plan, seen: SeenOf = () => 'as-planned'): Course {
  const settled = plan.steps.filter((step) => step.status !== 'drift')
  return {
    plan,
    fates: new Map(settled.map(({ key, status }) => [key, status === 'unknown' ? 'unreadable' : 'conformant'])),
    open: plan.steps.flatMap((planned) =>
      planned.status === 'drift' ? [{ planned, seen: seen(planned), tried: 0 }] : [],
    ),
    done: [],
  }
}

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
async function blocked({ plan, fates }: Course, host: RunHost): Promise<RunEnd | undefined> {
  const unknown = plan.steps.filter(({ key }) => fates.get(key) === 'unreadable')
  for (const [index, step] of unknown.entries()) {
    const { key, title, observation } = step
    const answer = await host.operator.passOver(step)
    if (answer === 'stop') {
      const reason = observation.state === 'unknown' ? observation.reason : ''
      const more = unknown.length > index + 1 ? ` (and ${unknown.length - index - 1} more)` : ''
      return { ending: 'failed', reason: `nothing was changed: ${title} could not be told: ${reason}${more}` }
    }
    const decision = { choice: 'skip' as const, reason: answer.reason }
    await host.append({ type: 'step.decided', body: { step: key, decision, by: host.operator.name } })
  }
  return undefined
}

/** What ends a run that somebody stopped where nothing was running. */
export const INTERRUPTED: RunEnd = { ending: 'interrupted', reason: 'no command is running, and nothing is in doubt' }

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
  const { plan, open, fates, done } = course
  const declined = open.some(({ planned }) => planned.apply) ? await enter(plan.environment, host) : undefined
  if (declined) return declined
  for (const [index, { planned, seen, tried, origin }] of open.entries()) {
    if (host.stopRequested()) throw new Interrupted()
    const step = boundTo(planned.key, steps)
    const turn = { planned, seen, tried, number: index + 1, of: open.length, startedAt: host.world.clock.now() }
    const end = await takeTurn(turn, step, course, steps, host)
    if ('ending' in end) return end
    if (end.fate === 'aborted') return { ending: seen === 'ambiguous' ? 'in-doubt' : 'declined', reason: end.note }
    fates.set(planned.key, end.fate)
    if (end.done) done.unshift({ run: '', ...end.done, ...(origin ? { planned: origin } : {}) })
    await host.tell({
      moment: 'step-ended',
      key: planned.key,
      title: planned.title,
      fate: end.fate,
      note: end.note,
      durationMs: host.world.clock.now().getTime() - turn.startedAt.getTime(),
    })
    const stop = stopAfter(planned.title, end.fate, end.note)
    if (stop) return stop
  }
  return undefined
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
    const end = await runStep({ ...turn, ...(last ? { last: last.planned.title } : {}) }, step, host)
    const { fate } = end
    if (fate !== 'undo-last') return { ...end, fate }
    if (last === undefined) continue
    const undone = await undoLast(last, course, boundTo(last.planned.key, steps), host)
    if (undone.ending === 'in-doubt' || undone.ending === 'interrupted') return undone
  }
}

/** Takes back the last change, as a run of its own within this one. */
async function undoLast(last: Done, course: Course, of: BoundStep, host: RunHost): Promise<RunEnd> {
  const { append, run } = await host.openUndo(last.planned.key)
  const mine = { ...last, run }
  const step = undoStep(mine, of)
  const plan = await planUndo(course.plan, [step], host)
  const inner = { ...host, append, operator: { ...host.operator, enter: async () => 'not-asked' as const } }
  await append(undoPlanned(plan))
  const undo = courseOf(plan, seenAmong([mine]))
  const end = await follow(undo, { steps: [step], checks: [], backfill: [] }, inner)
  if (end.ending !== 'done') return end
  course.done.shift()
  course.fates.set(last.planned.key, 'undone')
  return end
}

/** A protected environment is entered by saying so, once, before the first change. */
async function enter(environment: Plan['environment'], host: RunHost): Promise<RunEnd | undefined> {
  if (!environment.protected) return undefined
  const { name, project } = environment
  const entered = await host.operator.enter(environment)
  if (entered === 'not-asked') return undefined
  if (entered === 'refused') return { ending: 'declined', reason: `${name} is protected, and ${project} was not typed` }
  await host.append({
    type: 'environment.entered',
    body: { environment: name, project, by: host.operator.name },
  })
  return undefined
}

/** A step that did not end as it should ends the run: what comes after may lean on it. */
function stopAfter(title: string, fate: StepFate, note: string): RunEnd | undefined {
  switch (fate) {
    case 'conformant':
    case 'applied':
    case 'skipped':
    case 'left':
    case 'undone':
      return undefined
    case 'not-applied':
    case 'ambiguous':
    case 'unreadable':
      return { ending: 'failed', reason: `${title}: ${note}` }
    case 'in-doubt':
      return { ending: 'in-doubt', reason: `${title}: ${note}` }
  }
}

function endOf(course: Course, checks: Status[]): RunEnd {
  const fates = [...course.fates.values()]
  const left = fates.filter((fate) => fate === 'left' || fate === 'skipped' || fate === 'undone').length
  const failed = checks.filter((status) => status !== 'conformant').length
  const untold = fates.filter((fate) => fate === 'unreadable').length
  if (untold > 0)
    return {
      ending: 'failed',
      reason: `${untold} ${untold === 1 ? 'step' : 'steps'} could not be told and ${untold === 1 ? 'was' : 'were'} passed over`,
    }
  if (left > 0)
    return {
      ending: 'drift',
      reason: `${left} ${left === 1 ? 'step was' : 'steps were'} left as found${failed > 0 ? `, ${failed} of ${checks.length} checks do not hold` : ''}`,
    }
  if (failed > 0) return { ending: 'failed', reason: `${failed} of ${checks.length} checks at the end do not hold` }
  const undone = course.plan.steps.some(({ undoes }) => undoes !== undefined)
  return { ending: 'done', reason: undone ? 'everything is back as it was before' : describeDone(fates, checks.length) }
}

/** What a run that ended well may claim: what was right in the plan was seen then, and not again unless a check asks it. */
function describeDone(fates: StepFate[], checks: number): string {
  const changed = fates.filter((fate) => fate === 'applied').length
  const right = fates.length - changed
  const steps = (count: number) => (count === 1 ? '1 step was' : `${count} steps were`)
  const parts = [
    ...(changed > 0 ? [`${steps(changed)} changed and read back`] : []),
    ...(right > 0 ? [`${steps(right)} right when looked at`] : []),
    ...(checks > 0 ? [checks === 1 ? 'the check at the end holds' : `all ${checks} checks at the end hold`] : []),
  ]
  return parts.length > 0 ? parts.join(', ') : 'there was nothing to look at'
}

function countFates(fates: ReadonlyMap<string, StepFate>): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const fate of fates.values()) counts[fate] = (counts[fate] ?? 0) + 1
  return counts
}
