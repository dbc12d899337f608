import type { Scenario } from '../../engine/sandbox/model/scenario.ts'
import { projectIn, serviceIn } from './scenario-parts.ts'

const prod = 'jualuma-prod'
const stage = 'jualuma-stage'
const member = `serviceAccount:cr-backend@${prod}.iam.gserviceaccount.com`

/** One thing that is not as the inventory says, the gate that finds it, and what it must say. */
export type Drift = {
  what: string
  gate: string
  environment: string
  change(scenario: Scenario): void
  names: string[]
}

/** Each kind of drift that the gates find. */
export const drifts: Drift[] = [
  {
    what: 'ingress',
    gate: 'run-parity',
    environment: 'prod',
    change: (scenario) => {
      serviceIn(scenario, prod, 'frontend-app').ingress = 'internal'
    },
    names: ['frontend-app', 'traffic is internal, must be public'],
  },
  {
    what: 'the invoker check',
    gate: 'run-parity',
    environment: 'prod',
    change: (scenario) => {
      serviceIn(scenario, prod, 'support-portal').invokerCheck = true
    },
    names: ['support-portal', 'invokerCheck is true, must be false'],
  },
  {
    what: 'IAP',
    gate: 'run-parity',
    environment: 'prod',
    change: (scenario) => {
      serviceIn(scenario, prod, 'marketing-site').iap = true
    },
    names: ['marketing-site', 'iap is true, must be false'],
  },
  {
    what: 'a wrong identity in prod',
    gate: 'run-parity',
    environment: 'prod',
    change: (scenario) => {
      delete serviceIn(scenario, prod, 'jualuma-backend').serviceAccount
    },
    names: ['jualuma-backend', 'compute@developer.gserviceaccount.com'],
  },
  {
    what: 'a wrong identity in stage',
    gate: 'run-parity',
    environment: 'stage',
    change: (scenario) => {
      delete serviceIn(scenario, stage, 'jualuma-backend').serviceAccount
    },
    names: ['jualuma-backend', `must be cr-backend@${stage}.iam.gserviceaccount.com`],
  },
  {
    what: 'a service missing from the parity gate',
    gate: 'run-parity',
    environment: 'prod',
    change: (scenario) => {
      delete projectIn(scenario, prod).services?.['marketing-site']
    },
    names: ['marketing-site', 'exists is false, must be true'],
  },
  {
    what: 'a missing service',
    gate: 'gcp-drift',
    environment: 'prod',
    change: (scenario) => {
      delete projectIn(scenario, prod).services?.['marketing-site']
    },
    names: ['missingServices is marketing-site'],
  },
  {
    what: 'a missing role',
    gate: 'gcp-drift',
    environment: 'prod',
    change: (scenario) => {
      const project = projectIn(scenario, prod)
      project.iamBindings = (project.iamBindings ?? []).filter(({ role }) => role !== 'roles/datastore.user')
    },
    names: ['missingRoles is roles/datastore.user'],
  },
  {
    what: 'an extra role',
    gate: 'gcp-drift',
    environment: 'prod',
    change: (scenario) => {
      projectIn(scenario, prod).iamBindings?.push({ role: 'roles/storage.admin', members: [member] })
    },
    names: ['extraRoles is roles/storage.admin'],
  },
  {
    what: 'a missing secret',
    gate: 'gcp-drift',
    environment: 'prod',
    change: (scenario) => {
      delete projectIn(scenario, prod).secrets
      delete serviceIn(scenario, prod, 'jualuma-backend').secretEnv
    },
    names: ['missingSecrets is PLAID_SECRET'],
  },
  {
    what: 'a secret out of parity',
    gate: 'gcp-drift',
    environment: 'prod',
    change: (scenario) => {
      projectIn(scenario, prod).secrets = { PLAID_SECRET: { versions: [{ text: 'another-fake-secret' }] } }
    },
    names: ['gcp-drift/secret-parity[prod,PLAID_SECRET]', 'its value differs from the wanted one'],
  },
  {
    what: 'a disabled API',
    gate: 'gcp-drift',
    environment: 'prod',
    change: (scenario) => {
      projectIn(scenario, prod).apis = [
        ...['secretmanager', 'iam', 'cloudresourcemanager', 'serviceusage'].map((api) => `${api}.googleapis.com`),
      ]
    },
    names: ['disabledApis is run.googleapis.com'],
  },
  {
    what: 'a disabled identity',
    gate: 'gcp-drift',
    environment: 'prod',
    change: (scenario) => {
      projectIn(scenario, prod).serviceAccounts = { 'cr-backend': { disabled: true } }
    },
    names: [`missingIdentities is cr-backend@${prod}.iam.gserviceaccount.com`],
  },
  {
    what: 'a deprecated key',
    gate: 'identity-key-drift',
    environment: 'prod',
    change: (scenario) => {
      serviceIn(scenario, prod, 'support-portal').env = { AUTH_ISSUER_URL: 'https://x', FIREBASE_ADMIN_KEY: 'y' }
    },
    names: ['support-portal', 'deprecatedKeys is FIREBASE_ADMIN_KEY'],
  },
  {
    what: 'a missing required key',
    gate: 'identity-key-drift',
    environment: 'prod',
    change: (scenario) => {
      serviceIn(scenario, prod, 'jualuma-backend').env = { AUTH_ISSUER_URL: 'https://x', SERVICE_IDENTITY: 'y' }
    },
    names: ['jualuma-backend', 'missingKeys is IDENTITY_PLATFORM_PROJECT'],
  },
  {
    what: 'a user-managed key',
    gate: 'identity-key-drift',
    environment: 'prod',
    change: (scenario) => {
      projectIn(scenario, prod).serviceAccounts = { 'cr-backend': { keys: [{ type: 'user' }] } }
    },
    names: [`cr-backend has no user-managed keys`, 'userManagedKeys is 1, must be 0'],
  },
]
