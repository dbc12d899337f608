import { describe, expect, it } from 'vitest'
import type { Scenario } from '../../engine/sandbox/scenario.ts'
import { makeDesk } from '../incident/cli.ts'
import { plant, projectIn, serviceIn } from './planted.ts'

const desk = makeDesk()
const prod = 'jualuma-prod'
const stage = 'jualuma-stage'
const member = `serviceAccount:cr-backend@${prod}.iam.gserviceaccount.com`

type Drift = { what: string; gate: string; environment: string; change(scenario: Scenario): void; names: string[] }

const drifts: Drift[] = [
  {
    what: 'ingress',
    gate: 'run-parity',
    environment: 'prod',
    change: (scenario) => {
      serviceIn(scenario, prod, 'frontend-app').ingress = 'internal'
    },
    names: ['frontend-app', 'takesPublicTraffic is false, must be true'],
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
    names: ['gcp-drift/secret-parity[prod,PLAID_SECRET]', 'fingerprint is hmac-sha256:'],
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

describe('a gate exits 3 and names the drift', () => {
  it.each(drifts)('$what ($gate)', { timeout: 240_000 }, async ({ what, gate, environment, change, names }) => {
    const sandbox = plant(desk, `${gate} ${what}`, change)
    const ended = await desk.breakglass([
      'check',
      gate,
      '--env',
      environment,
      '--input',
      `environments=${environment}`,
      '--sandbox',
      sandbox,
    ])
    expect(ended.exit, ended.stdout + ended.stderr).toBe(3)
    const drifted = ended.stdout
      .split('\n')
      .filter((line) => line.startsWith('drift    '))
      .join('\n')
    const titles = ended.stdout
      .split('\n')
      .filter((line) => /^drift {3}\S/.test(line))
      .join('\n')
    for (const name of names) expect(`${drifted}\n${titles}`).toContain(name)
  })
})

describe('a gate passes', () => {
  it.each(['run-parity', 'gcp-drift', 'identity-key-drift'])(
    '%s on all conformant environments',
    { timeout: 240_000 },
    async (gate) => {
      const ended = await desk.breakglass(['check', gate, '--env', 'prod', '--sandbox', 'conformant'])
      expect(ended.exit, ended.stdout + ended.stderr).toBe(0)
      expect(ended.stdout).toMatch(/\nSANDBOX jualuma-prod {2}[1-9][0-9]* conformant, 0 drifted, 0 unknown\./)
    },
  )

  it('identity-key-drift only shows no deprecated key where it is told not to fail on them', {
    timeout: 240_000,
  }, async () => {
    const sandbox = plant(desk, 'tolerated', (scenario) => {
      serviceIn(scenario, prod, 'support-portal').env = { AUTH_ISSUER_URL: 'https://x', FIREBASE_ADMIN_KEY: 'y' }
    })
    const argv = ['check', 'identity-key-drift', '--env', 'prod', '--input', 'environments=prod', '--sandbox', sandbox]
    const ended = await desk.breakglass([...argv, '--input', 'failOnDeprecated=false'])
    expect(ended.exit, ended.stdout + ended.stderr).toBe(0)
  })
})
