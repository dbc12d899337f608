import { sameObservation, statusOf } from '../steps/compare.ts'
import { observeAgain } from '../steps/index.ts'
import type { BoundStep, Expectation, Observation } from '../steps/types.ts'
import type { Failure, World } from '../steps/world.ts'
import type { Verdict } from './events.ts'

/** What was read after a command, and how many reads it took. */
export type ReadBack = { observation: Observation; expectation: Expectation; reads: number }

/** Failures after which the service itself has said no: there is nothing to wait for. */
const FINAL: ReadonlySet<Failure['cause']> = new Set(['denied', 'no-login', 'disabled-api', 'invalid', 'no-gcloud'])

/**
 * Reads a step again until it has been conformant as often in a row as it asks for, or its time is up. Where gcloud
 * was refused and nothing has changed, one read is enough.
 */
export async function readBack(
  step: BoundStep,
  before: Observation,
  expected: Expectation,
  failure: Failure | undefined,
  world: World,
  onRead: (reads: number) => Promise<void>,
): Promise<ReadBack> {
  const { reads: wanted, everyMs, withinMs } = step.settle
  const deadline = world.clock.now().getTime() + withinMs
  let inARow = 0
  for (let reads = 1; ; reads++) {
    await onRead(reads)
    const observation = await observeAgain(step, world)
    const status = statusOf(observation, expected)
    inARow = status === 'conformant' ? inARow + 1 : 0
    const refused = failure !== undefined && FINAL.has(failure.cause) && sameObservation(observation, before)
    if (inARow >= wanted || refused || world.clock.now().getTime() + everyMs > deadline)
      return {
        observation: inARow > 0 && inARow < wanted ? unsettled(inARow, wanted) : observation,
        expectation: expected,
        reads,
      }
    await world.clock.sleep(everyMs)
  }
}

const unsettled = (inARow: number, wanted: number): Observation => ({
  state: 'unknown',
  cause: 'timeout',
  reason: `it was right in ${inARow} of ${wanted} reads in a row when the time was up`,
})

/** What the read-back says of the change. It alone decides; gcloud's exit code has no say. */
export function verdictOf(before: Observation, { observation, expectation }: ReadBack): Verdict {
  switch (statusOf(observation, expectation)) {
    case 'conformant':
      return 'applied'
    case 'unknown':
      return 'in-doubt'
    case 'drift':
      return sameObservation(observation, before) ? 'not-applied' : 'ambiguous'
  }
}
