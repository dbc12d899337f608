import type { Plan, PlannedStep, SavedContent } from '../../engine/plan/types.ts'

const digest = `sha256:${'0'.repeat(64)}`

/** A drifted step of a service. */
export const serviceStep: PlannedStep = {
  key: 'posture/ingress[shop]',
  runbook: 'posture',
  id: 'ingress',
  title: 'shop takes public traffic',
  subject: 'shop',
  risk: 'high',
  observation: { state: 'value', value: { ingress: 'internal', note: 'grüße' } },
  expectation: { ingress: 'all' },
  status: 'drift',
  differences: [{ name: 'ingress', current: 'internal', wanted: 'all' }],
  targets: [{ read: 'run services describe shop', project: 'p-1', marks: { generation: '3', resourceVersion: 'AAA' } }],
  apply: { kind: 'gcloud', command: { argv: ['run', 'services', 'update', 'shop', '--ingress=all'], project: 'p-1' } },
}

/** A drifted step of a secret, with the fingerprints of one run. */
export const secretStep = (own: string, right: string, version = '2'): PlannedStep => ({
  ...serviceStep,
  key: 'secrets/parity[KEY]',
  runbook: 'secrets',
  title: 'KEY equals stage',
  observation: { state: 'value', value: { version, state: 'ENABLED', fingerprint: own } },
  expectation: { fingerprint: right },
  differences: [{ name: 'fingerprint', current: own, wanted: right }],
  targets: [{ read: 'secrets versions list KEY', project: 'p-1', marks: { version, state: 'ENABLED' } }],
})

/** A fingerprint as a run makes it. */
export const fingerprint = (digit: string): string => `hmac-sha256:${digit.repeat(32)}`

/** A plan of these steps. */
export const planOf = (...steps: PlannedStep[]): Plan => ({
  environment: { name: 'prod', project: 'p-1', protected: false },
  runbooks: [{ name: 'posture', title: 'Posture', digest }],
  inventory: { name: 'shop', digest },
  inputs: { posture: { services: ['shop'] } },
  steps,
  checks: [],
})

/** What a saved plan says. */
export const content: SavedContent = {
  apiVersion: 'breakglass/v1',
  kind: 'Plan',
  id: `plan-${'a'.repeat(32)}`,
  madeAt: '2026-02-27T10:00:00.000Z',
  expiresAt: '2026-02-27T11:00:00.000Z',
  madeBy: 'ada',
  engine: '0.1.0',
  cloud: { kind: 'live' },
  sources: [
    { what: 'runbook', name: 'posture', path: 'runbooks/posture.yaml', digest },
    { what: 'inventory', name: 'shop', path: 'runbooks/inventory.yaml', digest },
  ],
  given: {},
  bound: {},
  plan: planOf(serviceStep),
}
