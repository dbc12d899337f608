const step = {
  type: 'object',
  required: ['id', 'title'],
  properties: {
    id: { type: 'string', pattern: '^[a-z][a-z0-9-]*$', description: 'lower-case letters, digits and hyphens.' },
    title: { type: 'string', minLength: 1 },
    risk: { enum: ['low', 'medium', 'high'] },
    observe: { $ref: '#/$defs/observe' },
    secret: { type: 'string' },
    http: { type: 'object', required: ['url'], properties: { url: { type: 'string' }, status: { type: 'integer' } } },
    apply: { $ref: '#/$defs/argv' },
    undo: {
      oneOf: [
        {
          type: 'object',
          required: ['gcloud'],
          properties: { gcloud: { $ref: '#/$defs/argv' } },
          additionalProperties: false,
        },
        {
          type: 'object',
          required: ['cannotBeUndone'],
          properties: { cannotBeUndone: { type: 'string' } },
          additionalProperties: false,
        },
      ],
    },
    labels: { type: 'object', propertyNames: { pattern: '^[a-z]+$', description: 'lower-case letters' } },
    enabled: { type: 'boolean' },
    also: { anyOf: [{ type: 'string' }, { $ref: '#/$defs/argv' }] },
  },
  oneOf: [{ required: ['observe'] }, { required: ['secret'] }, { required: ['http'] }],
  if: { required: ['secret'] },
  // biome-ignore lint/suspicious/noThenProperty: a JSON Schema keyword
  then: { properties: { rotate: { type: 'boolean' } } },
  dependentRequired: { apply: ['undo'] },
  unevaluatedProperties: false,
}

/** A schema with every construct that the diagnostics support. */
export const sampleSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  required: ['apiVersion', 'kind', 'steps'],
  properties: {
    apiVersion: { const: 'breakglass/v1' },
    kind: { const: 'Runbook' },
    tags: { type: 'array', items: { type: 'string' }, uniqueItems: true },
    steps: { type: 'array', items: { $ref: '#/$defs/step' }, minItems: 1 },
    trigger: { oneOf: [{ $ref: '#/$defs/timer' }, { $ref: '#/$defs/topic' }] },
  },
  additionalProperties: false,
  $defs: {
    argv: { type: 'array', items: { type: 'string' }, minItems: 1 },
    observe: {
      type: 'object',
      required: ['gcloud'],
      properties: { gcloud: { $ref: '#/$defs/argv' }, select: { type: 'object' } },
      additionalProperties: false,
    },
    timer: {
      type: 'object',
      required: ['kind', 'every'],
      properties: { kind: { const: 'timer' }, every: { type: 'string' } },
      additionalProperties: false,
    },
    topic: {
      type: 'object',
      required: ['kind', 'name'],
      properties: { kind: { const: 'topic' }, name: { type: 'string' } },
      additionalProperties: false,
    },
    step,
  },
}

/** A file that the sample schema accepts. */
export const validText = `# what the team does
apiVersion: breakglass/v1
kind: Runbook
tags: [a, "b", 'c']
trigger: { kind: timer, every: 5m }
steps:
  - id: ingress
    title: "\${{ service }} takes traffic"
    risk: low
    observe: &read
      gcloud: [run, services, describe]
    apply: [run, services, update]
    undo: { gcloud: [run, services, update, --ingress=all] }
  - id: again
    title: |
      Several lines
      of text
    observe: *read
`
