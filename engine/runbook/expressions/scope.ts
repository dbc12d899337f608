import type { Json, JsonObject } from '../../base/json.ts'
import { isJsonObject } from '../../base/json.ts'
import type { GcloudStepTemplate, Runbook } from '../types.ts'
import { type Budget, newBudget, spend } from './budget.ts'
import { DATA, isMadeByExpression } from './choices.ts'
import { makeChecker, type Scope, type ScopeTypes } from './expression.ts'
import { soleExpression, splitTemplate } from './template.ts'

/** The CEL types of `env` and `environments`, the parts of the inventory that expressions can read. */
const INVENTORY_TYPES: ScopeTypes = {
  EnvironmentKeys: { required: 'list<string>', deprecated: 'list<string>' },
  Repository: { name: 'string', files: 'map<string, string>' },
  Service: {
    name: 'string',
    region: 'string',
    posture: 'string',
    iap: 'bool',
    identity: 'string',
    health: 'string',
    environmentKeys: 'EnvironmentKeys',
  },
  Identity: { name: 'string', displayName: 'string', roles: 'list<string>', userManagedKeys: 'bool' },
  Secret: { name: 'string', references: 'list<string>', mayBeShort: 'bool', mayBeShown: 'bool' },
  Environment: {
    name: 'string',
    project: 'string',
    region: 'string',
    protected: 'bool',
    promotesFrom: 'string',
    services: 'list<Service>',
    identities: 'list<Identity>',
    secrets: 'list<Secret>',
    apis: 'list<string>',
  },
}

/** The variables that the default of an input can use. */
export const INVENTORY_SCOPE: Scope = {
  env: 'Environment',
  environments: 'map<string, Environment>',
  repository: 'Repository',
}

/** Returns the record types for a runbook's expressions: those of the inventory and its inputs. */
export function scopeTypes(runbook: Runbook): ScopeTypes {
  return { ...INVENTORY_TYPES, Inputs: inputTypes(runbook) }
}

/** Returns the CEL type of each input of a runbook. */
export const inputTypes = (runbook: Runbook): Record<string, string> =>
  Object.fromEntries(Object.entries(runbook.inputs).map(([name, schema]) => [name, inputType(schema, runbook)]))

/** The variables that every step of a runbook can use. */
export const STEP_SCOPE: Scope = { ...INVENTORY_SCOPE, inputs: 'Inputs' }

/** Returns the record type of `before` in a step's undo: the values that the step selects. */
export const beforeType = (step: GcloudStepTemplate): Record<string, string> =>
  Object.fromEntries(Object.keys(step.observe.select).map((name) => [name, 'dyn']))

/**
 * Resolves the references to the runbook's types in an input's schema, at any depth. Keeps the reference of a type to itself.
 * Throws BudgetError if the schema expands too far.
 */
export function resolveInput(
  schema: JsonObject,
  runbook: Runbook,
  within: string[] = [],
  budget: Budget = newBudget(MOST_SCHEMAS),
): JsonObject {
  spend(budget, 1)
  const name = typeof schema.$ref === 'string' ? /^#\/types\/(.+)$/.exec(schema.$ref)?.[1] : undefined
  const deep = (value: Json): Json =>
    Array.isArray(value) ? value.map(deep) : isJsonObject(value) ? resolveInput(value, runbook, within, budget) : value
  const own = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key, DATA.has(key) ? value : deep(value)]),
  )
  if (name === undefined || within.includes(name) || !Object.hasOwn(runbook.types, name)) return own
  const { $ref: _, ...rest } = own
  return { ...resolveInput(runbook.types[name] ?? {}, runbook, [...within, name], budget), ...rest }
}

/** The most schemas that an input may expand to. */
export const MOST_SCHEMAS = 2000

/** Returns the CEL type for an input's schema. */
export const inputType = (schema: JsonObject, runbook: Runbook): string => celType(resolveInput(schema, runbook))

function celType(schema: Json | undefined): string {
  if (!isJsonObject(schema)) return 'dyn'
  const { type, items } = schema
  switch (type) {
    case 'string':
      return 'string'
    case 'integer':
      return 'int'
    case 'number':
      return 'double'
    case 'boolean':
      return 'bool'
    case 'array':
      return `list<${celType(items)}>`
    case 'object':
      return 'map<string, dyn>'
    default:
      return choiceType(schema.enum)
  }
}

/** Returns the CEL type of the choices from an expression. Another check reports an invalid expression. */
function choiceType(choices: Json | undefined): string {
  if (!isMadeByExpression(choices)) return 'dyn'
  try {
    const type = makeChecker(INVENTORY_TYPES, INVENTORY_SCOPE).typeOf(soleExpression(splitTemplate(choices)) ?? '')
    return (typeof type === 'string' ? /^list<(.+)>$/.exec(type)?.[1] : undefined) ?? 'dyn'
  } catch {
    return 'dyn'
  }
}

/** Returns whether a value of one CEL type can be used where another is required. */
export function fitsType(given: string, wanted: string): boolean {
  if (given === wanted || given === 'dyn' || wanted === 'dyn') return true
  if (wanted === 'double') return given === 'int'
  const [, list, item = 'dyn'] = /^(list)<(.+)>$/.exec(given) ?? /^(list)$/.exec(given) ?? []
  const wantedItem = /^list<(.+)>$/.exec(wanted)?.[1]
  if (list !== undefined && wantedItem !== undefined) return fitsType(item, wantedItem)
  return wanted.startsWith('map<') && (given.startsWith('map') || /^[A-Z]/.test(given))
}
