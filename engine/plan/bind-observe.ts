import { fillDeep, fillText } from '../runbook/expressions/expression.ts'
import type { ObserveTemplate } from '../runbook/types.ts'
import { bindArgv } from '../steps/arguments.ts'
import type { BoundObserve, Expectation } from '../steps/types.ts'
import type { Context } from './bind-context.ts'

/** Binds what is read and what that must be. Throws UserError and ExpressionError. */
export function bindObserve({ observe, expect }: ObserveTemplate, { environment, variables }: Context): BoundObserve {
  const { gcloud, select, project } = observe
  const readProject = project === undefined ? environment.project : fillText(project, variables)
  const named = Array.isArray(gcloud)
    ? [{ argv: gcloud }]
    : Object.entries(gcloud).map(([name, argv]) => ({ name, argv }))
  return {
    reads: named.map(({ argv, ...name }) => ({
      ...name,
      command: { argv: bindArgv(argv, variables), project: readProject },
    })),
    select,
    expect: fillDeep(expect, variables) as Expectation,
    variables,
  }
}
