import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts'
import { own } from '../../base/own.ts'
import type { IndexedApi } from './description.ts'

/** Returns whether a caller uses numbers for enum values (`$alt=json;enum-encoding=int`). */
export const hasNumbers = (query: URLSearchParams): boolean =>
  /enum-encoding=int/.test(query.get('$alt') ?? query.get('alt') ?? '')

/** Returns a message with its enum values as numbers. */
export function withNumbers(api: IndexedApi, type: string, value: JsonObject): JsonObject {
  // The result of an operation names its own type.
  const said = typeof value['@type'] === 'string' ? value['@type'].split('.').at(-1) : undefined
  const fields = own(api.types, said ?? type) ?? {}
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name, fieldOf(api, own(fields, name) ?? 'any', each)]),
  )
}

function fieldOf(api: IndexedApi, type: string, value: Json): Json {
  if (type.startsWith('[]'))
    return Array.isArray(value) ? value.map((each) => fieldOf(api, type.slice(2), each)) : value
  if (type.startsWith('{}'))
    return isJsonObject(value)
      ? Object.fromEntries(Object.entries(value).map(([key, each]) => [key, fieldOf(api, type.slice(2), each)]))
      : value
  if (type.startsWith('enum:')) {
    const at = typeof value === 'string' ? type.slice('enum:'.length).split(',').indexOf(value) : -1
    return at >= 0 ? at : value
  }
  return isJsonObject(value) ? withNumbers(api, type, value) : value
}
