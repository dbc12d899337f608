import type { Json } from '../base/json.ts'
import { compileSchema } from '../runbook/schema/schema.ts'

const text = { type: 'string', minLength: 1 }
const time = { type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{3}Z$' }
const digest = { type: 'string', pattern: '^sha256:[0-9a-f]{64}$' }

/** A path inside the workspace: nobody's plan may bring runbooks of its own along. */
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

/** What a saved plan says around its plan; the plan itself is held, whole, against one that is made anew. */
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

/** Whether some JSON says what a saved plan must say. */
export const fitsSavedPlan = (value: Json): boolean => {
  compiled ??= compileSchema(schema)
  return compiled(value) as boolean
}
