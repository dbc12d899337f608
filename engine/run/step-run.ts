import { withObservation } from '../plan/observe.ts'
import type { PlannedStep } from '../plan/types.ts'
import { sameObservation } from '../steps/compare.ts'
import { describeDuplicates, describeEvidence } from '../steps/describe.ts'
import { duplicatesOf, observeAgain, perform } from '../steps/index.ts'
import type { Action, BoundStep } from '../steps/types.ts'
import type { Evidence } from '../steps/world.ts'
import type { Decision, Verdict } from './events.ts'
import { Interrupted, type RunHost, type StepFate } from './host.ts'
import { readBack, verdictOf } from './read-back.ts'

/** What became of a step, and why in a few words. */
export type StepEnd = { fate: StepFate; note: string } | { fate: 'aborted'; note: string }

/** A step's turn: its place among the drifted ones, and when work on it began (thinking time doesn't count). */
type Turn = { number: number; of: number; startedAt: Date }

/** Takes one drifted step through consent, re-observation, apply and read-back. */
export async function runStep(planned: PlannedStep, step: BoundStep, turn: Turn, host: RunHost): Promise<StepEnd> {
  if (!planned.apply) return lookAgain(planned, step, host)
  const first = await consent(planned, false, turn, host)
  if (!consents(first)) return declined(first)
  let choice: Consent = first
  let current = await reobserve(planned, step, host)
  if (current.status === 'drift' && !sameObservation(current.observation, planned.observation)) {
    const second = await consent(current, true, turn, host)
    if (!consents(second)) return declined(second)
    choice = second
    const seen = current.observation
    current = await reobserve(current, step, host)
    if (current.status === 'drift' && !sameObservation(current.observation, seen))
      return {
        fate: 'aborted',
        note: `${step.title} keeps changing, somebody else is at work on it; nothing was done to it`,
      }
  }
  switch (current.status) {
    case 'conformant':
      return { fate: 'conformant', note: 'it is right by now, nothing was done' }
    case 'unknown':
      return { fate: 'unreadable', note: reasonOf(current) }
    case 'drift':
      return choice.choice === 'by-hand' ? leaveToPerson(current, step, host) : applyWithRetries(current, step, host)
  }
}

type Consent = Extract<Decision, { choice: 'apply' | 'by-hand' }>

const consents = (decision: Decision): decision is Consent =>
  decision.choice === 'apply' || decision.choice === 'by-hand'

const declined = (decision: Exclude<Decision, Consent>): StepEnd =>
  decision.choice === 'skip' ? { fate: 'skipped', note: decision.reason } : { fate: 'aborted', note: decision.reason }

async function consent(planned: PlannedStep, moved: boolean, turn: Turn, host: RunHost): Promise<Decision> {
  const decision = await host.operator.decide(planned, moved, turn)
  turn.startedAt = host.world.clock.now()
  await host.append({ type: 'step.decided', body: { step: planned.key, decision, by: host.operator.name } })
  return decision
}

async function lookAgain(planned: PlannedStep, step: BoundStep, host: RunHost): Promise<StepEnd> {
  const current = await reobserve(planned, step, host)
  switch (current.status) {
    case 'conformant':
      return { fate: 'conformant', note: 'it is right by now' }
    case 'unknown':
      return { fate: 'unreadable', note: reasonOf(current) }
    case 'drift':
      return { fate: 'left', note: planned.note ?? 'the runbook only shows this; it was left as it is' }
  }
}

async function reobserve(planned: PlannedStep, step: BoundStep, host: RunHost): Promise<PlannedStep> {
  const current = withObservation(step, planned, await observeAgain(step, host.world))
  const moved = !sameObservation(current.observation, planned.observation)
  await host.append({
    type: 'step.observed',
    body: { step: planned.key, observation: current.observation, status: current.status, moved },
  })
  return current
}

const reasonOf = (step: PlannedStep): string => (step.observation.state === 'unknown' ? step.observation.reason : '')

/** Tries again only what is seen, right before, to be still as it was: a change may come after its read-back has given up. */
async function applyWithRetries(current: PlannedStep, step: BoundStep, host: RunHost): Promise<StepEnd> {
  for (let attempt = 1; ; attempt++) {
    const evidence = await applyOnce(current, step, attempt, host)
    const end = await conclude(current, step, attempt, evidence, host)
    if (end.fate !== 'not-applied' || attempt >= step.retry.attempts || !worthAnotherTry(evidence)) return end
    if (!host.stopRequested()) await host.world.clock.sleep(step.retry.everyMs)
    if (host.stopRequested()) return end
    const later = await reobserve(current, step, host)
    if (sameObservation(later.observation, current.observation)) continue
    return conclude(current, step, attempt, evidence, host)
  }
}

const worthAnotherTry = ({ failure }: Evidence): boolean =>
  failure === undefined || !['denied', 'no-login', 'disabled-api', 'no-gcloud'].includes(failure.cause)

async function applyOnce(current: PlannedStep, step: BoundStep, attempt: number, host: RunHost): Promise<Evidence> {
  const action = await intend(current, step, attempt, host)
  await host.tell({ moment: 'step-applying', key: step.key, title: step.title, attempt })
  return perform(action, host.world, step.timeoutMs)
}

/** Writes the intent ahead of the change, unless the person wants to stop; answers the action that it is about. */
async function intend(current: PlannedStep, step: BoundStep, attempt: number, host: RunHost): Promise<Action> {
  const { observation: before, apply: action, undo } = current
  if (!action) throw new Error(`${step.key} has nothing to apply`)
  const body = { step: step.key, attempt, action, before, ...(undo ? { undo } : {}) }
  if (host.stopRequested()) throw new Interrupted()
  await host.append({ type: 'step.intent', body })
  return action
}

/** Waits while the operator does the step by hand, and then reads back what is there, whether they finished or gave up. */
async function leaveToPerson(current: PlannedStep, step: BoundStep, host: RunHost): Promise<StepEnd> {
  const started = host.world.clock.now().getTime()
  await intend(current, step, 1, host)
  const left = await host.operator.byHand(current).then(
    () => undefined,
    (reason: unknown) => reason,
  )
  const evidence: Evidence = {
    exitCode: null,
    stderr: '',
    durationMs: host.world.clock.now().getTime() - started,
    byHand: true,
  }
  await host.tell({ moment: 'step-applying', key: step.key, title: step.title, attempt: 1 })
  const end = await conclude(current, step, 1, evidence, host)
  if (left !== undefined) throw left
  return end
}

/** Reads back what a command did, writes its outcome, and looks whether it did it more than once. */
async function conclude(
  current: PlannedStep,
  step: BoundStep,
  attempt: number,
  evidence: Evidence,
  host: RunHost,
): Promise<StepEnd> {
  const { observation: before, expectation } = current
  const started = host.world.clock.now().getTime()
  const read = await readBack(step, current, evidence.failure, host)
  const verdict = verdictOf(before, read)
  const durationMs = evidence.durationMs + host.world.clock.now().getTime() - started
  const body = {
    step: step.key,
    attempt,
    verdict,
    evidence,
    readBack: read.observation,
    expectation,
    reads: read.reads,
    durationMs,
  }
  await host.append({ type: 'step.outcome', body })
  const note = noteOn(verdict, evidence)
  const duplicates = await duplicatesOf(step, before, read.observation, host.world)
  if (!duplicates) return { fate: verdict, note }
  await host.append({ type: 'step.duplicated', body: { step: step.key, duplicates } })
  return { fate: verdict, note: [note, describeDuplicates(duplicates)].filter((text) => text !== '').join('; ') }
}

function noteOn(verdict: Verdict, evidence: Evidence): string {
  const { exitCode, failure } = evidence
  const said = describeEvidence(evidence)
  switch (verdict) {
    case 'applied':
      return failure
        ? `gcloud exited ${exitCode ?? 'without a code'}, but the change is there (${failure.message})`
        : evidence.byHand
          ? said
          : ''
    case 'not-applied':
      return failure ? said : `${said}, but nothing has changed`
    case 'ambiguous':
      return `${said}, but it is neither as before nor as it must be`
    case 'in-doubt':
      return `${said}; whether the change is there could not be read`
  }
}
