import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts'

/** Formats JSON as gcloud does: sorted keys, two spaces, a final line break. */
export const jsonText = (json: Json): string => `${JSON.stringify(inOrder(json), null, 2)}\n`

/** Returns an object with a bytes field as gcloud prints it: in the URL-safe base64 alphabet. */
export const withBytes = (object: JsonObject, field: string): JsonObject =>
  typeof object[field] === 'string'
    ? { ...object, [field]: object[field].replaceAll('+', '-').replaceAll('/', '_') }
    : object

/** Sorts the keys of all objects. */
export function inOrder(json: Json): Json {
  if (Array.isArray(json)) return json.map(inOrder)
  if (!isJsonObject(json)) return json
  const entries = Object.entries(json).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, value]) => [key, inOrder(value)]))
}
