import type { Scope, ScopeTypes } from './expression.ts'
import type { Json, JsonObject } from './json.ts'
import { isJsonObject } from './json.ts'
import type { GcloudStepTemplate, Runbook } from './types.ts'

/** What expressions may read of the inventory: the CEL types of `env` and `environments`. */
const INVENTORY_TYPES: ScopeTypes = {
  Service: { name: 'string', posture: 'string', iap: 'bool', identity: 'string', health: 'string' },
  Identity: { name: 'string', displayName: 'string', roles: 'list<string>' },
  Secret: { name: 'string', references: 'list<string>' },
  Environment: {
    name: 'string',
    project: 'string',
    region: 'string',
    protected: 'bool',
    services: 'list<Service>',
    identities: 'list<Identity>',
    secrets: 'list<Secret>',
    apis: 'list<string>',
  },
}

/** The variables that an input's default may name. */
export const INVENTORY_SCOPE: Scope = { env: 'Environment', environments: 'map<string, Environment>' }

/** The record types that a runbook's expressions know: the inventory's and its own inputs. */
export function scopeTypes(runbook: Runbook): ScopeTypes {
  const inputs = Object.entries(runbook.inputs).map(([name, schema]) => [name, celType(schema, runbook)])
  return { ...INVENTORY_TYPES, Inputs: Object.fromEntries(inputs) }
}

/** The variables that every step of a runbook may name. */
export const STEP_SCOPE: Scope = { ...INVENTORY_SCOPE, inputs: 'Inputs' }

/** The record type of `before` in a step's undo: the values that the step selects. */
export const beforeType = (step: GcloudStepTemplate): Record<string, string> =>
  Object.fromEntries(Object.keys(step.observe.select).map((name) => [name, 'dyn']))

/** The JSON Schema that an input's schema stands for, its reference to the runbook's types followed. */
export function resolveInput(schema: JsonObject, runbook: Runbook): JsonObject {
  const name = typeof schema.$ref === 'string' ? /^#\/types\/(.+)$/.exec(schema.$ref)?.[1] : undefined
  const target = name === undefined ? undefined : runbook.types[name]
  if (!target) return schema
  const { $ref: _, ...own } = schema
  return { ...target, ...own }
}

function celType(schema: Json | undefined, runbook: Runbook): string {
  if (!isJsonObject(schema)) return 'dyn'
  const { type, items } = resolveInput(schema, runbook)
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
      return `list<${celType(items, runbook)}>`
    case 'object':
      return 'map<string, dyn>'
    default:
      return 'dyn'
  }
}
