import type { Json, JsonObject } from '../base/json.ts'
import { isJsonObject } from '../base/json.ts'
import { UserError } from '../base/problem.ts'
import { type Budget, BudgetError, newBudget, spend } from '../runbook/expressions/budget.ts'
import { BUDGET, toCelFields, toVariables, type Variables } from '../runbook/expressions/cel-value.ts'
import { ExpressionError, evaluateList, fill, fillDeep, fillText } from '../runbook/expressions/expression.ts'
import { inputTypes } from '../runbook/expressions/scope.ts'
import { soleExpression, splitTemplate } from '../runbook/expressions/template.ts'
import type { Environment, Inventory } from '../runbook/inventory.ts'
import type { BackfillTemplate, PointTemplate, Runbook, StepTemplate } from '../runbook/types.ts'
import type { BoundStep } from '../steps/types.ts'
import type { BackfillPoint } from './backfill.ts'
import type { Context, Gates } from './bind-context.ts'
import { bindOne } from './bind-step.ts'
import type { GivenInputs } from './given-inputs.ts'
import { bindInputs, refuseUnknownInputs } from './inputs.ts'

/** A runbook bound to an environment: its inputs, and each repetition of its steps and checks. */
export type BoundRunbook = { inputs: JsonObject; steps: BoundStep[]; checks: BoundStep[]; backfill: BackfillPoint[] }

/** Binds a runbook to an environment and the operator's inputs; it and its gates share a budget. Throws UserError. */
export function bindRunbook(
  runbook: Runbook,
  inventory: Inventory,
  environment: Environment,
  given: GivenInputs,
  gates: Gates,
  budget: Budget = newBudget(),
): BoundRunbook {
  const base = inventoryVariables(inventory, environment, budget)
  const inputs = withPlace(`${runbook.name}: input`, () => bindInputs(runbook, given, base))
  const context = {
    runbook,
    inventory,
    environment,
    gates,
    budget,
    variables: { ...base, inputs: toCelFields(inputs, inputTypes(runbook)) },
  }
  return {
    inputs,
    steps: runbook.steps.flatMap((template) => bindStep(template, context)),
    checks: runbook.verify.flatMap((template) => bindStep(template, context)),
    backfill: runbook.backfill.flatMap((template) => bindBackfill(template, context)),
  }
}

/** Returns the variables that every expression can use. */
export const inventoryVariables = (
  { environments, repository }: Inventory,
  env: Environment,
  budget?: Budget,
): Variables => toVariables({ env, environments, repository } as unknown as JsonObject, budget)

const bindStep = (template: StepTemplate, context: Context): BoundStep[] =>
  withPlace(`${context.runbook.name}, step ${template.id}`, () =>
    repetitions(template, context.variables).map(({ variables, labels }) =>
      bindOne(template, { ...context, variables }, labels, bindGate),
    ),
  )

const bindBackfill = (template: BackfillTemplate, context: Context): BackfillPoint[] =>
  withPlace(`${context.runbook.name}, backfill`, () =>
    repetitions(template, context.variables).flatMap(({ variables }) => {
      const file = fillText(template.file, variables)
      return template.points.map((point) => bindPoint(context.runbook, file, point, variables))
    }),
  )

function bindPoint(runbook: Runbook, file: string, point: PointTemplate, variables: Variables): BackfillPoint {
  const holds: BackfillPoint['holds'] =
    'text' in point
      ? { text: fillText(point.text, variables) }
      : 'without' in point
        ? { without: fillText(point.without, variables) }
        : { yaml: point.yaml, value: fillDeep(point.value, variables) }
  return { runbook: runbook.name, file, says: fillText(point.says, variables), holds }
}

/** Binds the steps and checks of a gate's runbook to the same environment. */
function bindGate(name: string, given: GivenInputs, { inventory, environment, gates, budget }: Context): BoundStep[] {
  const runbook = gates.get(name)
  if (!runbook)
    throw new UserError(
      `there is no runbook \`${name}\` to use as a gate`,
      'use the name of a runbook in the workspace',
    )
  const others = new Map([...gates].filter(([other]) => other !== name))
  refuseUnknownInputs([runbook], given)
  const { steps, checks } = bindRunbook(runbook, inventory, environment, given, others, budget)
  return [...steps, ...checks]
}

const TOO_MUCH = 'simplify the expression, or shorten the lists that it and `forEach` loop over'

/** The cost of one repetition: binding it takes about as long as a hundred steps of an expression. */
const REPETITION = 100

/** Adds the place in the runbook to an error. */
function withPlace<T>(place: string, bind: () => T): T {
  try {
    return bind()
  } catch (error) {
    if (error instanceof BudgetError || (error instanceof ExpressionError && error.cause instanceof BudgetError))
      throw Object.assign(new UserError(`${place}: ${error.message}`, TOO_MUCH), { cause: error })
    if (error instanceof ExpressionError)
      throw new UserError(`${place}: ${error.message}`, 'fix the runbook, the inventory or the input')
    if (error instanceof UserError && !error.message.startsWith(place))
      throw Object.assign(new UserError(`${place}: ${error.message}`, error.hint), { cause: error })
    throw error
  }
}

type Repetition = { variables: Variables; labels: string[] }

/** Returns the variables and labels of each repetition, nested like loops, for which `when` is true. */
function repetitions({ forEach, when }: Pick<StepTemplate, 'forEach' | 'when'>, variables: Variables): Repetition[] {
  let all = [{ variables, labels: [] as string[] }]
  for (const [name, expression] of Object.entries(forEach ?? {})) {
    all = all.flatMap((outer) => {
      const list = evaluateList(soleExpression(splitTemplate(expression)) ?? expression, outer.variables)
      if (list === undefined)
        throw new UserError(`\`forEach.${name}\` does not evaluate to a list`, 'fix the expression')
      spend(outer.variables[BUDGET] ?? newBudget(), list.length * REPETITION)
      return list.map(({ value, json }) => ({
        variables: { ...outer.variables, [name]: value },
        labels: [...outer.labels, labelOf(json)],
      }))
    })
  }
  return when === undefined ? all : all.filter((repetition) => isTrue(fill(when, repetition.variables)))
}

function isTrue(value: Json): boolean {
  if (typeof value === 'boolean') return value
  throw new UserError(`\`when\` evaluates to ${JSON.stringify(value)}, not to true or false`, 'fix the expression')
}

const labelOf = (item: Json): string =>
  isJsonObject(item) && typeof item.name === 'string'
    ? item.name
    : typeof item === 'string'
      ? item
      : JSON.stringify(item)
