import type { Runbook, StepTemplate } from './types.ts'

/** Returns whether a runbook has a step that changes something. Other runbooks are gates, which only observe. */
export const changesSomething = ({ steps }: Pick<Runbook, 'steps'>): boolean => steps.some(isChanging)

function isChanging(step: StepTemplate): boolean {
  switch (step.kind) {
    case 'gcloud':
      return step.apply !== undefined
    case 'secret':
    case 'manual':
      return true
    case 'wait':
    case 'approve':
    case 'http':
    case 'workflowRun':
    case 'script':
    case 'gate':
      return false
  }
}
