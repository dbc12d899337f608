import { Environment as Cel } from '@marcbachmann/cel-js'
import type { Json } from '../../base/json.ts'
import { memoize, memoizeOf, textOf } from '../../base/memoize.ts'
import { compilePattern, PatternError } from '../../base/pattern.ts'
import { BudgetError, newBudget } from './budget.ts'
import { BUDGET, type CelValue, toJson, type Variables } from './cel-value.ts'
import { literalPatterns, runWithBudget, withCostLimit } from './cost-limit.ts'
import { type Segment, soleExpression, splitTemplate } from './template.ts'

/** The variables in scope: name → CEL type, such as `string`, `list<Service>` or `dyn`. */
export type Scope = Record<string, string>

/** The record types that a scope can refer to: name → field → CEL type. */
export type ScopeTypes = Record<string, Record<string, string>>

/** A problem with an expression, with offsets if they are known. */
export type ExpressionProblem = { message: string; start?: number; end?: number }

/** Reports an expression that failed during evaluation, for example at a missing key. */
export class ExpressionError extends Error {}

const OPTIONS = { enableOptionalTypes: true, homogeneousAggregateLiterals: false } as const

/** The placeholder for `changed` in a bound record sentence until the changes are known. */
export const CHANGED = '${{ changed }}'

/** Checks expressions in a scope without evaluating them; `typeOf` returns the CEL type or the problem. */
export type Checker = { typeOf(expression: string): string | ExpressionProblem }

/** Returns the checker for a scope, cached by types and scope; it checks each expression once. */
export function makeChecker(types: ScopeTypes, scope: Scope): Checker {
  return checkersOf(types)(textOf(scope))
}

const checkersOf = memoizeOf((types: ScopeTypes) => checkersWith(textOfTypes(types)))

/** Returns the JSON of types. Scopes mostly share their record types, whose text is cached. */
const textOfTypes = (types: ScopeTypes): string =>
  `{${Object.entries(types)
    .map(([name, fields]) => `${JSON.stringify(name)}:${textOf(fields)}`)
    .join()}}`

const checkersWith = memoize(50, (types) => {
  const cel = new Cel({ ...OPTIONS, unlistedVariablesAreDyn: false })
  for (const [name, fields] of Object.entries(JSON.parse(types) as ScopeTypes)) cel.registerType(name, { fields })
  return memoize(50, (scope) => {
    const inner = cel.clone()
    for (const [name, type] of Object.entries(JSON.parse(scope) as Scope)) inner.registerVariable(name, type)
    return { typeOf: memoize(500, (expression) => check(inner, expression)) }
  })
})

function check(cel: Cel, expression: string): string | ExpressionProblem {
  try {
    const program = withCostLimit(cel.parse(expression))
    const checked = program.check()
    if (!checked.valid) return problemOf(checked.error)
    return literalPatterns(program).flatMap(patternProblem)[0] ?? String(checked.type)
  } catch (error) {
    return problemOf(error)
  }
}

function patternProblem({ pattern, ...range }: { pattern: string; start: number; end: number }): ExpressionProblem[] {
  try {
    compilePattern(pattern)
    return []
  } catch (error) {
    if (error instanceof PatternError) return [{ message: error.message, ...range }]
    throw error
  }
}

function problemOf(error: unknown): ExpressionProblem {
  const { message, range } = error as { message: string; range?: { start: number; end: number } }
  const problem: ExpressionProblem = { message: firstLine(message) }
  return range ? { ...problem, ...range } : problem
}

const evaluator = new Cel({ ...OPTIONS, unlistedVariablesAreDyn: true })
const programOf = memoize(2000, (expression) => withCostLimit(evaluator.parse(expression)))

/** Evaluates an expression; throws ExpressionError. */
export const evaluate = (expression: string, variables: Variables): Json =>
  evaluated(expression, variables, (value) => toJson(value))

/** Evaluates a list expression and returns each item as CEL value and as JSON, or undefined if it is not a list. Throws ExpressionError. */
export const evaluateList = (expression: string, variables: Variables): { value: CelValue; json: Json }[] | undefined =>
  evaluated(expression, variables, (list) =>
    Array.isArray(list) ? list.map((value) => ({ value, json: toJson(value) })) : undefined,
  )

function evaluated<T>(expression: string, variables: Variables, take: (value: unknown) => T): T {
  try {
    return runWithBudget(programOf(expression), variables, variables[BUDGET] ?? newBudget(), take)
  } catch (error) {
    const { message } = error as Error
    const why = error instanceof BudgetError ? `evaluation stopped: ${message}` : firstLine(message)
    throw new ExpressionError(`${why} (in \`${shortened(expression.trim())}\`)`, { cause: error })
  }
}

/** Evaluates the expressions in a text. A text that is a single expression keeps the type of its value. */
export function fill(text: string, variables: Variables): Json {
  const segments = splitTemplate(text)
  const sole = soleExpression(segments)
  return sole === undefined
    ? segments.map((segment) => fillSegment(segment, variables)).join('')
    : evaluate(sole, variables)
}

/** Evaluates the expressions in a text to a string. */
export function fillText(text: string, variables: Variables): string {
  return splitTemplate(text)
    .map((segment) => fillSegment(segment, variables))
    .join('')
}

/** Evaluates the expressions in every string inside a JSON value. */
export function fillDeep(value: Json, variables: Variables): Json {
  if (typeof value === 'string') return fill(value, variables)
  if (Array.isArray(value)) return value.map((item) => fillDeep(item, variables))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fillDeep(item, variables)]))
}

/** Evaluates a segment to a string; throws ExpressionError for a list or map. */
export function fillSegment(segment: Segment, variables: Variables): string {
  if ('literal' in segment) return segment.literal
  const value = evaluate(segment.expression, variables)
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value)
  throw new ExpressionError(`expected a string, a number or a boolean (in \`${segment.expression.trim()}\`)`)
}

const shortened = (text: string): string => (text.length > 300 ? `${text.slice(0, 300)}…` : text)

const firstLine = (text: string): string => text.split('\n', 1)[0] ?? text
