import type { Json, JsonObject } from '../base/json.ts'
import { UserError } from '../base/problem.ts'
import type { Variables } from '../runbook/expressions/cel-value.ts'
import { withChoices } from '../runbook/expressions/choices.ts'
import { fill, fillDeep } from '../runbook/expressions/expression.ts'
import { resolveInput } from '../runbook/expressions/scope.ts'
import type { Runbook } from '../runbook/types.ts'
import type { GivenInputs } from './given-inputs.ts'

/** An input as it stands in one environment. */
export type ResolvedInput = {
  name: string
  /** Its JSON Schema without references and expressions: every `enum` is a list. */
  schema: JsonObject
  /** What stands where nothing is given; left out where something was. */
  default?: Json
  /** The JSON pointers of the `enum`s whose choices come from the inventory. */
  known: string[]
}

/** A runbook's inputs, in their order, with the choices and defaults that they have in an environment. Throws UserError, ExpressionError. */
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
  throw new UserError(`the choices \`${expression}\` are not a list`, 'mend the runbook')
}
