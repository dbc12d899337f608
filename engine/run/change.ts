import type { PlannedStep } from '../plan/types.ts'
import { sameObservation } from '../steps/compare.ts'
import { describeDuplicates, describeEvidence, describeObserved } from '../steps/describe.ts'
import { duplicatesOf, isChange, observeAgain, perform } from '../steps/index.ts'
import type { Action, BoundStep, Observation } from '../steps/types.ts'
import type { Evidence } from '../steps/world.ts'
import type { Verdict } from './events.ts'
import { type ByHand, Interrupted, type NotYet, type RunHost } from './host.ts'
import { type ReadBack, readBack, verdictOf } from './read-back.ts'
import { reobserve } from './reobserve.ts'
import { remedyFor, triesFor, waitBefore } from './retry.ts'
import type { Turn } from './step-run.ts'
import { instantOf, type Taken, takenSince } from './time-taken.ts'

/** How a change ended: by its read-back, or because somebody else had changed the thing meanwhile. */
export type ChangeEnd =
  | { fate: Verdict; note: string; readBack: Observation; evidence: Evidence }
  | { fate: 'moved'; current: PlannedStep }

/**
 * Applies a step that was tried so often before. Tries again only what is seen, right before, to be still as it was: a change may come after its
 * read-back has given up.
 */
export async function change(current: PlannedStep, step: BoundStep, tried: number, host: RunHost): Promise<ChangeEnd> {
  for (let attempt = tried + 1; ; attempt++) {
    const evidence = await applyOnce(current, step, attempt, host)
    const end = await readAndConclude(current, step, attempt, evidence, host)
    const remedy = remedyFor(evidence.failure)
    if (end.fate === 'ambiguous' && remedy === 'look-again')
      return movedOr(end, { current, step, attempt, evidence }, host)
    if (end.fate !== 'not-applied' || remedy === 'stop') return end
    if (attempt - tried >= triesFor(evidence.failure, step.retry.attempts)) return end
    if (host.noMore()) return end
    const pauseMs = waitBefore(attempt - tried, step.retry.everyMs, evidence, host.random())
    await host.tell({ moment: 'step-pausing', key: step.key, pauseMs })
    await pause(pauseMs, host)
    if (host.noMore()) return end
    const later = await reobserve(current, step, host)
    if (sameObservation(later.observation, current.observation)) continue
    if (remedy === 'look-again' && later.status === 'drift') return { fate: 'moved', current: later }
    return readAndConclude(current, step, attempt, evidence, host)
  }
}

/** Waits before the next try, a second at a time, and no longer than until a step beside it has ended the run. */
async function pause(ms: number, { world: { clock }, noMore }: RunHost): Promise<void> {
  const until = clock.now().getTime() + ms
  let left = ms
  while (left > 0 && !noMore()) {
    const slice = Math.min(left, 1000)
    await clock.sleep(slice)
    // Others who wait beside it may have slept further, in a sandbox; and a clock that is set back makes it no longer.
    left = Math.min(left - slice, until - clock.now().getTime())
  }
}

/** Our command was refused because of somebody else's, so what is there is theirs, and nobody has consented to changing that. */
async function movedOr(
  end: ChangeEnd,
  { current, step, attempt, evidence }: { current: PlannedStep; step: BoundStep; attempt: number; evidence: Evidence },
  host: RunHost,
): Promise<ChangeEnd> {
  if (host.stopRequested()) return end
  const later = await reobserve(current, step, host)
  return later.status === 'drift'
    ? { fate: 'moved', current: later }
    : readAndConclude(current, step, attempt, evidence, host)
}

/** So long is read after a person has said that a step is done; then they are asked again. */
const LONGEST_LOOK_MS = 60_000

/**
 * Waits while the operator does the step by hand. What is read alone says whether it is done: while it is not, the
 * operator sees what is observed and waits on, or leaves the step. A person who only stops gets their outcome too.
 */
export async function leaveToPerson(
  current: PlannedStep,
  step: BoundStep,
  turn: Turn,
  host: RunHost,
): Promise<ChangeEnd | Left> {
  const attempt = turn.tried + 1
  const evidence: Evidence = { exitCode: null, stderr: '', durationMs: 0, byHand: true }
  const settle = { ...step.settle, withinMs: Math.min(step.settle.withinMs, LONGEST_LOOK_MS) }
  await intend(current, step, attempt, host, host.operator.name)
  for (let notYet: NotYet | undefined; ; ) {
    const said = await host.operator.byHand(current, notYet).catch((gaveUp: unknown) => ({ gaveUp }))
    turn.startedAt = instantOf(host.world)
    if ('words' in said && said.words !== undefined) evidence.words = said.words
    await host.tell({ moment: 'step-applying', key: step.key, title: step.title, attempt, byHand: true })
    const read = await readAfter(current, { ...step, settle }, evidence, host)
    const isDone = 'says' in said && said.says === 'done'
    if (isDone && read.verdict !== 'applied' && !host.stopRequested()) {
      notYet = { says: describeObserved(read.observation, read.expectation), changed: read.verdict !== 'not-applied' }
      await host.tell({ moment: 'step-not-yet', key: step.key, title: step.title, taken: read.taken })
      continue
    }
    const end = await conclude(current, step, attempt, evidence, read, host)
    if ('gaveUp' in said) throw said.gaveUp
    return said.says === 'done' || end.fate !== 'not-applied' ? end : { fate: 'left', said }
  }
}

/** A person left a step that they were to do by hand, and nothing of it had changed. */
export type Left = { fate: 'left'; said: Exclude<ByHand, { says: 'done' }> }

async function applyOnce(current: PlannedStep, step: BoundStep, attempt: number, host: RunHost): Promise<Evidence> {
  const action = await intend(current, step, attempt, host)
  if (!isChange(action)) throw new Error(`${step.key} is not for the engine to do`)
  await host.tell({ moment: 'step-applying', key: step.key, title: step.title, attempt })
  return perform(action, host.world, step.timeoutMs)
}

/** Writes the intent ahead of the change, unless the person wants to stop; answers the action that it is about. `person` makes it by hand. */
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

type Read = ReadBack & { verdict: Verdict; taken: Taken }

/** Reads back what a command or a person did, and what that says of the change. */
async function readAfter(
  { observation: before, expectation }: PlannedStep,
  step: BoundStep,
  { failure }: Evidence,
  host: RunHost,
): Promise<Read> {
  const started = instantOf(host.world)
  const look = async (mayBeLast: boolean) => {
    const ahead = host.noMore() ? undefined : host.ahead
    const world = ahead?.worldFor(step.key, host.world, mayBeLast) ?? host.world
    return { observation: await observeAgain(step, world, expectation), expectation }
  }
  const read = await readBack(step, look, before, failure, host)
  return { ...read, verdict: verdictOf(before, read), taken: takenSince(started, host.world) }
}

const readAndConclude = async (
  current: PlannedStep,
  step: BoundStep,
  attempt: number,
  evidence: Evidence,
  host: RunHost,
) => conclude(current, step, attempt, evidence, await readAfter(current, step, evidence, host), host)

/** Writes the outcome of what was read back, and looks whether the change was made more than once. */
async function conclude(
  current: PlannedStep,
  step: BoundStep,
  attempt: number,
  evidence: Evidence,
  read: Read,
  host: RunHost,
): Promise<Extract<ChangeEnd, { readBack: Observation }>> {
  const { observation: before, expectation } = current
  const { verdict, taken } = read
  const body = {
    step: step.key,
    attempt,
    verdict,
    evidence,
    readBack: read.observation,
    expectation,
    reads: read.reads,
    ...taken,
    durationMs: evidence.durationMs + taken.durationMs,
  }
  await host.append({ type: 'step.outcome', body })
  const twice = await lookForDuplicates(step, before, read.observation, host)
  const note = [noteOn(verdict, evidence, describeObserved(read.observation, read.expectation)), twice]
    .filter((text) => text !== '')
    .join('; ')
  return { fate: verdict, note, readBack: read.observation, evidence }
}

/** Writes down what a change has left behind more than once; answers that in words, empty where there is nothing. */
export async function lookForDuplicates(
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

function noteOn(verdict: Verdict, evidence: Evidence, observed: string): string {
  const { exitCode, failure } = evidence
  const said = describeEvidence(evidence)
  switch (verdict) {
    case 'applied':
      return failure
        ? `gcloud exited ${exitCode ?? 'without a code'}, but the change is there (${failure.message})`
        : evidence.byHand
          ? `done by hand${evidence.words === undefined ? '' : `: ${evidence.words}`}`
          : ''
    case 'not-applied':
      return failure ? said : `${said}, but nothing has changed`
    case 'ambiguous':
      return `${said}, but it is neither as before nor as it must be: ${observed}`
    case 'in-doubt':
      return `${said}; whether the change is there could not be read`
  }
}
