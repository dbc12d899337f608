import { fillDeep, fillText } from '../runbook/expressions/expression.ts'
import type { LookTemplate } from '../runbook/types.ts'
import { bindWords } from '../steps/arguments.ts'
import type { BoundLook, Expectation } from '../steps/types.ts'
import type { Context } from './bind-context.ts'

/** Binds what is read and what that must be. Throws UserError and ExpressionError. */
export function bindLook({ observe, expect }: LookTemplate, { environment, variables }: Context): BoundLook {
  const { gcloud, select, project } = observe
  const readProject = project === undefined ? environment.project : fillText(project, variables)
  const named = Array.isArray(gcloud)
    ? [{ words: gcloud }]
    : Object.entries(gcloud).map(([name, words]) => ({ name, words }))
  return {
    reads: named.map(({ words, ...name }) => ({
      ...name,
      command: { argv: bindWords(words, variables), project: readProject },
    })),
    select,
    expect: fillDeep(expect, variables) as Expectation,
    variables,
  }
}
