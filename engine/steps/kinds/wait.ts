import { NOTHING_TO_READ, onlyObserves, type StepKind } from '../kind.ts'
import { fieldsOf, observeGcloud } from '../observe-gcloud.ts'
import type { BoundWaitStep } from '../types.ts'

/** Waits for a time, or until something that is read holds. */
export const wait: StepKind<BoundWaitStep> = {
  ...onlyObserves,
  observe: async ({ until, timeoutMs }, world) => (until ? observeGcloud(until, timeoutMs, world) : NOTHING_TO_READ),
  expectation: ({ until }) => until?.expect ?? {},
  fields: ({ until }) => until && fieldsOf(until),
  reads: () => [],
  apply: ({ waiting }) => ({ kind: 'wait', waiting }),
  content: (step) => ({ ...step, ...(step.until ? { until: { ...step.until, variables: undefined } } : {}) }),
  identity: ({ key }) => [key],
}
