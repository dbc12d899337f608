import type { PlannedStep } from '../plan/types.ts'
import type { Decision } from './model/events.ts'
import type { RunHost, Seen } from './model/host.ts'
import { instantOf } from './model/time-taken.ts'
import type { StepEnd, Turn } from './model/turn.ts'

/** An answer after which something is done. */
export type Consent = Extract<Decision, { choice: 'apply' | 'by-hand' }>

/** Whether something is done about the step now. */
export const consents = (decision: Decision): decision is Consent =>
  decision.choice === 'apply' || decision.choice === 'by-hand'

/** What becomes of a step about which nothing is done. */
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

/** Asks what is to be done about a step, and writes the answer down. */
export async function consent(planned: PlannedStep, seen: Seen, turn: Turn, host: RunHost): Promise<Decision> {
  const { number, of, last, changed } = turn
  const decision = await host.operator.decide(planned, seen, {
    ...{ number, of },
    ...(last === undefined ? {} : { last }),
    ...(changed === undefined ? {} : { changed }),
  })
  turn.startedAt = instantOf(host.world)
  await host.append({ type: 'step.decided', body: { step: planned.key, decision, by: host.operator.name } })
  return decision
}
