import { isJsonObject, type Json, type JsonObject } from '../base/json.ts'
import { own } from '../base/own.ts'

/** What an observed value may hold, by field; a missing field is undefined. */
export type Fields = Record<string, (value: Json | undefined) => boolean>

export const isText = (value: Json | undefined): boolean => typeof value === 'string'
export const isTextOrNull = (value: Json | undefined): boolean => value === null || isText(value)
export const isTexts = (value: Json | undefined): boolean => Array.isArray(value) && value.every(isText)
export const isInteger = (value: Json | undefined): boolean => Number.isSafeInteger(value)

/** Returns why a value can't have been observed; undefined if it can. */
export function faultInFields(value: JsonObject, fields: Fields): string | undefined {
  const names = new Set([...Object.keys(value), ...Object.keys(fields)])
  const wrong = [...names].find((name) => !own(fields, name)?.(own(value, name)))
  if (wrong === undefined) return undefined
  const shown = Object.hasOwn(value, wrong) ? JSON.stringify(value[wrong]) : 'missing'
  return `the step can't have read \`${wrong}\`: ${shown}`
}

/** Returns what each selected field may hold: the type that is expected of it, or null. */
export function selectedFields(select: Record<string, string>, expected: JsonObject): Fields {
  const fields = Object.keys(select).map((name) => {
    const type = typeOf(own(expected, name) ?? null)
    const fits = (value: Json | undefined) =>
      value !== undefined && (type === 'null' || value === null || typeOf(value) === type)
    return [name, fits] as const
  })
  return Object.fromEntries(fields)
}

const typeOf = (value: Json): 'null' | 'list' | 'map' | 'scalar' =>
  value === null ? 'null' : Array.isArray(value) ? 'list' : isJsonObject(value) ? 'map' : 'scalar'
