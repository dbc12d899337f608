import type { ErrorObject } from 'ajv/dist/2020.js'
import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts'
import { own } from '../../base/own.ts'
import { quote } from '../../base/printable.ts'
import { withReferences } from './schema.ts'

/** What a person is told of one place in a document; `about` lets one finding make another needless. */
export type SchemaFinding = {
  path: (string | number)[]
  which: 'key' | 'value'
  message: string
  hint?: string
  about?:
    | { kind: 'unknown'; key: string; meant: string | undefined }
    | { kind: 'missing'; keys: string[]; owner: (string | number)[] }
}

/** An ajv error with the path of its value; `data` and `parentSchema` are there because ajv runs verbosely. */
export type SchemaError = {
  path: (string | number)[]
  keyword: ErrorObject['keyword']
  params: Record<string, Json>
  schema: Json
  holder: JsonObject
  data: Json
  /** The key whose name is wrong, when the error is about a name. */
  propertyName?: string
}

/** Turns ajv's errors into plain data; `base` is the path of the value that was checked, and `value` that value. */
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

/** A JSON pointer as keys and indexes: only the value tells which is which. */
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

/** How a sentence names the value at a path: its key, the item of its list, or the file. */
export function subject(path: readonly (string | number)[]): string {
  const last = path.at(-1)
  if (last === undefined) return 'the file'
  if (typeof last === 'string') return quote(last)
  const owner = path.findLast((step) => typeof step === 'string')
  return owner === undefined ? `item ${last + 1}` : `item ${last + 1} of ${quote(owner)}`
}

const typeNames: Record<string, string> = {
  string: 'a text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping of keys to values',
  null: 'nothing',
}

/** What a schema's `type` asks for, in words: `a list of texts`, `a text or a number`. */
export function expectedType(root: JsonObject, type: Json | undefined, holder: JsonObject): string {
  const types = Array.isArray(type) ? type : [type]
  return types
    .map((each) => (each === 'array' ? listOf(root, holder) : (own(typeNames, String(each)) ?? String(each))))
    .join(' or ')
}

function listOf(root: JsonObject, holder: JsonObject): string {
  const item = withReferences(root, holder.items).find(({ type }) => type !== undefined)?.type
  const plural = { string: 'texts', number: 'numbers', integer: 'whole numbers', array: 'lists', object: 'mappings' }
  return typeof item === 'string' && Object.hasOwn(plural, item)
    ? `a list of ${plural[item as keyof typeof plural]}`
    : 'a list'
}

/** What a value is, in words. */
export function actualType(value: Json): string {
  if (value === null) return 'there is nothing here'
  if (Array.isArray(value)) return 'this is a list'
  switch (typeof value) {
    case 'string':
      return 'this is a text'
    case 'number':
      return 'this is a number'
    case 'boolean':
      return `this is ${value}`
    default:
      return 'this is a mapping'
  }
}

/** The JSON Schema type of a value; a whole number counts as `integer`. */
export function typeOf(value: Json): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return typeof value === 'number' && Number.isInteger(value) ? 'integer' : typeof value
}

/** A value as a sentence quotes it. */
export const show = (value: Json): string => quote(typeof value === 'string' ? value : JSON.stringify(value))
