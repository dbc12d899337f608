import type { Json } from '../base/json.ts'
import { compileSchema } from '../runbook/schema/schema.ts'

const text = { type: 'string', minLength: 1 }
const time = { type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{3}Z$' }
const digest = { type: 'string', pattern: '^sha256:[0-9a-f]{64}$' }

/** A path inside the workspace: a plan can't bring its own runbooks. */
const inside = { type: 'string', pattern: '^[^/]', not: { pattern: '(^|/)\\.\\.(/|$)' } }

const closed = (properties: Record<string, object>, optional: Record<string, object> = {}) => ({
  type: 'object',
  properties: { ...properties, ...optional },
  required: Object.keys(properties),
  additionalProperties: false,
})

const file = { name: text, digest }

const access = closed(
  {},
  {
    proxy: text,
    noProxy: { type: 'array', items: text },
    caFile: closed(file),
    credentialsFile: closed(file, { serviceAccount: text }),
    account: text,
    configuration: text,
    impersonateServiceAccount: text,
  },
)

/** The schema of a saved plan. The plan inside is compared, as a whole, with one that is made again. */
const schema = closed(
  {
    apiVersion: { const: 'breakglass/v1' },
    kind: { const: 'Plan' },
    id: { type: 'string', pattern: '^plan-[0-9a-f]{32}$' },
    digest,
    madeAt: time,
    expiresAt: time,
    madeBy: text,
    engine: text,
    cloud: closed({ kind: { enum: ['live', 'sandbox'] } }, { scenario: text, id: text }),
    sources: {
      type: 'array',
      items: closed({ what: { enum: ['runbook', 'gate', 'inventory'] }, name: text, path: inside, digest }),
      contains: { type: 'object', properties: { what: { const: 'inventory' } }, required: ['what'] },
      minContains: 1,
      maxContains: 1,
    },
    given: { type: 'object' },
    bound: { type: 'object', additionalProperties: digest },
    plan: {
      type: 'object',
      properties: {
        environment: { type: 'object', properties: { name: text }, required: ['name'] },
        steps: {
          type: 'array',
          items: { type: 'object', properties: { key: text, title: text }, required: ['key', 'title'] },
        },
      },
      required: ['environment', 'steps'],
    },
  },
  { access },
)

let compiled: ReturnType<typeof compileSchema> | undefined

/** Returns whether a JSON value is a saved plan. */
export const fitsSavedPlan = (value: Json): boolean => {
  compiled ??= compileSchema(schema)
  return compiled(value) as boolean
}
