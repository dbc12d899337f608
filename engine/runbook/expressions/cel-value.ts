import type { Json, JsonObject } from '../../base/json.ts'
import { own } from '../../base/own.ts'
import { type Budget, newBudget } from './budget.ts'
import { REDACTED, RedactedValue } from './redacted.ts'

declare const cel: unique symbol

/** A JSON value in CEL form: whole numbers are ints, all other numbers are doubles. */
export type CelValue = { readonly [cel]: true }

/** The key of the budget that expressions with the same variables share. */
export const BUDGET = Symbol('budget')

/** The variables of an expression, by name. */
export type Variables = { readonly [name: string]: CelValue; readonly [BUDGET]?: Budget }

/** Caches the CEL form of objects and lists, so that an inventory is converted once and not for each expression. JSON values are immutable. */
const converted = new WeakMap<object, CelValue>()

/**
 * Converts a JSON value to CEL: whole numbers become ints, so that `generation + 1` works, and objects become Maps, in which
 * `constructor` is an ordinary key.
 */
export function toCel(value: Json): CelValue {
  if (typeof value !== 'object' || value === null) return scalarToCel(value, 'dyn')
  const known = converted.get(value)
  if (known !== undefined) return known
  const made = Array.isArray(value) ? value.map((item, at) => held(item, `[${at}]`)) : mapOf(value, held)
  converted.set(value, made as unknown as CelValue)
  return made as unknown as CelValue
}

/** Converts a JSON value to a CEL type: a whole number becomes a double if it is declared as one. */
export function toCelAs(value: Json, type: string): CelValue {
  const item = /^list<(.+)>$/.exec(type)?.[1]
  if (item !== undefined && Array.isArray(value)) return value.map((each) => toCelAs(each, item)) as unknown as CelValue
  return typeof value === 'number' ? scalarToCel(value, type) : toCel(value)
}

/** Converts an object with fields of the given CEL types. */
export const toCelFields = (object: JsonObject, types: Record<string, string>): CelValue =>
  mapOf(object, (value, key) => toCelAs(value, own(types, key) ?? 'dyn')) as unknown as CelValue

/** Converts variables, whose expressions share a budget. */
export const toVariables = (json: JsonObject, budget: Budget = newBudget()): Variables => ({
  ...Object.fromEntries(Object.entries(json).map(([name, value]) => [name, toCel(value)])),
  [BUDGET]: budget,
})

/** Adds variables and a new budget, for each observation of a bound step. */
export const withVariables = (variables: Variables, more: JsonObject = {}): Variables => ({
  ...variables,
  ...toVariables(more),
})

const scalarToCel = (value: Json, type: string): CelValue =>
  (typeof value === 'number' && type !== 'double' && Number.isSafeInteger(value)
    ? BigInt(value)
    : value) as unknown as CelValue

function mapOf(object: JsonObject, change: (value: Json, key: string) => CelValue): Map<string, CelValue> {
  const map = new Map<string, CelValue>()
  for (const key of Object.keys(object)) map.set(key, change(object[key] as Json, key))
  return map
}

const held = (value: Json, name: string): CelValue =>
  value === REDACTED ? (new RedactedValue(name) as unknown as CelValue) : toCel(value)

/** Converts the result of an expression to JSON. Throws an Error for a value that JSON cannot represent. */
export function toJson(value: unknown): Json {
  switch (typeof value) {
    case 'boolean':
      return value
    case 'string':
      if (!value.isWellFormed()) throw new Error('the string contains an incomplete character (a lone surrogate)')
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
      if (value instanceof RedactedValue) return value.refuse()
      if (Array.isArray(value)) return value.map(toJson)
      if (value instanceof Map) return Object.fromEntries([...value].map(([key, item]) => [String(key), toJson(item)]))
      if (Object.getPrototypeOf(value) === Object.prototype || Object.getPrototypeOf(value) === null)
        return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toJson(item)]))
  }
  throw new Error('the value is not a string, number, boolean, list or map')
}
