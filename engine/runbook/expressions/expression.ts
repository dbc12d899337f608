import { Environment as Cel } from '@marcbachmann/cel-js'
import type { Json } from '../../base/json.ts'
import { memoize, memoizeOf, textOf } from '../../base/memoize.ts'
import { compilePattern, PatternError } from '../../base/pattern.ts'
import { BudgetError, newBudget } from './budget.ts'
import { BUDGET, type CelValue, toJson, type Variables } from './cel-value.ts'
import { literalPatterns, metered, runWithin } from './metered.ts'
import { type Segment, soleExpression, splitTemplate } from './template.ts'

/** The variables that an expression may name: name → CEL type, such as `string`, `list<Service>`, `dyn`. */
export type Scope = Record<string, string>

/** The record types that scopes may refer to: name → field → CEL type. */
export type ScopeTypes = Record<string, Record<string, string>>

/** What is wrong with an expression, with offsets into it where they are known. */
export type ExpressionProblem = { message: string; start?: number; end?: number }

/** An expression that failed while it was evaluated, for example at a key that isn't there. */
export class ExpressionError extends Error {}

const OPTIONS = { enableOptionalTypes: true, homogeneousAggregateLiterals: false } as const

/** What stands for `changed` in a bound record sentence until the changes are known. */
export const CHANGED = '${{ changed }}'

/** Checks expressions against one scope without evaluating them; `typeOf` answers the CEL type or the problem. */
export type Checker = { typeOf(expression: string): string | ExpressionProblem }

/** The checker for a scope; where types and scope are the same there is one, and it checks an expression once. */
export function makeChecker(types: ScopeTypes, scope: Scope): Checker {
  return checkersOf(types)(textOf(scope))
}

const checkersOf = memoizeOf((types: ScopeTypes) => checkersWith(textOfTypes(types)))

/** Their JSON: scopes differ in one record type or two, and the text of the others is remembered. */
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
    const program = metered(cel.parse(expression))
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
const programOf = memoize(2000, (expression) => metered(evaluator.parse(expression)))

/** Evaluates one expression; throws ExpressionError. */
export const evaluate = (expression: string, variables: Variables): Json =>
  evaluated(expression, variables, (value) => toJson(value))

/** Evaluates an expression that gives a list, each item both as CEL goes on with it and as JSON; undefined where it gives something else. Throws ExpressionError. */
export const evaluateList = (expression: string, variables: Variables): { value: CelValue; json: Json }[] | undefined =>
  evaluated(expression, variables, (list) =>
    Array.isArray(list) ? list.map((value) => ({ value, json: toJson(value) })) : undefined,
  )

function evaluated<T>(expression: string, variables: Variables, take: (value: unknown) => T): T {
  try {
    return runWithin(programOf(expression), variables, variables[BUDGET] ?? newBudget(), take)
  } catch (error) {
    const { message } = error as Error
    const why = error instanceof BudgetError ? `the evaluation was stopped, ${message}` : firstLine(message)
    throw new ExpressionError(`${why} (in \`${shortened(expression.trim())}\`)`, { cause: error })
  }
}

/** Fills a text's expressions: a text that is one expression gives that expression's value, any other a text. */
export function fill(text: string, variables: Variables): Json {
  const segments = splitTemplate(text)
  const sole = soleExpression(segments)
  return sole === undefined
    ? segments.map((segment) => fillSegment(segment, variables)).join('')
    : evaluate(sole, variables)
}

/** Fills a text's expressions and insists on a text (numbers and booleans are written out). */
export function fillText(text: string, variables: Variables): string {
  return splitTemplate(text)
    .map((segment) => fillSegment(segment, variables))
    .join('')
}

/** Fills every text inside a JSON value. */
export function fillDeep(value: Json, variables: Variables): Json {
  if (typeof value === 'string') return fill(value, variables)
  if (Array.isArray(value)) return value.map((item) => fillDeep(item, variables))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fillDeep(item, variables)]))
}

/** Fills one piece of a text and insists on a text (numbers and booleans are written out). */
export function fillSegment(segment: Segment, variables: Variables): string {
  if ('literal' in segment) return segment.literal
  const value = evaluate(segment.expression, variables)
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value)
  throw new ExpressionError(`expected a text, a number or a boolean (in \`${segment.expression.trim()}\`)`)
}

const shortened = (text: string): string => (text.length > 300 ? `${text.slice(0, 300)}…` : text)

const firstLine = (text: string): string => text.split('\n', 1)[0] ?? text
