import type { ValidateFunction } from 'ajv/dist/2020.js'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts'
import { memoize } from '../../base/memoize.ts'
import { compileSchemaPattern } from '../../base/pattern.ts'

/** A compiled schema that can also validate a value against each alternative of an inner `anyOf` or `oneOf`. */
export type SchemaValidator = ValidateFunction & {
  root: JsonObject
  alternatives: (holder: object, keyword: 'anyOf' | 'oneOf') => ValidateFunction[]
}

// Optimizing the generated code takes ajv longer than it saves.
const thorough = { allErrors: true, verbose: true, code: { optimize: false } }
// Alternatives use `required` without `properties`, which strictRequired would reject.
const strictly = { ...thorough, strict: true, strictRequired: false, allowUnionTypes: true }

/** Compiles a JSON Schema 2020-12; caches schemas without an `$id` by their content. Throws an Error if the schema is invalid. */
export function compileSchema(schema: object): SchemaValidator {
  const root = schema as JsonObject
  return typeof root.$id === 'string' ? compile(root, root.$id, new Ajv2020(strictly)) : unnamed(JSON.stringify(root))
}

/** The Ajv for schemas without an `$id`: creating one takes longer than compiling a schema. */
let shared: Ajv2020 | undefined

/** Compiles the patterns of user-written schemas with RE2. Ajv identifies a pattern by its text. */
const linear = Object.assign(
  (source: string) => ({ ...compileSchemaPattern(source), toString: () => `re2:${source}` }),
  { code: 're2' },
)

const unnamed = memoize(200, (text) => {
  shared ??= new Ajv2020({ ...strictly, code: { ...strictly.code, regExp: linear } })
  return compile(JSON.parse(text) as JsonObject, 'schema', shared)
})

function compile(root: JsonObject, id: string, ajv: Ajv2020): SchemaValidator {
  const validate = ajv.compile(root)
  // Without the whole, an alternative lacks a `type`, which strict mode would reject.
  let parts: Ajv2020 | undefined
  const pointerOf = pointers(root)
  const alternatives: SchemaValidator['alternatives'] = (holder, keyword) => {
    const schemas = (holder as JsonObject)[keyword]
    if (!Array.isArray(schemas)) return []
    parts ??= new Ajv2020({ ...thorough, strict: false }).addSchema(root, id)
    return schemas.flatMap((_, index) => parts?.getSchema(`${id}#${pointerOf.get(holder)}/${keyword}/${index}`) ?? [])
  }
  return Object.assign(validate, { root, alternatives })
}

/** Returns the JSON pointer (as a URI fragment) of each object in a schema, which ajv's `schemaPath` loses at a `$ref`. */
function pointers(root: JsonObject): Map<object, string> {
  const found = new Map<object, string>()
  const visit = (value: Json, pointer: string) => {
    if (typeof value !== 'object' || value === null || found.has(value)) return
    found.set(value, pointer)
    for (const [key, inner] of Object.entries(value))
      visit(inner, `${pointer}/${encodeURIComponent(key.replaceAll('~', '~0').replaceAll('/', '~1'))}`)
  }
  visit(root, '')
  return found
}

/** Returns a schema and the targets of its local `$ref`s, the schema itself first. */
export function withReferences(root: JsonObject, schema: Json | undefined): JsonObject[] {
  const found: JsonObject[] = []
  let next = schema
  while (isJsonObject(next) && !found.includes(next)) {
    found.push(next)
    next = typeof next.$ref === 'string' && next.$ref.startsWith('#') ? lookUp(root, next.$ref.slice(1)) : undefined
  }
  return found
}

function lookUp(root: JsonObject, pointer: string): Json | undefined {
  let value: Json | undefined = root
  for (const part of decodeURIComponent(pointer).split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~')
    value = Array.isArray(value)
      ? value[Number(key)]
      : isJsonObject(value) && Object.hasOwn(value, key)
        ? value[key]
        : undefined
  }
  return value
}

/** Returns every key that a schema declares for its object, directly or in the schemas it combines. */
export function declaredKeys(root: JsonObject, schema: Json, seen = new Set<object>()): string[] {
  const keys = withReferences(root, schema).flatMap((part) => {
    if (seen.has(part)) return []
    seen.add(part)
    const inner = [part.if, part.then, part.else, ...lists(part), ...values(part.dependentSchemas)]
    return [
      ...Object.keys(isJsonObject(part.properties) ? part.properties : {}),
      ...inner.flatMap((each) => declaredKeys(root, each ?? null, seen)),
    ]
  })
  return [...new Set(keys)]
}

const lists = ({ allOf, anyOf, oneOf }: JsonObject): Json[] =>
  [allOf, anyOf, oneOf].flatMap((list) => (Array.isArray(list) ? list : []))
const values = (map: Json | undefined): Json[] => (isJsonObject(map) ? Object.values(map) : [])
