import { withObservation } from '../plan/observe.ts'
import type { PlannedStep } from '../plan/types.ts'
import { sameObservation } from '../steps/compare.ts'
import { observeAgain } from '../steps/index.ts'
import type { BoundStep } from '../steps/types.ts'
import type { RunHost } from './model/host.ts'

/** Observes a step again before it is changed, or takes a prefetched observation, and logs it. */
export async function reobserve(planned: PlannedStep, step: BoundStep, host: RunHost): Promise<PlannedStep> {
  const ahead = await host.ahead?.take(planned)
  const seen = ahead ?? (await observeAgain(step, host.world, planned.expectation))
  const current = withObservation(step, planned, seen)
  const moved = !sameObservation(current.observation, planned.observation)
  await host.append({
    type: 'step.observed',
    body: {
      step: planned.key,
      observation: current.observation,
      status: current.status,
      moved,
      ...(ahead ? { ahead: true } : {}),
    },
  })
  return current
}
