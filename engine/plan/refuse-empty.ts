import { UserError } from '../base/problem.ts'
import { toCel, type Variables } from '../runbook/expressions/cel-value.ts'
import { ExpressionError, evaluate } from '../runbook/expressions/expression.ts'
import type { Environment, Inventory } from '../runbook/inventory.ts'
import type { Runbook } from '../runbook/types.ts'
import { type BoundRunbook, inventoryVariables } from './bind.ts'
import type { GivenInputs } from './given-inputs.ts'

/** Returns whether a bound runbook observes nothing. */
export const observesNothing = ({ steps, checks }: BoundRunbook): boolean => steps.length + checks.length === 0

/**
 * Refuses a runbook that observes nothing, and says why it doesn't: what nobody observed is not conformant. Throws
 * UserError.
 */
export function refuseEmpty(
  runbook: Runbook,
  { inputs }: BoundRunbook,
  inventory: Inventory,
  environment: Environment,
  given: GivenInputs,
): never {
  const variables = { ...inventoryVariables(inventory, environment), inputs: toCel(inputs) }
  const templates = [...runbook.steps, ...runbook.verify]
  const expressions = templates.flatMap(({ forEach = {}, when }) => [
    ...Object.values(forEach),
    ...(when === undefined ? [] : [when]),
  ])
  const empty = [...new Set(expressions.flatMap(partsIn))].filter((part) => isEmpty(part, variables))
  const why =
    empty.length > 0
      ? `empty: ${empty.map((part) => nameOf(part, environment.name, given)).join(', ')}`
      : `Nothing in the inventory and the inputs passes ${[...new Set(expressions)].join(', ')}`
  throw new UserError(`${runbook.name} would observe nothing in ${environment.name}`, why)
}

/** Returns the inputs and inventory fields in an expression: `inputs.services`, `env.secrets`. */
const partsIn = (expression: string): string[] => expression.match(/\b(inputs|env)\.[A-Za-z][A-Za-z0-9]*/g) ?? []

function nameOf(part: string, environment: string, given: GivenInputs): string {
  const name = part.slice(part.indexOf('.') + 1)
  if (part.startsWith('env.')) return `\`${name}\` of ${environment} in the inventory`
  return Object.hasOwn(given, name)
    ? `input \`${name}\``
    : `input \`${name}\` (its default finds nothing in the inventory)`
}

function isEmpty(part: string, variables: Variables): boolean {
  try {
    const value = evaluate(part, variables)
    return value === '' || (Array.isArray(value) && value.length === 0)
  } catch (error) {
    if (error instanceof ExpressionError) return false
    throw error
  }
}
