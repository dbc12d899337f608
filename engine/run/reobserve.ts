import { withObservation } from '../plan/observe.ts'
import type { PlannedStep } from '../plan/types.ts'
import { sameObservation } from '../steps/compare.ts'
import { observeAgain } from '../steps/index.ts'
import type { BoundStep } from '../steps/types.ts'
import type { RunHost } from './host.ts'

/** Looks at a step again, right before something is done about it, and writes down what was seen. */
export async function reobserve(planned: PlannedStep, step: BoundStep, host: RunHost): Promise<PlannedStep> {
  const seen = (await host.ahead?.take(planned)) ?? (await observeAgain(step, host.world, planned.expectation))
  const current = withObservation(step, planned, seen)
  const moved = !sameObservation(current.observation, planned.observation)
  await host.append({
    type: 'step.observed',
    body: { step: planned.key, observation: current.observation, status: current.status, moved },
  })
  return current
}
