import type { PlannedStep } from '../plan/types.ts'
import type { Decision } from './model/events.ts'
import type { RunHost, StepCondition } from './model/host.ts'
import type { StepEnd, StepRun } from './model/step-run.ts'
import { instantOf } from './model/time-taken.ts'

/** A decision to change the step. */
export type Consent = Extract<Decision, { choice: 'apply' | 'by-hand' }>

/** Returns whether a decision changes the step. */
export const consents = (decision: Decision): decision is Consent =>
  decision.choice === 'apply' || decision.choice === 'by-hand'

/** Returns the end of a step that is not changed. */
export function declined(decision: Exclude<Decision, Consent>): StepEnd {
  switch (decision.choice) {
    case 'skip':
      return { status: 'skipped', note: decision.reason }
    case 'abort':
      return { status: 'aborted', note: decision.reason }
    case 'undo-last':
      return { status: 'undo-last', note: '' }
  }
}

/** Asks the operator to decide about a step, and logs the decision. */
export async function consent(
  planned: PlannedStep,
  condition: StepCondition,
  stepRun: StepRun,
  host: RunHost,
): Promise<Decision> {
  const { number, of, last, changed } = stepRun
  const decision = await host.operator.decide(planned, condition, {
    ...{ number, of },
    ...(last === undefined ? {} : { last }),
    ...(changed === undefined ? {} : { changed }),
  })
  stepRun.startedAt = instantOf(host.world)
  await host.append({ type: 'step.decided', body: { step: planned.key, decision, by: host.operator.name } })
  return decision
}
