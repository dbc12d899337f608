import { isJsonObject, type Json, type JsonObject } from '../base/json.ts'
import { PatternError } from '../base/pattern.ts'
import { suggest } from '../base/suggest.ts'
import { compileSchema } from '../runbook/schema/errors.ts'
import type { ResolvedInput } from './resolved-inputs.ts'

/** Why a value doesn't fit an input, and a hint. */
export type Mismatch = { message: string; hint?: string }

/** Checks a value against an input; returns undefined if it fits. */
export function mismatch(
  value: Json,
  { schema, known }: Pick<ResolvedInput, 'schema' | 'known'>,
): Mismatch | undefined {
  if (valuesIn(value) > MOST_VALUES) return { message: `it has more than ${MOST_VALUES} values` }
  const validate = compileSchema(compilable(schema))
  try {
    if (validate(value)) return undefined
  } catch (error) {
    if (error instanceof PatternError) return { message: error.message }
    throw error
  }
  const errors = validate.errors ?? []
  const foreign = errors.filter(({ keyword, schemaPath }) => keyword === 'enum' || isNoChoice(schemaPath, known))
  if (foreign.length === 0) {
    const [error] = errors
    const where = error?.instancePath ? `at ${error.instancePath.slice(1).replaceAll('/', '.')} ` : ''
    return { message: `${where}${error?.message ?? 'does not fit its schema'}: ${JSON.stringify(value)}` }
  }
  const [first] = foreign
  const choices = first?.keyword === 'enum' ? (first.schema as Json[]) : []
  const names = [...new Set(foreign.map(({ data }) => shown(data as Json)))]
  const place =
    known.includes(first?.schemaPath ?? '') || choices.length === 0 ? 'in the inventory' : 'one of its choices'
  const meant = suggest(names[0] ?? '', choices.map(shown))
  return {
    message: `${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} not ${place}`,
    hint: meant ? `did you mean ${meant}?` : `valid ${choices.length === 1 ? 'value' : 'values'}: ${listed(choices)}`,
  }
}

/** The most values an input may have: `uniqueItems` compares each with each. */
const MOST_VALUES = 10_000

function valuesIn(value: Json): number {
  if (typeof value !== 'object' || value === null) return 1
  let sum = 1
  for (const each of Object.values(value)) sum += valuesIn(each)
  return sum
}

/** Replaces an empty `enum`, which Ajv rejects, by a schema that nothing fits. */
function compilable(schema: JsonObject): JsonObject {
  const deep = (value: Json): Json =>
    Array.isArray(value) ? value.map(deep) : isJsonObject(value) ? compilable(value) : value
  const { enum: choices, ...rest } = schema
  const others = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, deep(value)]))
  if (choices === undefined) return others
  return Array.isArray(choices) && choices.length === 0 ? { ...others, not: {} } : { ...others, enum: choices }
}

const isNoChoice = (schemaPath: string, known: string[]): boolean =>
  known.includes(schemaPath.replace(/\/not$/, '/enum')) && schemaPath.endsWith('/not')

const shown = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value))

const MOST_LISTED = 20

const listed = (choices: Json[]): string =>
  choices.length === 0
    ? 'none'
    : `${choices.slice(0, MOST_LISTED).map(shown).join(', ')}${choices.length > MOST_LISTED ? `, and ${choices.length - MOST_LISTED} more` : ''}`
