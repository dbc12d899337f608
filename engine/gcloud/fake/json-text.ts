import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts'

/** JSON as gcloud prints it: keys in order, two spaces, a line break at the end. */
export const jsonText = (json: Json): string => `${JSON.stringify(inOrder(json), null, 2)}\n`

/** An object with a field of bytes as gcloud prints them: base64 in its URL-safe alphabet. */
export const withBytes = (object: JsonObject, field: string): JsonObject =>
  typeof object[field] === 'string'
    ? { ...object, [field]: object[field].replaceAll('+', '-').replaceAll('/', '_') }
    : object

/** The same with the keys of all objects in order. */
export function inOrder(json: Json): Json {
  if (Array.isArray(json)) return json.map(inOrder)
  if (!isJsonObject(json)) return json
  const entries = Object.entries(json).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, value]) => [key, inOrder(value)]))
}
