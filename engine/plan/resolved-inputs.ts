import type { Json, JsonObject } from '../base/json.ts'
import { UserError } from '../base/problem.ts'
import type { Variables } from '../runbook/expressions/cel-value.ts'
import { withChoices } from '../runbook/expressions/choices.ts'
import { fill, fillDeep } from '../runbook/expressions/expression.ts'
import { resolveInput } from '../runbook/expressions/scope.ts'
import type { Runbook } from '../runbook/types.ts'
import type { GivenInputs } from './given-inputs.ts'

/** An input as it is in one environment. */
export type ResolvedInput = {
  name: string
  /** Its JSON Schema without references and expressions: every `enum` is a list. */
  schema: JsonObject
  /** The value if none is given; left out if one was. */
  default?: Json
  /** JSON pointers of the `enum`s that come from the inventory. */
  known: string[]
}

/**
 * Returns a runbook's inputs, in their order, with their choices and defaults in an environment. Throws UserError,
 * ExpressionError.
 */
export const resolvedInputs = (runbook: Runbook, variables: Variables, given: GivenInputs = {}): ResolvedInput[] =>
  Object.entries(runbook.inputs).map(([name, template]) => {
    const { default: fallback, ...schema } = resolveInput(template, runbook)
    const known: string[] = []
    const choices = (expression: string, at: string) => {
      known.push(at)
      return choicesOf(expression, variables)
    }
    return {
      name,
      schema: withChoices(schema, choices),
      ...(fallback === undefined || Object.hasOwn(given, name) ? {} : { default: fillDeep(fallback, variables) }),
      known,
    }
  })

function choicesOf(expression: string, variables: Variables): Json[] {
  const choices = fill(expression, variables)
  if (Array.isArray(choices)) return choices
  throw new UserError(`the choices \`${expression}\` are not a list`, 'fix the runbook')
}
