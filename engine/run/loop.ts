import { protectedAmong } from '../plan/affected-projects.ts'
import type { Plan, PlannedStep } from '../plan/types.ts'
import { changesAnything } from '../steps/index.ts'
import type { BoundStep } from '../steps/types.ts'
import { observeBackfill } from './backfill.ts'
import { runChecks } from './checks.ts'
import { countStatuses, endOf, INTERRUPTED, stopAfter } from './ending.ts'
import { type ConditionOf, Interrupted, type RunHost, type StepCondition } from './model/host.ts'
import type { BaselineOf, BoundWork, Done, PendingStep, RunEnd, RunProgress } from './model/progress.ts'
import type { StepEnd, StepRun } from './model/step-run.ts'
import type { Baseline } from './model/step-state.ts'
import { STATUSES, type StepStatus } from './model/step-status.ts'
import { elapsedSince, instantOf } from './model/time-taken.ts'
import { type Batch, type BatchProgress, nextAfter, oneAtATime, parallel } from './schedule/dependencies.ts'
import { isPending, reasonNotNeeded } from './schedule/pending-steps.ts'
import { prefetch } from './schedule/prefetch.ts'
import { runBatch } from './schedule/scheduler.ts'
import { runStep } from './step-run.ts'
import { conditionsOf, planUndo, startedFrom, undoPlanned, undoStep } from './undo.ts'

/**
 * Runs a plan: each drifted step in order, then the checks, then the backfill comparison. Always closes the run in the
 * log.
 */
export function runPlan(plan: Plan, work: BoundWork, host: RunHost, baseline?: BaselineOf): Promise<RunEnd> {
  return runToEnd(progressOf(plan, undefined, baseline), work, host)
}

/** Returns the progress of a plan that nothing was done about; `condition` returns how each drifted step stands. */
export function progressOf(
  plan: Plan,
  condition: ConditionOf = () => 'as-planned',
  baseline: BaselineOf = () => undefined,
): RunProgress {
  const statuses = new Map<string, StepStatus>()
  for (const { key, status } of plan.steps)
    if (status === 'unknown' || status === 'conformant')
      statuses.set(key, status === 'unknown' ? 'unreadable' : 'conformant')
  const pending = plan.steps.filter(isPending)
  return {
    plan,
    statuses,
    pending: pending.map((planned) => pendingStep(planned, condition(planned), 0, baseline(planned))),
    done: [],
  }
}

/** Returns a pending step. Its change began at `baseline`, or begins here. */
export const pendingStep = (
  planned: PlannedStep,
  condition: StepCondition,
  tried: number,
  baseline: Omit<Baseline, 'run'> | undefined,
): PendingStep => ({
  planned,
  condition,
  tried,
  ...(baseline ? { baseline: startedFrom(planned, baseline) } : {}),
})

/** Runs the rest of a plan to its end. */
export async function runToEnd(progress: RunProgress, work: BoundWork, host: RunHost): Promise<RunEnd> {
  return close(await runAll(progress, work, host), progress.statuses, host)
}

/** Logs how a run ended. */
export async function close(end: RunEnd, statuses: ReadonlyMap<string, StepStatus>, host: RunHost): Promise<RunEnd> {
  await host.append({ type: 'run.closed', body: { ...end, counts: countStatuses(statuses) } })
  return end
}

/** Ends the run before anything is changed if a step can't be read, unless the operator skips it with a reason. */
async function blocked({ plan, statuses, pending }: RunProgress, host: RunHost): Promise<RunEnd | undefined> {
  const unknown = plan.steps.filter(({ key }) => statuses.get(key) === 'unreadable')
  for (const [index, step] of unknown.entries()) {
    const { key, title, observation } = step
    const answer = await host.operator.passOver(step)
    if (answer === 'stop') {
      const reason = observation.state === 'unknown' ? observation.reason : ''
      const more = unknown.length > index + 1 ? ` (and ${unknown.length - index - 1} more)` : ''
      const began =
        [...statuses.values()].some((status) => STATUSES[status].begun) || pending.some(({ tried }) => tried > 0)
      const nothing = began ? 'nothing more was changed' : 'nothing was changed'
      return { ending: 'failed', reason: `${nothing}: ${title}: could not be read: ${reason}${more}` }
    }
    const decision = { choice: 'skip' as const, reason: answer.reason }
    await host.append({ type: 'step.decided', body: { step: key, decision, by: host.operator.name } })
  }
  return undefined
}

async function runAll(progress: RunProgress, work: BoundWork, host: RunHost): Promise<RunEnd> {
  try {
    const stopped = (await blocked(progress, host)) ?? (await runSteps(progress, work.steps, host))
    if (stopped) return stopped
    if (host.stopRequested()) throw new Interrupted()
    const results = await runChecks(work.checks, host)
    if (host.stopRequested()) throw new Interrupted()
    for (const body of await observeBackfill(work.backfill, host.repository)) {
      await host.append({ type: 'backfill.observed', body })
      await host.report({ type: 'backfill-observed', ...body })
    }
    return endOf(progress, results)
  } catch (error) {
    if (error instanceof Interrupted) return INTERRUPTED
    throw error
  }
}

async function runSteps(progress: RunProgress, steps: BoundStep[], host: RunHost): Promise<RunEnd | undefined> {
  const { plan, pending } = progress
  const changes = pending.some(({ planned: { apply } }) => apply !== undefined && changesAnything(apply))
  const declined = changes ? await enter(plan, host) : undefined
  if (declined) return declined
  const batchProgress: BatchProgress = { begun: new Set(), ended: new Set() }
  if (host.operator.asks) return runBatches(oneAtATime(pending), batchProgress, progress, steps, host)
  const batches = parallel(pending, steps)
  const nextStep = (key: string) => nextAfter(key, batches, batchProgress)?.item.planned
  const ahead = prefetch(nextStep, steps, host)
  return runBatches(batches, batchProgress, progress, steps, { ...host, ahead }).finally(ahead.settled)
}

async function runBatches(
  batches: Batch[],
  batchProgress: BatchProgress,
  progress: RunProgress,
  steps: BoundStep[],
  host: RunHost,
): Promise<RunEnd | undefined> {
  for (const batch of batches) {
    const end = await runBatch(batch, batchProgress, (item, within) => runPending(item, progress, steps, within), host)
    if (end) return end
  }
  return undefined
}

/** Runs one pending step; returns how the run ends, if the step ends it. */
async function runPending(
  item: PendingStep,
  progress: RunProgress,
  steps: BoundStep[],
  host: RunHost,
): Promise<RunEnd | undefined> {
  const { planned, condition, tried, baseline } = item
  const { key, title } = planned
  if (await skipUnneeded(planned, progress, host)) return undefined
  const shown = progress.pending.filter((each) => each.planned.status !== 'conformant')
  const [number, of] = [shown.indexOf(item) + 1, shown.length]
  await host.report({ type: 'step-started', key, number, of })
  const stepRun = { planned, condition, tried, number, of, startedAt: instantOf(host.world) }
  const end = await runWithUndo(stepRun, boundTo(key, steps), progress, steps, host)
  if ('ending' in end) return end
  const { status, note, done } = end
  if (status === 'aborted') return { ending: condition === 'ambiguous' ? 'in-doubt' : 'declined', reason: note }
  progress.statuses.set(key, status)
  if (done) progress.done.unshift({ run: '', ...done, ...(baseline ? { planned: baseline } : {}) })
  await host.report({
    type: 'step-ended',
    key,
    title,
    status,
    note,
    elapsed: elapsedSince(stepRun.startedAt, host.world),
  })
  return stopAfter(title, status, note)
}

function boundTo(key: string, steps: BoundStep[]): BoundStep {
  const step = steps.find((each) => each.key === key)
  if (!step) throw new Error(`the plan has ${key}, which is not bound`)
  return step
}

type Ended = { status: StepStatus | 'aborted'; note: string; done?: StepEnd['done'] }

/** Runs a step. The operator may first undo the last change, as often as there is one. */
async function runWithUndo(
  stepRun: StepRun,
  step: BoundStep,
  progress: RunProgress,
  steps: BoundStep[],
  host: RunHost,
): Promise<Ended | RunEnd> {
  for (;;) {
    const [last] = progress.done
    const changed = progress.done.map(({ planned }) => planned)
    const own = { ...stepRun, changed, ...(last ? { last: last.planned.title } : {}) }
    const end = await runStep(own, step, host)
    // A person's time doesn't count: the step began when they had answered.
    stepRun.startedAt = own.startedAt
    const { status } = end
    if (status !== 'undo-last') return { ...end, status }
    if (last === undefined) continue
    const undone = await undoLast(last, progress, boundTo(last.planned.key, steps), host)
    if (undone.ending === 'in-doubt' || undone.ending === 'interrupted') return undone
  }
}

/** Undoes the last change, as a run of its own within this one. */
async function undoLast(last: Done, progress: RunProgress, of: BoundStep, host: RunHost): Promise<RunEnd> {
  const { append, run, consent } = await host.openUndo(last.planned.key)
  const mine = { ...last, run }
  const step = undoStep(mine, of)
  const plan = await planUndo(progress.plan, [step], host)
  const inner = { ...host, append, operator: { ...host.operator, enter: async () => 'not-asked' as const } }
  await append(undoPlanned(plan))
  const given = (await consent?.(plan)) ?? { events: [] }
  if ('declined' in given) return close({ ending: 'declined', reason: given.declined }, new Map(), inner)
  for (const event of given.events) await append(event)
  const undo = progressOf(plan, conditionsOf([mine]))
  const end = await runToEnd(undo, { steps: [step], checks: [], backfill: [] }, inner)
  if (end.ending !== 'done') return end
  progress.done.shift()
  progress.statuses.set(last.planned.key, 'undone')
  return end
}

/** Skips a question or a wait that isn't needed, and logs why. */
async function skipUnneeded(planned: PlannedStep, progress: RunProgress, host: RunHost): Promise<boolean> {
  const reason = reasonNotNeeded(planned, progress)
  if (reason === undefined) return false
  const { key, title } = planned
  if (planned.status === 'conformant') return true
  await host.append({ type: 'step.not-needed', body: { step: key, reason } })
  progress.statuses.set(key, 'not-needed')
  await host.report({ type: 'step-ended', key, title, status: 'not-needed', note: reason, elapsed: { durationMs: 0 } })
  return true
}

/** Asks once for the project id of each protected environment that the plan affects, before the first change. */
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
