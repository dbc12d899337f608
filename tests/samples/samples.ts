import { readFileSync } from 'node:fs'
import type { Inventory } from '../../engine/runbook/inventory.ts'
import { readInventory } from '../../engine/runbook/read-inventory.ts'
import { readRunbook } from '../../engine/runbook/read-runbook.ts'
import type { Runbook } from '../../engine/runbook/types.ts'
import type {
  BoundApproveStep,
  BoundGcloudStep,
  BoundManualStep,
  BoundSecretStep,
  BoundWaitStep,
} from '../../engine/steps/types.ts'
import type { Failure, GcloudResult, World } from '../../engine/steps/world.ts'

/** A runbook that is right; tests break it in one place each. */
export const runbookText = `apiVersion: breakglass/v1
kind: Runbook
metadata: { name: sample, title: Sample, description: Nothing real., risk: low }
types:
  names: { type: array, items: { type: string } }
inputs:
  services:
    $ref: "#/types/names"
    default: \${{ env.services.map(s, s.name) }}
  many: { type: integer, default: 2 }
steps:
  - id: ingress
    title: \${{ service }} is open
    forEach: { service: "\${{ inputs.services }}" }
    when: \${{ env.region != '' }}
    observe:
      gcloud: [run, services, describe, "\${{ service }}", --region, "\${{ env.region }}"]
      select:
        ingress: \${{ result.metadata.ingress }}
    expect: { ingress: all }
    apply: { gcloud: [run, services, update, "\${{ service }}", --ingress=all] }
    undo: { gcloud: [run, services, update, "\${{ service }}", "--ingress=\${{ before.ingress }}"] }
    record: Opened \${{ changed }}.
verify:
  - id: answers
    title: it answers
    http: { url: "https://example.test/", status: 200 }
`

export const inventoryText = `apiVersion: breakglass/v1
kind: Inventory
metadata: { name: sample }
environments:
  dev:
    project: p-dev
    region: us-central1
    secrets: [{ name: KEY }]
  prod:
    project: p-prod
    region: us-central1
    services:
      - { name: web, posture: public, iap: false }
      - { name: api, posture: internal, identity: runner-x, health: /healthz }
    identities: [{ name: runner-x, roles: [roles/a.b, roles/c.d] }]
    secrets: [{ name: KEY, references: [dev] }]
`

/** A text with one place changed, which must be there. */
export function changed(text: string, from: string, to: string): string {
  if (!text.includes(from)) throw new Error(`the sample has no ${JSON.stringify(from)}`)
  return text.replace(from, () => to)
}

/** The same, and where in the changed text the mark ‸ stood, as `line:column`. */
export function marked(text: string, from: string, to: string): { text: string; place: string } {
  const [before = '', after] = changed(text, from, to).split('‸')
  if (after === undefined) throw new Error('nothing is marked')
  const lines = before.split('\n')
  return { text: before + after, place: `${lines.length}:${(lines.at(-1) ?? '').length + 1}` }
}

export function runbookOf(text: string = runbookText): Runbook {
  const reading = readRunbook({ name: 'sample.yaml', text })
  if (!reading.ok) throw new Error(reading.diagnostics.map(({ line, message }) => `${line}: ${message}`).join('\n'))
  return reading.value
}

export function inventoryOf(text: string = inventoryText): Inventory {
  const reading = readInventory({ name: 'i.yaml', text })
  if (!reading.ok) throw new Error(reading.diagnostics.map(({ line, message }) => `${line}: ${message}`).join('\n'))
  return reading.value
}

export const shipped = (name: string) => ({
  name,
  text: readFileSync(new URL(`../../runbooks/${name}`, import.meta.url), 'utf8'),
})

/** Diagnostics as `line:column message (hint)`, one a line. */
export function findingsIn(reading: ReturnType<typeof readRunbook> | ReturnType<typeof readInventory>): string[] {
  if (reading.ok) return []
  return reading.diagnostics.map(
    ({ line, column, message, hint }) => `${line}:${column} ${message}${hint === undefined ? '' : ` (${hint})`}`,
  )
}

const common = {
  runbook: 'sample',
  id: 'thing',
  risk: 'low' as const,
  timeoutMs: 1000,
  retry: { attempts: 1, everyMs: 100 },
  settle: { reads: 1, everyMs: 100, withinMs: 1000 },
  project: 'p-prod',
}

export const gcloudStep = (name: string, over: Partial<BoundGcloudStep> = {}): BoundGcloudStep => ({
  ...common,
  kind: 'gcloud',
  key: `sample/thing[${name}]`,
  title: `${name} is right`,
  subject: name,
  reads: [{ command: { argv: ['thing', 'describe', name], project: 'p-prod' } }],
  select: { value: '${{ result.value }}' },
  expect: { value: 'right' },
  apply: { kind: 'gcloud', command: { argv: ['thing', 'set', name, 'right'], project: 'p-prod' } },
  undo: { words: ['thing', 'set', name, '${{ before.value }}'] },
  variables: {},
  ...over,
})

const look = (name: string) => {
  const { reads, select, expect, variables } = gcloudStep(name)
  return { reads, select, expect, variables }
}

/** A step that is done by hand; `proof` names the thing of the model cloud that tells it. */
export const manualStep = (name: string, proof?: string): BoundManualStep => ({
  ...common,
  kind: 'manual',
  key: `sample/manual[${name}]`,
  title: `${name} is done by hand`,
  subject: name,
  manual: { instructions: `Turn ${name} by hand.`, evidence: 'The ticket' },
  ...(proof === undefined ? {} : { proof: look(proof) }),
})

/** A wait for a minute, or until a thing of the model cloud is right. */
export const waitStep = (until?: string): BoundWaitStep => ({
  ...common,
  kind: 'wait',
  key: `sample/wait[${until ?? 'minute'}]`,
  title: 'the change has settled',
  subject: 'prod',
  ...(until === undefined
    ? { waiting: { forMs: 60_000 } }
    : { waiting: { everyMs: 5000, withinMs: 60_000 }, until: look(until) }),
})

export const approveStep = (over: Partial<BoundApproveStep> = {}): BoundApproveStep => ({
  ...common,
  kind: 'approve',
  key: 'sample/approve',
  title: 'support knows',
  subject: 'prod',
  question: 'Has support been told?',
  ...over,
})

/** The same with words that gcloud knows, which a gate insists on. */
export const readingStep = (name: string): BoundGcloudStep =>
  gcloudStep(name, { reads: [{ command: { argv: ['run', 'services', 'describe', name], project: 'p-prod' } }] })

export const secretStep = (over: Partial<BoundSecretStep> = {}): BoundSecretStep => ({
  ...common,
  kind: 'secret',
  key: 'sample/secret[KEY]',
  title: 'KEY equals its references',
  subject: 'KEY',
  secret: 'KEY',
  references: [
    { environment: 'stage', project: 'p-stage' },
    { environment: 'dev', project: 'p-dev' },
  ],
  ...over,
})

export const printed = (value: unknown): GcloudResult => ({
  way: 'cold',
  exitCode: 0,
  output: new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value)),
  stderr: '',
  durationMs: 1,
})

export const failedWith = (cause: Failure['cause'], message: string = cause): GcloudResult => ({
  way: 'cold',
  exitCode: 1,
  output: new Uint8Array(0),
  stderr: `ERROR: ${message}`,
  durationMs: 1,
  failure: { cause, message },
})

/** A world whose gcloud is one function; everything else refuses. */
export function worldOf(gcloud: World['gcloud'], over: Partial<World> = {}): World {
  return {
    gcloud,
    http: async () => ({ failed: 'no http here', cause: 'network' }),
    fingerprint: (secret) => `f:${secret.lend((bytes) => Buffer.from(bytes).toString('hex'))}`,
    guard: () => true,
    mask: (text) => text,
    github: async () => ({ failed: 'no github here', cause: 'network' }),
    script: async () => ({ exitCode: null, output: '', failure: { cause: 'other', reason: 'no script here' } }),
    once: (_, read) => read(),
    clock: { now: () => new Date(0), sleep: async () => {} },
    ...over,
  }
}
