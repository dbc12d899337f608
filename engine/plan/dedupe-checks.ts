import type { BoundStep } from '../steps/types.ts'

/** Checks of several runbooks that ask the same are one check. */
export function askedOnce(checks: BoundStep[]): BoundStep[] {
  const kept = new Map<string, BoundStep>()
  for (const check of checks) {
    const name = JSON.stringify([check.title, check.kind, asked(check)])
    if (!kept.has(name)) kept.set(name, check)
  }
  return [...kept.values()]
}

/** What a check asks of the world, without its names and the variables that it was bound with. */
function asked(check: BoundStep): unknown {
  switch (check.kind) {
    case 'gcloud':
      return [check.reads, check.select, check.expect]
    case 'secret':
      return [check.project, check.secret, check.references, check.trust]
    case 'http':
      return [check.from, check.url, check.status]
    case 'workflowRun':
      return [check.repository, check.runId]
    case 'script':
      return [check.argv, check.environment, check.exitCodes]
    case 'gate':
      return [check.gate, check.steps.map(asked)]
    case 'manual':
    case 'wait':
    case 'approve':
      return [check.key]
    case 'undo':
      return [check.undoes]
  }
}
