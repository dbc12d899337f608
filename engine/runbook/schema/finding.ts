import type { ErrorObject } from 'ajv/dist/2020.js'
import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts'
import { own } from '../../base/own.ts'
import { quote } from '../../base/printable.ts'
import { withReferences } from './schema.ts'

/** A message about a position in a document; `about` identifies findings that make others redundant. */
export type SchemaFinding = {
  path: (string | number)[]
  which: 'key' | 'value'
  message: string
  hint?: string
  about?:
    | { kind: 'unknown'; key: string; meant: string | undefined }
    | { kind: 'missing'; keys: string[]; owner: (string | number)[] }
}

/** An ajv error with the path of its value. Ajv includes `data` and `parentSchema` in verbose mode. */
export type SchemaError = {
  path: (string | number)[]
  keyword: ErrorObject['keyword']
  params: Record<string, Json>
  schema: Json
  holder: JsonObject
  data: Json
  /** The key with the invalid name, if the error is about a name. */
  propertyName?: string
}

/** Turns ajv's errors into plain data; `value` is the validated value and `base` its path. */
export function schemaErrors(errors: readonly ErrorObject[], base: (string | number)[], value: Json): SchemaError[] {
  return errors.map((error) => ({
    path: [...base, ...toPath(error.instancePath, value)],
    keyword: error.keyword,
    params: error.params as Record<string, Json>,
    schema: error.schema as Json,
    holder: (error.parentSchema ?? {}) as JsonObject,
    data: error.data as Json,
    ...(error.propertyName === undefined ? {} : { propertyName: error.propertyName }),
  }))
}

/** Turns a JSON pointer into keys and indexes, which only the value can distinguish. */
function toPath(pointer: string, value: Json): (string | number)[] {
  let inner: Json | undefined = value
  return pointer
    .split('/')
    .slice(1)
    .map((part) => {
      const key = part.replaceAll('~1', '/').replaceAll('~0', '~')
      const step = Array.isArray(inner) ? Number(key) : key
      inner = Array.isArray(inner)
        ? inner[Number(key)]
        : isJsonObject(inner) && Object.hasOwn(inner, key)
          ? inner[key]
          : undefined
      return step
    })
}

/** Returns how to refer to the value at a path in a sentence: its key, its list item, or the file. */
export function subject(path: readonly (string | number)[]): string {
  const last = path.at(-1)
  if (last === undefined) return 'the file'
  if (typeof last === 'string') return quote(last)
  const owner = path.findLast((step) => typeof step === 'string')
  return owner === undefined ? `item ${last + 1}` : `item ${last + 1} of ${quote(owner)}`
}

const typeNames: Record<string, string> = {
  string: 'a string',
  number: 'a number',
  integer: 'an integer',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  null: 'null',
}

/** Describes the `type` of a schema: `a list of strings`, `a string or a number`. */
export function expectedType(root: JsonObject, type: Json | undefined, holder: JsonObject): string {
  const types = Array.isArray(type) ? type : [type]
  return types
    .map((each) => (each === 'array' ? listOf(root, holder) : (own(typeNames, String(each)) ?? String(each))))
    .join(' or ')
}

function listOf(root: JsonObject, holder: JsonObject): string {
  const item = withReferences(root, holder.items).find(({ type }) => type !== undefined)?.type
  const plural = { string: 'strings', number: 'numbers', integer: 'integers', array: 'lists', object: 'mappings' }
  return typeof item === 'string' && Object.hasOwn(plural, item)
    ? `a list of ${plural[item as keyof typeof plural]}`
    : 'a list'
}

/** Describes the type of a value. */
export function actualType(value: Json): string {
  if (value === null) return 'this is empty'
  if (Array.isArray(value)) return 'this is a list'
  switch (typeof value) {
    case 'string':
      return 'this is a string'
    case 'number':
      return 'this is a number'
    case 'boolean':
      return `this is ${value}`
    default:
      return 'this is a mapping'
  }
}

/** Returns the JSON Schema type of a value; a whole number is an `integer`. */
export function typeOf(value: Json): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return typeof value === 'number' && Number.isInteger(value) ? 'integer' : typeof value
}

/** Quotes a value for a sentence. */
export const show = (value: Json): string => quote(typeof value === 'string' ? value : JSON.stringify(value))
