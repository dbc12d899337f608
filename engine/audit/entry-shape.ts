import type { ErrorObject, ValidateFunction } from 'ajv'
import schema from '../../schemas/audit-entry.schema.json' with { type: 'json' }
import { quote } from '../base/printable.ts'

const shapes: Readonly<Record<string, ValidateFunction>> = (await compiledAhead()) ?? (await compileNow())

/**
 * Returns why an entry's body doesn't match the published schema (`schemas/audit-entry.schema.json`), or undefined if it does.
 * The schema alone defines the types and their members; everything else is rejected.
 */
export function misfitOf(type: string, body: unknown): string | undefined {
  const fits = Object.hasOwn(shapes, type) ? shapes[type] : undefined
  if (fits === undefined) return `this version of Breakglass does not know the entry type ${quote(type)}`
  return fits(body) ? undefined : `${type}: ${describe(fits.errors ?? [])}`
}

/** The deepest nesting that an entry may have. */
export const DEEPEST = 100

/** Returns why a value can't be stored in an entry: a number that readers would change, a lone surrogate, or too many levels. Undefined if it can. */
export function unsafeIn(value: unknown, depth = 0): string | undefined {
  if (typeof value === 'number' && !(Math.abs(value) <= Number.MAX_SAFE_INTEGER))
    return `the number ${value} is beyond 2^53`
  if (typeof value === 'string' && !value.isWellFormed()) return 'it contains a lone surrogate'
  if (typeof value !== 'object' || value === null) return undefined
  if (depth >= DEEPEST) return `it is nested deeper than ${DEEPEST} levels`
  for (const [name, item] of Object.entries(value)) {
    const found = name.isWellFormed() ? unsafeIn(item, depth + 1) : 'it contains a lone surrogate'
    if (found !== undefined) return found
  }
  return undefined
}

/** Loads the validators that `npm ci` or the package build compiled (`scripts/validators.js`); undefined if they are missing or out of date. */
async function compiledAhead(): Promise<Record<string, ValidateFunction> | undefined> {
  try {
    const made = await import(new URL('../../schemas/compiled/audit-entry.js', import.meta.url).href)
    return made.schema === JSON.stringify(schema) ? made.types : undefined
  } catch {
    return undefined
  }
}

async function compileNow(): Promise<Record<string, ValidateFunction>> {
  const { Ajv2020 } = await import('ajv/dist/2020.js')
  const ajv = new Ajv2020({ strict: false, messages: false }).addSchema(schema)
  const types = schema.oneOf.map(({ $ref }) => $ref.slice('#/$defs/'.length))
  return Object.fromEntries(
    types.map((type) => [
      type,
      ajv.getSchema(`${schema.$id}#/$defs/${type}/properties/body`) as unknown as ValidateFunction,
    ]),
  )
}

/** Describes the most specific error: the deepest one, since the alternative that fits best fails last. */
function describe(errors: ErrorObject[]): string {
  const [first] = errors.toSorted((a, b) => depthOf(b) - depthOf(a))
  if (first === undefined) return 'its body does not match the published schema'
  const { keyword, params, instancePath } = first
  const place = ['body', ...instancePath.split('/').slice(1).map(unescapePointer)]
  const where = (name?: string) => quote([...place, ...(name === undefined ? [] : [name])].join('.'))
  switch (keyword) {
    case 'additionalProperties':
      return `unknown member ${where(String(params.additionalProperty))}`
    case 'required':
      return `missing member ${where(String(params.missingProperty))}`
    case 'type':
      return `member ${where()} is not of type ${String(params.type)}`
    default:
      return `member ${where()} has an invalid value (${keyword})`
  }
}

const depthOf = ({ instancePath, keyword }: ErrorObject): number =>
  instancePath.split('/').length * 2 + Number(keyword !== 'oneOf')

const unescapePointer = (part: string): string => part.replaceAll('~1', '/').replaceAll('~0', '~')
