import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts'
import { own } from '../../base/own.ts'
import type { IndexedApi } from './description.ts'

/** Returns whether a caller uses numbers for enum values (`$alt=json;enum-encoding=int`). */
export const hasNumbers = (query: URLSearchParams): boolean =>
  /enum-encoding=int/.test(query.get('$alt') ?? query.get('alt') ?? '')

/** Returns a message with its enum values as names. */
export const withNames = (api: IndexedApi, type: string, value: JsonObject): JsonObject =>
  walk(api, type, value, (values, each) => (typeof each === 'number' ? (values[each] ?? each) : each))

/** Returns a message with its enum values as numbers. */
export const withNumbers = (api: IndexedApi, type: string, value: JsonObject): JsonObject =>
  walk(api, type, value, (values, each) => {
    const at = typeof each === 'string' ? values.indexOf(each) : -1
    return at >= 0 ? at : each
  })

type Encode = (values: string[], each: Json) => Json

function walk(api: IndexedApi, type: string, value: JsonObject, encode: Encode): JsonObject {
  // The result of an operation names its own type.
  const said = typeof value['@type'] === 'string' ? value['@type'].split('.').at(-1) : undefined
  const fields = own(api.types, said ?? type) ?? {}
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name, field(api, own(fields, name) ?? 'any', each, encode)]),
  )
}

function field(api: IndexedApi, type: string, value: Json, encode: Encode): Json {
  if (type.startsWith('[]'))
    return Array.isArray(value) ? value.map((each) => field(api, type.slice(2), each, encode)) : value
  if (type.startsWith('{}'))
    return isJsonObject(value)
      ? Object.fromEntries(Object.entries(value).map(([key, each]) => [key, field(api, type.slice(2), each, encode)]))
      : value
  if (type.startsWith('enum:')) return encode(type.slice('enum:'.length).split(','), value)
  return isJsonObject(value) ? walk(api, type, value, encode) : value
}
