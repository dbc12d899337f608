import { projectIn, serviceIn } from '../gates/scenario-parts.ts'
import type { State } from './facts.ts'
import type { Ask, scenarioNamed } from './statements.ts'

const prod = 'jualuma-prod'
const backend = '/services/jualuma-backend'
const compute = '493827156012-compute@developer.gserviceaccount.com'
const own = `cr-backend@${prod}.iam.gserviceaccount.com`
const [OWED, PINNED] = ['runtime-identity/runs-as[jualuma-backend]', 'secret-parity/version-in-use[PLAID_SECRET]']

/** Writes a service of production as someone else. */
async function write(ask: Ask, path: string, change: (service: State) => void): Promise<void> {
  const service = await ask('GET', path)
  change(service)
  await ask('PUT', path, service)
  for (let polls = 0; polls < 10; polls++) await ask('GET', path)
}

const revisionOf = async (ask: Ask): Promise<string> => (await ask('GET', backend)).status.latestReadyRevisionName
const runAs = (account: string) => (service: State) => {
  service.spec.template.spec.serviceAccountName = account
}
const pinTo = (revision: string) => (service: State) => {
  service.spec.traffic = [{ revisionName: revision, percent: 100 }]
}

/** What the inventory's gates and the runbooks must report about services that serve, are pinned, are elsewhere or don't exist. */
export const servings: {
  what: string
  drifted: string[]
  ending: string
  prepare?: (ask: Ask) => Promise<void>
  scenario?: (scenario: Awaited<ReturnType<typeof scenarioNamed>>) => void
}[] = [
  {
    what: 'traffic that is pinned to a revision of another identity',
    drifted: [OWED, 'runtime-identity/identity[jualuma-backend]', 'run-parity/service-identity[prod,jualuma-backend]'],
    ending: 'drift',
    async prepare(ask) {
      await write(ask, backend, runAs(compute))
      const old = await revisionOf(ask)
      await write(ask, backend, pinTo(old))
      await write(ask, backend, runAs(own))
    },
  },
  {
    what: 'a tenth of the traffic that still goes to a revision of another identity',
    drifted: [OWED, 'run-parity/service-identity[prod,jualuma-backend]'],
    ending: 'drift',
    async prepare(ask) {
      await write(ask, backend, runAs(compute))
      const old = await revisionOf(ask)
      await write(ask, backend, (service) => {
        runAs(own)(service)
        service.spec.traffic = [
          { latestRevision: true, percent: 90 },
          { revisionName: old, percent: 10 },
        ]
      })
    },
  },
  {
    what: 'traffic that is pinned to a revision of the right identity, and a newer one of another',
    drifted: [OWED],
    ending: 'done',
    async prepare(ask) {
      await write(ask, backend, pinTo(await revisionOf(ask)))
      await write(ask, backend, runAs(compute))
    },
  },
  {
    what: 'a key that only a sidecar has, and not the container that takes the requests',
    drifted: ['identity-key-drift/required-keys[prod,jualuma-backend]'],
    ending: 'failed',
    prepare: (ask) =>
      write(ask, backend, (service) => {
        const [front] = service.spec.template.spec.containers
        const env = front.env.filter(({ name }: { name: string }) => name !== 'AUTH_ISSUER_URL')
        const sidecar = { name: 'sidecar', image: front.image, env: [{ name: 'AUTH_ISSUER_URL', value: 'x' }] }
        service.spec.template.spec.containers = [sidecar, { ...front, name: 'front', env }]
      }),
  },
  {
    what: 'a deprecated key that only the revision with the traffic still has',
    drifted: ['identity-key-drift/deprecated-keys[prod,jualuma-backend]'],
    ending: 'failed',
    async prepare(ask) {
      const variable = { name: 'FIREBASE_ADMIN_KEY', value: 'x' }
      await write(ask, backend, (service) => service.spec.template.spec.containers[0].env.push(variable))
      await write(ask, backend, pinTo(await revisionOf(ask)))
      await write(ask, backend, (service) => service.spec.template.spec.containers[0].env.pop())
    },
  },
  {
    what: 'a service that is pinned to an older version of a secret',
    drifted: [PINNED],
    ending: 'failed',
    scenario: (scenario) => {
      serviceIn(scenario, prod, 'jualuma-backend').secretEnv = { KEY: { secret: 'PLAID_SECRET', version: '1' } }
    },
  },
  {
    what: 'a service that has an older version of a secret as a file',
    drifted: [PINNED],
    ending: 'failed',
    prepare: (ask) =>
      write(ask, '/services/frontend-app', (service) => {
        const secret = { secretName: 'PLAID_SECRET', items: [{ key: '1', path: 'plaid' }] }
        service.spec.template.spec.serviceAccountName = own
        service.spec.template.spec.volumes = [{ name: 'plaid', secret }]
      }),
  },
  {
    what: 'a service that is pinned to the newest version of a secret',
    drifted: [],
    ending: 'done',
    scenario: (scenario) => {
      const newest = String(projectIn(scenario, prod).secrets?.PLAID_SECRET?.versions.length)
      serviceIn(scenario, prod, 'jualuma-backend').secretEnv = { KEY: { secret: 'PLAID_SECRET', version: newest } }
    },
  },
  {
    what: 'an identity that is there and disabled',
    drifted: ['runtime-identity/account-exists[cr-backend]', 'gcp-drift/identities[prod]'],
    ending: 'drift',
    scenario: (scenario) => {
      projectIn(scenario, prod).serviceAccounts = { 'cr-backend': { disabled: true } }
    },
  },
  {
    what: 'a service that is only in another region',
    drifted: [
      'access-posture/public-ingress[support-portal]',
      'gcp-drift/services[prod]',
      'run-parity/service-iap[prod,support-portal]',
      'identity-key-drift/deprecated-keys[prod,support-portal]',
    ],
    ending: 'failed',
    scenario: (scenario) => {
      serviceIn(scenario, prod, 'support-portal').region = 'europe-west1'
    },
  },
  {
    what: 'a new revision that never became ready',
    drifted: ['runtime-identity/runs-as[jualuma-backend]'],
    ending: 'done',
    async prepare(ask) {
      await write(ask, backend, (service) => {
        runAs(compute)(service)
        service.spec.template.spec.containers[0].env.push({
          name: 'OTHER',
          valueFrom: { secretKeyRef: { name: 'NO_SUCH_SECRET', key: 'latest' } },
        })
      })
      await write(ask, backend, (service) => service.spec.template.spec.containers[0].env.pop())
    },
  },
]
