import type { ErrorObject, ValidateFunction } from 'ajv'
import schema from '../../schemas/audit-entry.schema.json' with { type: 'json' }
import { quote } from '../base/printable.ts'

const shapes: Readonly<Record<string, ValidateFunction>> = (await compiledAhead()) ?? (await compileNow())

/**
 * Returns why an entry's body is not of the published form (`schemas/audit-entry.schema.json`), or undefined where it is.
 * The schema is the one place that says which types there are and which members each has; nothing else is accepted.
 */
export function misfitOf(type: string, body: unknown): string | undefined {
  const fits = Object.hasOwn(shapes, type) ? shapes[type] : undefined
  if (fits === undefined) return `this version of Breakglass knows no entry of the type ${quote(type)}`
  return fits(body) ? undefined : `${type}: ${describe(fits.errors ?? [])}`
}

/** Nothing in an entry is nested deeper. */
export const DEEPEST = 100

/** What in a value no entry may hold, if anything: numbers that readers would change, too many levels. */
export function unsafeIn(value: unknown, depth = 0): string | undefined {
  if (typeof value === 'number' && !(Math.abs(value) <= Number.MAX_SAFE_INTEGER))
    return `the number ${value} is beyond 2^53`
  if (typeof value === 'string' && !value.isWellFormed()) return 'it holds half a character (a lone surrogate)'
  if (typeof value !== 'object' || value === null) return undefined
  if (depth >= DEEPEST) return `it is nested deeper than ${DEEPEST} levels`
  for (const [name, item] of Object.entries(value)) {
    const found = name.isWellFormed() ? unsafeIn(item, depth + 1) : 'it holds half a character (a lone surrogate)'
    if (found !== undefined) return found
  }
  return undefined
}

/** The validators that were made by `npm ci` or for the package (`scripts/validators.js`); undefined where they are of another schema. */
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

/** The error that says most: the deepest, since of alternatives the one that fits best fails last. */
function describe(errors: ErrorObject[]): string {
  const [first] = errors.toSorted((a, b) => depthOf(b) - depthOf(a))
  if (first === undefined) return 'its body is not of the published form'
  const { keyword, params, instancePath } = first
  const place = ['body', ...instancePath.split('/').slice(1).map(unescapePointer)]
  const where = (name?: string) => quote([...place, ...(name === undefined ? [] : [name])].join('.'))
  switch (keyword) {
    case 'additionalProperties':
      return `it has the member ${where(String(params.additionalProperty))}, which it must not have`
    case 'required':
      return `it lacks the member ${where(String(params.missingProperty))}`
    case 'type':
      return `its member ${where()} is not of the type ${String(params.type)}`
    default:
      return `its member ${where()} is not what it may be (${keyword})`
  }
}

const depthOf = ({ instancePath, keyword }: ErrorObject): number =>
  instancePath.split('/').length * 2 + Number(keyword !== 'oneOf')

const unescapePointer = (part: string): string => part.replaceAll('~1', '/').replaceAll('~0', '~')
