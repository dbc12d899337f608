import { NOTHING_TO_READ, onlyObserves, type StepKind } from '../kind.ts'
import type { BoundApproveStep } from '../types.ts'

/** Asks a question before later steps change anything. */
export const approve: StepKind<BoundApproveStep> = {
  ...onlyObserves,
  observe: async () => NOTHING_TO_READ,
  expectation: () => ({}),
  fields: () => undefined,
  reads: () => [],
  apply: ({ question }) => ({ kind: 'ask', question }),
  content: (step) => step,
  identity: ({ key }) => [key],
}
