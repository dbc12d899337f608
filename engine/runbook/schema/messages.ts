import type { Json, JsonObject } from '../../base/json.ts'
import { quote, quoteList } from '../../base/printable.ts'
import { suggest } from '../../base/suggest.ts'
import { actualType, expectedType, type SchemaError, type SchemaFinding, show, subject } from './finding.ts'
import { declaredKeys } from './schema.ts'

/** Turns an ajv error into a readable message at the position where it can be fixed. */
export function explainError(error: SchemaError, root: JsonObject): SchemaFinding {
  if (error.propertyName !== undefined) return wrongName(error, error.propertyName)
  const { path, keyword, params } = error
  switch (keyword) {
    case 'additionalProperties':
    case 'unevaluatedProperties':
      return unknownKey(error, String(params.additionalProperty ?? params.unevaluatedProperty), root)
    case 'required':
      return missingKey(error, String(params.missingProperty))
    case 'dependentRequired':
      return {
        path: [...path, String(params.property)],
        which: 'key',
        message: `${quote(String(params.property))} requires ${quote(String(params.missingProperty))}`,
        about: { kind: 'missing', keys: [String(params.missingProperty)], owner: path },
      }
    case 'type':
      return wrongType(error, root)
    case 'enum':
      return wrongChoice(error, Array.isArray(error.schema) ? error.schema : [])
    case 'const':
      return wrongChoice(error, [error.schema])
    case 'uniqueItems':
      return {
        path: [...path, Math.max(Number(params.i), Number(params.j))],
        which: 'value',
        message: `${subject(path)}: items ${Math.min(Number(params.i), Number(params.j)) + 1} and ${Math.max(Number(params.i), Number(params.j)) + 1} are the same`,
      }
    default:
      return { path, which: 'value', message: `${subject(path)} ${wrongValue(error)}${seen(error)}`, ...hintOf(error) }
  }
}

function unknownKey({ path, holder, keyword, data }: SchemaError, key: string, root: JsonObject): SchemaFinding {
  const allowed =
    keyword === 'unevaluatedProperties'
      ? declaredKeys(root, holder)
      : Object.keys((holder.properties ?? {}) as JsonObject)
  const free = allowed.filter((name) => !Object.hasOwn((data ?? {}) as JsonObject, name))
  const meant = suggest(key, free)
  const message = allowed.includes(key) ? `${quote(key)} is not allowed here` : `unknown key ${quote(key)}`
  const list = free.length > 0 ? `allowed here: ${quoteList(free, 'and')}` : 'remove it: no other key is allowed here'
  const hint = meant === undefined ? list : `did you mean ${quote(meant)}?`
  return { path: [...path, key], which: 'key', message, hint, about: { kind: 'unknown', key, meant } }
}

function missingKey({ path }: SchemaError, key: string): SchemaFinding {
  const where = path.length === 0 ? '' : ` in ${subject(path)}`
  return {
    path,
    which: 'key',
    message: `missing required key ${quote(key)}${where}`,
    about: { kind: 'missing', keys: [key], owner: path },
  }
}

function wrongType({ path, schema, holder, data }: SchemaError, root: JsonObject): SchemaFinding {
  const message = `${subject(path)}: expected ${expectedType(root, schema, holder)}, but ${actualType(data)}`
  const hint = typeHint(Array.isArray(schema) ? schema : [schema], data)
  return { path, which: 'value', message, ...(hint === undefined ? {} : { hint }) }
}

function typeHint(types: Json[], data: Json): string | undefined {
  if (types.includes('string') && (typeof data === 'number' || typeof data === 'boolean')) return `quote it: "${data}"`
  if (types.includes('string') && typeof data === 'object' && data !== null && !Array.isArray(data))
    return 'quote a string that starts with `{` or contains `: `'
  if (typeof data !== 'string') return undefined
  if (types.includes('boolean') && /^(true|yes|on|y)$/i.test(data)) return 'write true, without quotes'
  if (types.includes('boolean') && /^(false|no|off|n)$/i.test(data)) return 'write false, without quotes'
  if (/^-?[0-9]+(\.[0-9]+)?$/.test(data) && (types.includes('number') || types.includes('integer')))
    return 'write it without quotes'
  if (types.includes('object') && /^[^\s:]+:\S/.test(data)) return 'add a space after the colon: `key: value`'
  return undefined
}

/** Explains a value that is not one of the allowed ones. */
export function wrongChoice({ path, data }: Pick<SchemaError, 'path' | 'data'>, allowed: Json[]): SchemaFinding {
  const texts = allowed.map((value) => (typeof value === 'string' ? value : JSON.stringify(value)))
  const expected = `${allowed.length > 1 ? 'one of ' : ''}${quoteList(texts)}`
  const meant = typeof data === 'string' && allowed.length > 1 ? suggest(data, texts) : undefined
  const actual = typeof data === 'object' ? actualType(data) : `this is ${show(data)}`
  const message = `${subject(path)}: expected ${expected}, but ${actual}`
  return { path, which: 'value', message, ...(meant === undefined ? {} : { hint: `did you mean ${quote(meant)}?` }) }
}

function wrongName(error: SchemaError, name: string): SchemaFinding {
  const { hint } = hintOf(error)
  const listed = error.keyword === 'enum' && Array.isArray(error.schema) ? error.schema.map(String) : []
  const meant = suggest(name, listed)
  const advice =
    meant !== undefined
      ? `did you mean ${quote(meant)}?`
      : listed.length > 0
        ? `allowed here: ${quoteList(listed, 'and')}`
        : hint
  const message = listed.length > 0 ? `unknown key ${quote(name)}` : `the key ${quote(name)} ${wrongValue(error)}`
  const about = listed.length > 0 ? ({ kind: 'unknown', key: name, meant } as const) : undefined
  const path = [...error.path, name]
  return {
    path,
    which: 'key',
    message,
    ...(advice === undefined ? {} : { hint: advice }),
    ...(about === undefined ? {} : { about }),
  }
}

/** Returns the examples in the schema as a hint, because a regular expression would not help. */
function hintOf({ holder, keyword }: SchemaError): { hint?: string } {
  if (keyword !== 'pattern' && keyword !== 'format' && keyword !== 'not') return {}
  const examples = Array.isArray(holder.examples) ? holder.examples.map((each) => show(each)) : []
  return examples.length === 0 ? {} : { hint: `for example ${examples.slice(0, 3).join(', ')}` }
}

const seen = ({ keyword, data }: SchemaError) =>
  keyword === 'pattern' || keyword === 'format' ? `; this is ${show(data)}` : ''

function wrongValue({ keyword, schema, holder, data }: SchemaError): string {
  const form = (text: string) => text.trim().replace(/\.$/, '')
  const { description = holder.title } = holder
  switch (keyword) {
    case 'pattern':
    case 'format':
      return `does not have the expected format${typeof description === 'string' ? `: ${form(description)}` : ''}`
    case 'not':
      return notMessage(schema, description)
    case 'minLength':
      return schema === 1 ? 'must not be empty' : `must have at least ${schema} characters`
    case 'maxLength':
      return `must have at most ${schema} characters`
    case 'minItems':
      return schema === 1 ? 'must have at least one item' : `must have at least ${schema} items`
    case 'maxItems':
    case 'additionalItems':
    case 'items':
    case 'unevaluatedItems':
      return typeof schema === 'number' ? `must have at most ${schema} items` : 'has too many items'
    case 'minProperties':
      return schema === 1 ? 'must have at least one key' : `must have at least ${schema} keys`
    case 'maxProperties':
      return `must have at most ${schema} keys`
    case 'minimum':
    case 'exclusiveMinimum':
      return `must be ${keyword === 'minimum' ? 'at least' : 'more than'} ${schema}, but is ${show(data)}`
    case 'maximum':
    case 'exclusiveMaximum':
      return `must be ${keyword === 'maximum' ? 'at most' : 'less than'} ${schema}, but is ${show(data)}`
    case 'multipleOf':
      return `must be a multiple of ${schema}, but is ${show(data)}`
    case 'contains':
      return typeof description === 'string'
        ? `does not contain a required item: ${form(description)}`
        : 'does not contain a required item'
    case 'false schema':
      return 'is not allowed here'
    default:
      return typeof description === 'string' ? `is invalid; expected: ${form(description)}` : 'is invalid'
  }
}

function notMessage(schema: Json, description: Json | undefined): string {
  const inner = (schema ?? {}) as JsonObject
  if (typeof inner.description === 'string') return inner.description
  if (Array.isArray(inner.required))
    return `cannot have ${quoteList(inner.required.map(String), 'and')}${inner.required.length > 1 ? ' together' : ''}`
  return typeof description === 'string' ? `is invalid; expected: ${description}` : 'is not allowed'
}
