import type { Json, JsonObject } from '../../base/json.ts'
import { own } from '../../base/own.ts'
import { type Budget, newBudget } from './budget.ts'
import { WITHHELD, Withheld } from './withheld.ts'

declare const cel: unique symbol

/** A JSON value in the form in which CEL works with it: whole numbers are ints, all others doubles. */
export type CelValue = { readonly [cel]: true }

/** Where variables keep what the expressions that share them may still cost together. */
export const BUDGET = Symbol('budget')

/** The variables of an expression, by name. */
export type Variables = { readonly [name: string]: CelValue; readonly [BUDGET]?: Budget }

/** The CEL form of each object and list that there ever was: an inventory is converted once, not once an expression. JSON values are never changed once they are made. */
const converted = new WeakMap<object, CelValue>()

/**
 * The CEL form of a JSON value: `generation + 1` has a meaning, since whole numbers are ints. An object becomes a Map,
 * in which `constructor` is a key like any other.
 */
export function toCel(value: Json): CelValue {
  if (typeof value !== 'object' || value === null) return scalarToCel(value, 'dyn')
  const known = converted.get(value)
  if (known !== undefined) return known
  const made = Array.isArray(value) ? value.map((item, at) => held(item, `[${at}]`)) : mapOf(value, held)
  converted.set(value, made as unknown as CelValue)
  return made as unknown as CelValue
}

/** The same where the CEL type is known: a whole number that is declared as a double is one. */
export function toCelAs(value: Json, type: string): CelValue {
  const item = /^list<(.+)>$/.exec(type)?.[1]
  if (item !== undefined && Array.isArray(value)) return value.map((each) => toCelAs(each, item)) as unknown as CelValue
  return typeof value === 'number' ? scalarToCel(value, type) : toCel(value)
}

/** An object whose fields are of these CEL types. */
export const toCelFields = (object: JsonObject, types: Record<string, string>): CelValue =>
  mapOf(object, (value, key) => toCelAs(value, own(types, key) ?? 'dyn')) as unknown as CelValue

/** The CEL forms of some variables, whose expressions share one budget. */
export const toVariables = (json: JsonObject, budget: Budget = newBudget()): Variables => ({
  ...Object.fromEntries(Object.entries(json).map(([name, value]) => [name, toCel(value)])),
  [BUDGET]: budget,
})

/** Variables with some more, and a budget of their own: what a bound step evaluates each time it observes. */
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
  value === WITHHELD ? (new Withheld(name) as unknown as CelValue) : toCel(value)

/** The JSON of what an expression gives. Throws Error for what JSON can't hold. */
export function toJson(value: unknown): Json {
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
      if (value instanceof Withheld) return value.refuse()
      if (Array.isArray(value)) return value.map(toJson)
      if (value instanceof Map) return Object.fromEntries([...value].map(([key, item]) => [String(key), toJson(item)]))
      if (Object.getPrototypeOf(value) === Object.prototype || Object.getPrototypeOf(value) === null)
        return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toJson(item)]))
  }
  throw new Error('the value is not a text, number, boolean, list or map')
}
