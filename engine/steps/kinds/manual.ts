import { NOTHING_TO_READ, type StepKind } from '../kind.ts'
import { fieldsOf, observeGcloud } from '../observe-gcloud.ts'
import type { BoundManualStep } from '../types.ts'

/** A person does it; a read shows whether it is done, if there is anything to read. */
export const manual: StepKind<BoundManualStep> = {
  observe: async ({ proof, timeoutMs }, world) => (proof ? observeGcloud(proof, timeoutMs, world) : NOTHING_TO_READ),
  expectation: ({ proof }) => proof?.expect ?? {},
  fields: ({ proof }) => proof && fieldsOf(proof),
  reads: () => [],
  apply: ({ manual }) => ({ kind: 'by-hand', ...manual }),
  undo: () => ({ kind: 'none', reason: 'a person does this step by hand, so only a person can undo it' }),
  reach: ({ project }) => ({ projects: [project], beyond: [] }),
  content: (step) => ({ ...step, ...(step.proof ? { proof: { ...step.proof, variables: undefined } } : {}) }),
  identity: ({ key }) => [key],
}
