import type { Json, JsonObject } from './json.ts'

declare const cel: unique symbol

/** A JSON value in the form in which CEL works with it: whole numbers are ints, all others doubles. */
export type CelValue = { readonly [cel]: true }

/** The variables of an expression, by name. */
export type Variables = { readonly [name: string]: CelValue }

/** The CEL form of each object and list that there ever was: an inventory is converted once, not once an expression. JSON values are never changed once they are made. */
const converted = new WeakMap<object, CelValue>()

/** The CEL form of a JSON value: `generation + 1` has a meaning, since whole numbers are ints. */
export function toCel(value: Json): CelValue {
  if (typeof value !== 'object' || value === null) return scalarToCel(value, 'dyn')
  const known = converted.get(value)
  if (known !== undefined) return known
  const made = Array.isArray(value) ? value.map(toCel) : mapValues(value, toCel)
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
  Object.fromEntries(
    Object.entries(object).map(([key, value]) => [key, toCelAs(value, types[key] ?? 'dyn')]),
  ) as unknown as CelValue

/** The CEL forms of some variables. */
export const toVariables = (json: JsonObject): Variables => mapValues(json, toCel)

const scalarToCel = (value: Json, type: string): CelValue =>
  (typeof value === 'number' && type !== 'double' && Number.isSafeInteger(value)
    ? BigInt(value)
    : value) as unknown as CelValue

/** A copy in which each value is changed in its place: an answer has so many objects that entries of them would be most of the garbage. */
function mapValues<T>(object: JsonObject, change: (value: Json) => T): Record<string, T> {
  const copy: Record<string, unknown> = { ...object }
  for (const key of Object.keys(copy)) copy[key] = change(copy[key] as Json)
  return copy as Record<string, T>
}

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
      if (Array.isArray(value)) return value.map(toJson)
      if (value instanceof Map) return Object.fromEntries([...value].map(([key, item]) => [String(key), toJson(item)]))
      if (Object.getPrototypeOf(value) === Object.prototype || Object.getPrototypeOf(value) === null)
        return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toJson(item)]))
  }
  throw new Error('the value is not a text, number, boolean, list or map')
}
