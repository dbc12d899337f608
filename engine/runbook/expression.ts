import { Environment as Cel } from '@marcbachmann/cel-js'
import type { Json, JsonObject } from './json.ts'
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
export function makeChecker(
  types: ScopeTypes,
  scope: Scope,
): { typeOf(expression: string): string | ExpressionProblem } {
  const cel = new Cel({ ...OPTIONS, unlistedVariablesAreDyn: false })
  for (const [name, fields] of Object.entries(types)) cel.registerType(name, { fields })
  for (const [name, type] of Object.entries(scope)) cel.registerVariable(name, type)
  return {
    typeOf(expression) {
      try {
        const checked = cel.parse(expression).check()
        return checked.valid ? String(checked.type) : problemOf(checked.error)
      } catch (error) {
        return problemOf(error)
      }
    },
  }
}

function problemOf(error: unknown): ExpressionProblem {
  const { message, range } = error as { message: string; range?: { start: number; end: number } }
  const problem: ExpressionProblem = { message: firstLine(message) }
  return range ? { ...problem, ...range } : problem
}

const evaluator = new Cel({ ...OPTIONS, unlistedVariablesAreDyn: true })
const programs = new Map<string, ReturnType<typeof evaluator.parse>>()

/** Evaluates one expression over JSON variables; throws ExpressionError. */
export function evaluate(expression: string, variables: JsonObject): Json {
  try {
    let program = programs.get(expression)
    if (!program) {
      program = evaluator.parse(expression)
      programs.set(expression, program)
    }
    return fromCel(program(toCelVariables(variables)))
  } catch (error) {
    throw new ExpressionError(`${firstLine((error as Error).message)} (in \`${expression.trim()}\`)`)
  }
}

/** Fills a text's expressions: a text that is one expression gives that expression's value, any other a text. */
export function fill(text: string, variables: JsonObject): Json {
  const segments = splitTemplate(text)
  const sole = soleExpression(segments)
  return sole === undefined
    ? segments.map((segment) => fillSegment(segment, variables)).join('')
    : evaluate(sole, variables)
}

/** Fills a text's expressions and insists on a text (numbers and booleans are written out). */
export function fillText(text: string, variables: JsonObject): string {
  return splitTemplate(text)
    .map((segment) => fillSegment(segment, variables))
    .join('')
}

/** Fills every text inside a JSON value. */
export function fillDeep(value: Json, variables: JsonObject): Json {
  if (typeof value === 'string') return fill(value, variables)
  if (Array.isArray(value)) return value.map((item) => fillDeep(item, variables))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fillDeep(item, variables)]))
}

function fillSegment(segment: Segment, variables: JsonObject): string {
  if ('literal' in segment) return segment.literal
  const value = evaluate(segment.expression, variables)
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value)
  throw new ExpressionError(`expected a text, a number or a boolean (in \`${segment.expression.trim()}\`)`)
}

/** The CEL form of each object and list that was ever a variable's value: an inventory is converted once, not once an expression. */
const converted = new WeakMap<object, unknown>()

function toCelVariables(variables: JsonObject): Record<string, unknown> {
  return Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, toCel(value)]))
}

/** JSON's whole numbers are CEL ints, so that `generation + 1` has a meaning. JSON values are never changed once they are made. */
function toCel(value: Json): unknown {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value
  if (typeof value !== 'object' || value === null) return value
  const known = converted.get(value)
  if (known !== undefined) return known
  const cel = Array.isArray(value)
    ? value.map(toCel)
    : Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toCel(item)]))
  converted.set(value, cel)
  return cel
}

function fromCel(value: unknown): Json {
  switch (typeof value) {
    case 'boolean':
      return value
    case 'string':
      if (!value.isWellFormed()) throw new Error('the text holds half of a character (a lone surrogate)')
      return value
    case 'number':
      if (Math.abs(value) > Number.MAX_SAFE_INTEGER || Number.isNaN(value))
        throw new Error(`the number ${value} is too large`)
      return value
    case 'bigint':
      if (value > BigInt(Number.MAX_SAFE_INTEGER) || value < BigInt(Number.MIN_SAFE_INTEGER))
        throw new Error(`the number ${value} is too large`)
      return Number(value)
    case 'object':
      if (value === null) return null
      if (Array.isArray(value)) return value.map(fromCel)
      if (value instanceof Map) return Object.fromEntries([...value].map(([key, item]) => [String(key), fromCel(item)]))
      if (Object.getPrototypeOf(value) === Object.prototype || Object.getPrototypeOf(value) === null)
        return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fromCel(item)]))
  }
  throw new Error('the value is not a text, number, boolean, list or map')
}

const firstLine = (text: string): string => text.split('\n', 1)[0] ?? text
