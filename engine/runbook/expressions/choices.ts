import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts'

/** The JSON Schema keywords whose values are data, not schemas. */
export const DATA = new Set(['default', 'const', 'enum', 'examples'])

/** Returns whether an `enum` is an expression, such as one for the names in the inventory. */
export const isMadeByExpression = (choices: Json | undefined): choices is string =>
  typeof choices === 'string' && choices.includes('${{')

/** Replaces the `enum` expressions in a schema, or removes them if `change` returns undefined. `at` is a JSON pointer. */
export function withChoices(
  schema: JsonObject,
  change: (expression: string, at: string) => Json[] | undefined,
  at = '#',
): JsonObject {
  const deep = (value: Json, inner: string): Json =>
    Array.isArray(value)
      ? value.map((item, index) => deep(item, `${inner}/${index}`))
      : isJsonObject(value)
        ? withChoices(value, change, inner)
        : value
  const entries = Object.entries(schema).flatMap(([key, value]): [string, Json][] => {
    const inner = `${at}/${key}`
    if (key !== 'enum' || !isMadeByExpression(value)) return [[key, DATA.has(key) ? value : deep(value, inner)]]
    const choices = change(value, inner)
    return choices === undefined ? [] : [[key, choices]]
  })
  return Object.fromEntries(entries)
}
