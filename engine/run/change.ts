import { formatDuration } from '../base/duration.ts'
import type { PlannedStep } from '../plan/types.ts'
import { sameObservation } from '../steps/compare.ts'
import {
  describeDuplicates,
  describeEvidence,
  describeObserved,
  describeUnreadEffect,
  isUnreadEffect,
} from '../steps/describe.ts'
import { duplicatesOf, isChange, readAgain } from '../steps/index.ts'
import { perform } from '../steps/perform.ts'
import type { Action, BoundStep, Observation } from '../steps/types.ts'
import type { Evidence } from '../steps/world.ts'
import type { ReadUntil, ReadVerdict, Verdict } from './model/events.ts'
import { type ByHand, Interrupted, type NotYet, type RunHost } from './model/host.ts'
import { describeMaker, isMadeRight, judgeMaker } from './model/maker.ts'
import type { StepRun } from './model/step-run.ts'
import { type Elapsed, elapsedOf, elapsedSince, instantOf } from './model/time-taken.ts'
import { type PendingEffect, pendingAfter, pendingByHand, refusalOf } from './open-ended.ts'
import { type ReadBack, readBack, verdictOf } from './read-back.ts'
import { reobserve } from './reobserve.ts'
import { remedyFor, triesFor, waitBefore } from './retry.ts'
import { askAgain, fixOf } from './unreadable.ts'

/** Describes how a change ended: by its read-back, or because somebody else changed the resource first. */
export type ChangeEnd =
  | { status: Verdict; note: string; readBack: Observation; evidence: Evidence }
  | { status: 'moved'; current: PlannedStep }

/**
 * Applies a step, and tries again if that can help. `tried` counts earlier attempts. Before each new attempt it
 * observes again that nothing has changed: a change may take effect after its read-back gave up.
 */
export async function change(current: PlannedStep, step: BoundStep, tried: number, host: RunHost): Promise<ChangeEnd> {
  for (let attempt = tried + 1; ; attempt++) {
    const command = await applyOnce(current, step, attempt, host)
    const { evidence } = command
    const remedy = remedyFor(evidence.failure)
    // A change that would be tried again may still take effect: wait for it first, so that it is never made twice.
    const isLast = attempt - tried >= triesFor(evidence.failure, step.retry.attempts)
    const applied = { ...command, toTheEnd: !isLast && remedy === 'try-again' }
    const end = await readAndConclude(current, step, attempt, applied, host)
    if (end.status === 'ambiguous' && remedy === 'observe-again')
      return movedOr(end, { current, step, attempt, applied }, host)
    if (end.status !== 'not-applied' || remedy === 'stop' || isLast || host.noMore()) return end
    const pauseMs = waitBefore(attempt - tried, step.retry.everyMs, evidence, host.random())
    await host.report({ type: 'step-pausing', key: step.key, pauseMs })
    await pause(pauseMs, host)
    if (host.noMore()) return end
    const later = await reobserve(current, step, host)
    if (sameObservation(later.observation, current.observation)) continue
    if (remedy === 'observe-again' && later.status === 'drift') return { status: 'moved', current: later }
    return readAndConclude(current, step, attempt, applied, host)
  }
}

/** Waits before the next attempt, a second at a time, until another step ends the run. */
async function pause(ms: number, { world, noMore }: RunHost): Promise<void> {
  const until = elapsedOf(world) + ms
  let left = ms
  while (left > 0 && !noMore()) {
    const slice = Math.min(left, 1000)
    await world.clock.sleep(slice)
    // In a sandbox, parallel waits may have moved the clock further.
    left = Math.min(left - slice, until - elapsedOf(world))
  }
}

/** Observes again after our command lost to somebody else's: nobody has consented to changing what they made. */
async function movedOr(
  end: ChangeEnd,
  { current, step, attempt, applied }: { current: PlannedStep; step: BoundStep; attempt: number; applied: Applied },
  host: RunHost,
): Promise<ChangeEnd> {
  if (host.stopRequested()) return end
  const later = await reobserve(current, step, host)
  return later.status === 'drift'
    ? { status: 'moved', current: later }
    : readAndConclude(current, step, attempt, applied, host)
}

/** How long to read after a person says that a step is done, before asking them again. */
const LONGEST_READ_BACK_MS = 60_000

/**
 * Waits while the operator does the step by hand. Only the read-back decides whether it is done: until then the
 * operator sees what is observed, and waits or leaves the step. Logs an outcome even if they just stop.
 */
export async function leaveToPerson(
  current: PlannedStep,
  step: BoundStep,
  stepRun: StepRun,
  host: RunHost,
): Promise<ChangeEnd | Left> {
  const attempt = stepRun.tried + 1
  const evidence: Evidence = { exitCode: null, stderr: '', durationMs: 0, byHand: true }
  const settle = { ...step.settle, withinMs: Math.min(step.settle.withinMs, LONGEST_READ_BACK_MS) }
  await intend(current, step, attempt, host, host.operator.name)
  for (let notYet: NotYet | undefined; ; ) {
    const said = await host.operator.byHand(current, notYet).catch((gaveUp: unknown) => ({ gaveUp }))
    stepRun.startedAt = instantOf(host.world)
    if ('words' in said && said.words !== undefined) evidence.words = said.words
    await host.report({ type: 'step-applying', key: step.key, title: step.title, attempt, byHand: true })
    const isDone = 'says' in said && said.says === 'done'
    const pending = isDone ? pendingByHand(current.apply) : undefined
    const read = await readAfter(current, { ...step, settle }, { evidence, pending }, host)
    if (isDone && read.verdict !== 'applied' && !host.stopRequested()) {
      notYet = { says: describeObserved(read.observation, read.expectation), changed: read.verdict !== 'not-applied' }
      await host.report({ type: 'step-not-yet', key: step.key, title: step.title, elapsed: read.elapsed })
      continue
    }
    const end = await conclude(current, step, attempt, evidence, read, host)
    if ('gaveUp' in said) throw said.gaveUp
    return said.says === 'done' || end.status !== 'not-applied' ? end : { status: 'left', said }
  }
}

/** Describes that a person left a manual step unchanged. */
export type Left = { status: 'left'; said: Exclude<ByHand, { says: 'done' }> }

/** Describes what a command left behind, and what may still happen. */
type Applied = { evidence: Evidence; pending?: PendingEffect | undefined; toTheEnd?: boolean }

async function applyOnce(current: PlannedStep, step: BoundStep, attempt: number, host: RunHost): Promise<Applied> {
  const action = await intend(current, step, attempt, host)
  if (!isChange(action)) throw new Error(`${step.key} is not for the engine to do`)
  await host.report({ type: 'step-applying', key: step.key, title: step.title, attempt })
  const begun = host.world.clock.now()
  const evidence = await perform(action, host.world, step.timeoutMs)
  return { evidence, pending: pendingAfter(evidence, action, begun, host.world) }
}

/**
 * Logs the intent before the change, unless the person wants to stop. Returns the action; `person` makes it by hand.
 */
export async function intend(
  current: PlannedStep,
  step: Pick<BoundStep, 'key'>,
  attempt: number,
  host: RunHost,
  person?: string,
): Promise<Action> {
  const { observation: before, apply: action, undo } = current
  if (!action) throw new Error(`${step.key} has nothing to apply`)
  const by = person === undefined ? {} : { person }
  const body = { step: step.key, attempt, action, before, ...(undo ? { undo } : {}), ...by }
  if (host.noMore()) throw new Interrupted()
  await host.append({ type: 'step.intent', body })
  return action
}

type Read = ReadBack & { verdict: ReadVerdict; elapsed: Elapsed }

/** Reads back what a command or a person did, and judges the change. */
async function readAfter(
  current: PlannedStep,
  step: BoundStep,
  { evidence: { failure }, ...sent }: Applied,
  host: RunHost,
): Promise<Read> {
  const { observation: before, expectation, apply } = current
  const refused = failure && apply && refusalOf(failure, apply)
  const started = instantOf(host.world)
  const readStep = async (mayBeLast: boolean) => {
    const ahead = host.noMore() ? undefined : host.ahead
    const world = ahead?.worldFor(step.key, host.world, mayBeLast) ?? host.world
    return { ...(await readAgain(step, world, expectation)), expectation }
  }
  const read = await readBack(
    step,
    readStep,
    before,
    { failure, refused, ...sent },
    { ...host, again: askAgain(current, host) },
  )
  return { ...read, verdict: verdictOf(before, read), elapsed: elapsedSince(started, host.world) }
}

const readAndConclude = async (
  current: PlannedStep,
  step: BoundStep,
  attempt: number,
  applied: Applied,
  host: RunHost,
) => conclude(current, step, attempt, applied.evidence, await readAfter(current, step, applied, host), host)

/** Logs the outcome of a read-back, and looks for duplicates of the change. */
async function conclude(
  current: PlannedStep,
  step: BoundStep,
  attempt: number,
  evidence: Evidence,
  read: Read,
  host: RunHost,
): Promise<Extract<ChangeEnd, { readBack: Observation }>> {
  const { observation: before, expectation, apply: action } = current
  const { elapsed } = read
  const { failure } = evidence
  const { verdict, maker } =
    failure && action
      ? await judgeMaker(read.verdict, { step: step.key, action, failure }, host)
      : { verdict: read.verdict }
  const body = {
    step: step.key,
    attempt,
    verdict,
    ...(maker ? { maker } : {}),
    evidence,
    readBack: read.observation,
    expectation,
    reads: read.reads,
    until: read.until,
    ...(verdict === 'in-doubt' ? { openForMs: Math.round(read.openForMs) } : {}),
    ...elapsed,
    durationMs: evidence.durationMs + elapsed.durationMs,
  }
  await host.append({ type: 'step.outcome', body })
  const twice = await reportDuplicates(step, before, read.observation, host)
  const note = [
    isMadeRight(verdict)
      ? `${describeMaker(verdict, maker)} (${describeEvidence(evidence)})`
      : noteOn(verdict, evidence, read),
    twice,
  ]
    .filter((text) => text !== '')
    .join('; ')
  return { status: verdict, note, readBack: read.observation, evidence }
}

/** Logs what a change made more than once; returns a description, or an empty text. */
export async function reportDuplicates(
  step: BoundStep,
  before: Observation,
  after: Observation,
  { world, append }: Pick<RunHost, 'world' | 'append'>,
): Promise<string> {
  const duplicates = await duplicatesOf(step, before, after, world)
  if (!duplicates) return ''
  await append({ type: 'step.duplicated', body: { step: step.key, duplicates } })
  return describeDuplicates(duplicates)
}

function noteOn(verdict: ReadVerdict, evidence: Evidence, read: ReadBack): string {
  const { exitCode, failure } = evidence
  const said = describeEvidence(evidence)
  switch (verdict) {
    case 'applied':
      return failure
        ? `gcloud exited ${exitCode ?? 'without a code'}, but the change is there (${failure.message})`
        : evidence.byHand
          ? `done by hand${evidence.words === undefined ? '' : `: ${evidence.words}`}`
          : ''
    case 'not-applied': {
      if (read.says !== undefined) return `${said}; its operation failed: ${read.says}`
      return failure ? said : `${said}, but nothing has changed`
    }
    case 'ambiguous': {
      const is = describeObserved(read.observation, read.expectation)
      return `${said}, but it is neither as before nor correct: ${read.says === undefined ? is : `${is} (${read.says})`}`
    }
    case 'in-doubt':
      return isUnreadEffect(evidence) && read.observation.state === 'unknown'
        ? describeUnreadEffect(unreadOf(read.observation, read.until))
        : `${said}; ${doubtOf(read)}`
  }
}

/** Describes why a change is in doubt, and what a person can do about it. */
export function doubtOf({ observation, expectation, until, openForMs }: ReadBack): string {
  if (observation.state === 'unknown') return `cannot read whether the change was made: ${unreadOf(observation, until)}`
  const is = describeObserved(observation, expectation)
  return `so far ${is}; the change may still take effect for up to ${formatDuration(openForMs)}`
}

function unreadOf({ cause, reason }: Extract<Observation, { state: 'unknown' }>, until: ReadUntil): string {
  const fix = until === 'refused' ? `; ${fixOf(cause)}, then resume` : ''
  return `${reason.replace(/\.$/, '')}${fix}`
}
