import type { IncomingHttpHeaders } from 'node:http'
import { isJsonObject, type Json, type JsonObject } from '../base/json.ts'
import { own } from '../base/own.ts'
import type { Fields, RequestShape } from './api-methods.ts'
import { hasNumbers } from './apis/enums.ts'
import { refuse } from './model/answer.ts'
import { refuseUnsimulated } from './not-simulated.ts'
import { parseBody } from './request-json.ts'

/** The parts of a request other than its path. */
export type RequestParts = { query: URLSearchParams; headers: IncomingHttpHeaders; body: string }

/** A method's id and service, what its requests may contain, and the fields of each message type. */
export type RequestForm = {
  service: string
  methodId: string
  shape: RequestShape
  fieldsOf: (type: string) => Fields | undefined
  /** Whether the answer can have numbers for enum values, as `$alt=json;enum-encoding=int` requests. */
  numbers?: boolean
}

/** What reading a body needs and collects; `inPath` are the fields that the path gives already. */
type Reading = { fieldsOf: RequestForm['fieldsOf']; found: Violation[]; inPath?: string[] }

/** Matches the parameters that every Google API accepts and that don't change what a call does (cloud.google.com/apis/docs/system-parameters). */
const SYSTEM_PARAMETERS =
  /^\$?(access_token|fields|key|oauth_token|prettyPrint|quotaUser|userIp|userProject|uploadType|upload_protocol|\.xgafv)$/

/** The most invalid fields that one error lists. */
const MOST_VIOLATIONS = 100

/**
 * Reads a request's query and body by its method's fields, as Google's APIs do, and refuses unknown fields and wrong
 * types: ignoring an unknown field would silently drop what the caller asked for. Returns the names as the API spells them.
 */
export function readRequest(form: RequestForm, parts: RequestParts): { query: URLSearchParams; body: JsonObject } {
  const { service, methodId, shape, fieldsOf } = form
  const { headers } = parts
  if (headers['x-http-method-override'] !== undefined)
    refuseUnsimulated(service, `X-HTTP-Method-Override of ${methodId}`)
  const encoding = headers['content-encoding'] ?? 'identity'
  if (encoding !== 'identity') refuseUnsimulated(service, `Content-Encoding: ${printableName(encoding)}`)
  const query = readQuery(form, parts.query)
  if (parts.body !== '' && shape.body === undefined) refuse(400, `Invalid request: ${methodId} takes no body.`)
  if (parts.body !== '') requireJson(headers['content-type'])
  const found: Violation[] = []
  const read = () =>
    message(shape.body!, parseBody(parts.body), shape.bodyField ?? '', {
      fieldsOf,
      found,
      inPath: shape.pathFields ?? [],
    })
  const body = shape.body === undefined ? {} : read()
  if (found.length > 0) refuseFields(found, service)
  return { query, body }
}

/** Reads a message outside a request; returns it with what is wrong with it, in Google's words. */
export function readMessage(
  type: string,
  value: JsonObject,
  fieldsOf: RequestForm['fieldsOf'],
): { message: JsonObject; wrong: string[] } {
  const found: Violation[] = []
  const read = message(type, value, '', { fieldsOf, found })
  return { message: read, wrong: found.map(({ description }) => description) }
}

/** Refuses a body that isn't JSON; curl's `-d` labels everything a form, so a form is accepted and read as JSON. */
function requireJson(type: string | undefined): void {
  const form = /^(application\/json|application\/x-www-form-urlencoded) *(?:; *charset="?utf-8"? *)?$/i
  if (type !== undefined && !form.test(type))
    refuse(400, `Invalid Content-Type ${JSON.stringify(type)}: the body must be application/json in UTF-8.`)
}

function readQuery(
  { service, methodId, shape, fieldsOf, numbers }: RequestForm,
  given: URLSearchParams,
): URLSearchParams {
  // A request message that is the whole body has its fields in the query too.
  const inBody = shape.body?.endsWith('Request') && shape.bodyField === undefined ? fieldsOf(shape.body) : {}
  const fields: Fields = { ...inBody, ...shape.query }
  const read = new URLSearchParams()
  const found: Violation[] = []
  for (const [name, value] of given) {
    if (SYSTEM_PARAMETERS.test(name)) continue
    if (/^\$?alt$/.test(name) && (value === 'json' || (numbers && hasNumbers(given)))) continue
    if (/^\$?(alt|callback)$/.test(name)) refuseUnsimulated(service, `the parameter ${name} of ${methodId}`)
    const field = camelCase(name)
    const type = own(fields, field)
    if (type === undefined) found.push(unbound(name))
    else if (read.has(field) && !type.startsWith('[]')) found.push(twice(name))
    else if (!isOfText(type.replace('[]', ''), value)) found.push(invalid(name, type, value))
    else read.append(field, value)
  }
  if (found.length > 0) refuseFields(found, service)
  return read
}

function isOfText(type: string, text: string): boolean {
  if (type === 'bool') return /^(true|false)$/i.test(text)
  return type === 'string' || scalar(type, text) !== undefined
}

/** Reads a message by its fields, named as in JSON or as in the message's definition (`service_account`). */
function message(type: string, value: Json, at: string, reading: Reading): JsonObject {
  const { fieldsOf, found } = reading
  const fields = fieldsOf(type) ?? {}
  if (!isJsonObject(value)) {
    found.push(invalid(at, 'message', value))
    return {}
  }
  const read = new Map<string, Json>()
  for (const [name, each] of Object.entries(value)) {
    const field = own(fields, name) === undefined ? camelCase(name) : name
    const itsType = own(fields, field)
    if (itsType === undefined && reading.inPath?.includes(field)) continue
    if (itsType === undefined) found.push(unknown(name, at))
    else if (read.has(field)) found.push(twice(under(at, field)))
    // As in the APIs' own JSON, null means that the field is absent, and so does an enum value without a name.
    else if (each !== null && !(each === '' && itsType.startsWith('enum:')))
      read.set(field, ofType(itsType, each, under(at, field), reading))
  }
  return Object.fromEntries(read)
}

function ofType(type: string, value: Json, at: string, reading: Reading): Json {
  const { fieldsOf, found } = reading
  if (type.startsWith('[]')) {
    const item = type.slice('[]'.length)
    if (!Array.isArray(value)) found.push(invalid(at, fieldsOf(item) ? 'message' : item, value))
    return Array.isArray(value) ? value.map((each, i) => ofType(item, each, `${at}[${i}]`, reading)) : []
  }
  if (type.startsWith('{}')) return mapOf(type.slice('{}'.length), value, at, reading)
  if (type === 'any') return value
  if (fieldsOf(type) !== undefined) return message(type, value, at, reading)
  const read = scalar(type, value)
  if (read === undefined) found.push(invalid(at, type, value))
  return read ?? null
}

function mapOf(type: string, value: Json, at: string, reading: Reading): JsonObject {
  if (!isJsonObject(value)) {
    reading.found.push(invalid(at, 'map', value))
    return {}
  }
  const entries = Object.entries(value).map(([key, each], i): [string, Json] => {
    if (key === '__proto__') reading.found.push(unknown(key, at))
    return [key, ofType(type, each, `${at}[${i}].value`, reading)]
  })
  return Object.fromEntries(entries)
}

/** Reads a value as its scalar type, or returns undefined if it has another; numbers and booleans may be strings. */
function scalar(type: string, value: Json): Json | undefined {
  if (type.startsWith('enum:')) {
    const names = type.slice('enum:'.length).split(',')
    if (typeof value === 'number')
      return Number.isInteger(value) && value >= 0 ? (names[value] ?? names.at(-1)) : undefined
    return typeof value === 'string' && names.includes(value) ? value : undefined
  }
  switch (type) {
    case 'string':
    case 'bytes':
      return typeof value === 'string' ? value : undefined
    case 'bool':
      return value === 'true' || value === true ? true : value === 'false' || value === false ? false : undefined
    case 'number':
      return isNumber(value) ? Number(value) : undefined
    case 'int32':
      return isNumber(value) && Number.isInteger(Number(value)) && Math.abs(Number(value)) < 2 ** 31
        ? Number(value)
        : undefined
    case 'int64':
      if (typeof value === 'string') return /^-?0*[0-9]{1,19}$/.test(value) ? value : undefined
      return Number.isInteger(value) ? value : undefined
    default:
      throw new Error(`${type} is no type of a field`)
  }
}

const isNumber = (value: Json): boolean =>
  typeof value === 'number' || (typeof value === 'string' && /^-?[0-9]+(\.[0-9]+)?(e[+-]?[0-9]+)?$/i.test(value))

/** What is wrong with a request and in which field, in Google's wording. */
type Violation = { field: string; description: string; value?: string }

const unknown = (name: string, at: string): Violation => ({
  field: at,
  description: `Invalid JSON payload received. Unknown name ${quoted(name)}${at === '' ? '' : ` at '${at}'`}: Cannot find field.`,
})

const unbound = (name: string): Violation => ({
  field: '',
  description: `Invalid JSON payload received. Unknown name ${quoted(name)}: Cannot bind query parameter. Field '${printableName(name)}' could not be found in request message.`,
})

const twice = (at: string): Violation => ({ field: at, description: `Invalid value at '${at}': duplicate field.` })

const invalid = (at: string, type: string, value: Json): Violation => ({
  field: at,
  description: `Invalid value at '${at}' (${typeName(type)})`,
  ...(typeof value !== 'object' && { value: JSON.stringify(value).slice(0, 100) }),
})

/** Refuses a request with all its violations; never repeats a value sent to Secret Manager, since it may be a secret. */
function refuseFields(found: Violation[], service: string): never {
  const violations = found.slice(0, MOST_VIOLATIONS).map(({ field, description, value }) => ({
    ...(field !== '' && { field }),
    description: value === undefined || service === 'secretmanager' ? description : `${description}, ${value}`,
  }))
  refuse(400, violations.map(({ description }) => description).join('\n'), 'INVALID_ARGUMENT', [
    { '@type': 'type.googleapis.com/google.rpc.BadRequest', fieldViolations: violations },
  ])
}

const typeName = (type: string): string =>
  type === 'message' || type === 'map'
    ? 'TYPE_MESSAGE'
    : `TYPE_${type
        .replace('[]', '')
        .replace(/^enum:.*/, 'enum')
        .replace('number', 'double')
        .toUpperCase()}`

const under = (at: string, field: string): string => (at === '' ? snakeCase(field) : `${at}.${snakeCase(field)}`)
const camelCase = (name: string): string => name.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
const snakeCase = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
const printableName = (name: string): string => name.slice(0, 200)
const quoted = (name: string): string => `"${printableName(name)}"`
