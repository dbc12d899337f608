import type { PlannedStep } from '../plan/types.ts'
import { sameObservation } from '../steps/compare.ts'
import { describeObserved } from '../steps/describe.ts'
import type { BoundStep } from '../steps/types.ts'
import { ask } from './ask.ts'
import { byHand } from './by-hand.ts'
import { type ChangeEnd, change, type Left, leaveToPerson } from './change.ts'
import { type Consent, consent, consents, declined } from './consent.ts'
import { Interrupted, type RunHost } from './model/host.ts'
import type { StepEnd, StepRun } from './model/step-run.ts'
import { elapsedSince } from './model/time-taken.ts'
import { reobserve } from './reobserve.ts'
import { wait } from './wait.ts'

/** How often to ask again about a value that somebody else keeps changing. */
const MOST_QUESTIONS = 4

/** Runs one pending step: consent, re-observation, apply, read-back. Shows and asks again if it changed in between. */
export async function runStep(stepRun: StepRun, step: BoundStep, host: RunHost): Promise<StepEnd> {
  const { apply, status } = stepRun.planned
  switch (apply?.kind) {
    case undefined:
      return observeOnly(stepRun.planned, step, host)
    case 'ask':
      return ask(stepRun, host)
    case 'wait':
      return wait(stepRun.planned, apply.waiting, step, host)
    case 'by-hand':
      return status === 'unseen' ? byHand(stepRun, host) : fixStep(stepRun, step, host)
    case 'gcloud':
    case 'copy-secret':
      return fixStep(stepRun, step, host)
  }
}

/** Fixes a step that can be read: with a command, or by hand. */
async function fixStep(stepRun: StepRun, step: BoundStep, host: RunHost): Promise<StepEnd> {
  let { planned, condition } = stepRun
  for (let question = 1; question <= MOST_QUESTIONS; question++) {
    if (planned.apply === undefined) return leftAsFound(planned)
    if (host.noMore()) throw new Interrupted()
    const decision = await consent(planned, condition, stepRun, host)
    if (!consents(decision)) return declined(decision)
    const current = await reobserve(planned, step, host)
    switch (current.status) {
      case 'conformant':
        return { status: 'conformant', note: 'already correct, nothing was done' }
      case 'unknown':
        return { status: 'unreadable', note: reasonOf(current) }
      case 'drift':
      case 'unseen':
        break
    }
    if (current.apply === undefined) return leftAsFound(current)
    if (sameObservation(current.observation, planned.observation)) {
      const end = await makeChange(decision, current, step, stepRun, host)
      if (end.status === 'left') return leave(end.said, step, host)
      if (end.status !== 'moved') return ended(end, current)
      planned = end.current
      await host.report({
        type: 'step-moved',
        key: step.key,
        title: step.title,
        elapsed: elapsedSince(stepRun.startedAt, host.world),
      })
    } else planned = current
    condition = 'moved'
  }
  return {
    status: 'aborted',
    note: `${step.title}: somebody else keeps changing it; nothing was overwritten`,
  }
}

const makeChange = (
  { choice }: Consent,
  current: PlannedStep,
  step: BoundStep,
  stepRun: StepRun,
  host: RunHost,
): Promise<ChangeEnd | Left> =>
  choice === 'by-hand' || current.apply?.kind === 'by-hand'
    ? leaveToPerson(current, step, stepRun, host)
    : change(current, step, stepRun.tried, host)

/** Logs that a person left a manual step. */
async function leave({ says: choice, reason }: Left['said'], step: BoundStep, host: RunHost): Promise<StepEnd> {
  const decision = { choice, reason }
  await host.append({ type: 'step.decided', body: { step: step.key, decision, by: host.operator.name } })
  return declined(decision)
}

function ended(end: Exclude<ChangeEnd, { status: 'moved' }>, current: PlannedStep): StepEnd {
  const { status, note, readBack, evidence } = end
  const done = { planned: current, readBack, evidence }
  if (status === 'made-by-unknown') return { status, note, done: { ...done, maybeNotOurs: true } }
  return status === 'applied' ? { status, note, done } : { status, note }
}

async function observeOnly(planned: PlannedStep, step: BoundStep, host: RunHost): Promise<StepEnd> {
  const current = await reobserve(planned, step, host)
  switch (current.status) {
    case 'conformant':
      return { status: 'conformant', note: 'already correct' }
    case 'unknown':
      return { status: 'unreadable', note: reasonOf(current) }
    case 'unseen':
      return { status: 'left', note: planned.description ?? 'there is nothing to read' }
    case 'drift':
      return leftAsFound(current)
  }
}

const leftAsFound = ({ note, observation, expectation }: PlannedStep): StepEnd => ({
  status: 'left',
  note: `${describeObserved(observation, expectation)}; ${note ?? 'the runbook only shows this; nothing was changed'}`,
})

const reasonOf = (step: PlannedStep): string => (step.observation.state === 'unknown' ? step.observation.reason : '')
