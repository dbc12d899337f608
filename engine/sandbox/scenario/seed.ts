import type { JsonObject } from '../../base/json.ts'
import { makeStore } from '../apis/store.ts'
import { type Clock, timestamp } from '../model/clock.ts'
import { etag, type Random } from '../model/identifiers.ts'
import {
  durationMs,
  type Scenario,
  type ScenarioKey,
  type ScenarioProject,
  type ScenarioSecret,
  type ScenarioService,
} from '../model/scenario.ts'
import type { AccountKey, Project, RunService, Secret, SecretVersion, ServiceAccount, World } from '../model/world.ts'
import { seedRepositories } from '../services/github.ts'
import { newPolicy } from '../services/policy.ts'
import { iapAnnotation, ingressAnnotation, invokerAnnotation } from '../services/posture.ts'
import { defaultReadyAfterMs, newService } from '../services/run-lookup.ts'
import { writeService } from '../services/run-write.ts'
import { accountEmail, computeAccount, iapAgent, newAccount } from '../services/service-accounts.ts'
import { knownApis } from '../services/service-usage.ts'

const dayMs = 86_400_000

/** How long before the sandbox's start everything of the scenario was made. */
const seededAgoMs = 30 * dayMs

/** The world that a scenario starts with: everything ready and visible. */
export function seedWorld(scenario: Scenario, clock: Clock, random: Random): World {
  const past: Clock = { ...clock, now: () => clock.now() - seededAgoMs }
  const repositories = seedRepositories(scenario.github ?? {}, clock.now())
  const world: World = { projects: [], repositories, clock: past, random, late: [], shapes: makeStore() }
  for (const [id, given] of Object.entries(scenario.projects)) world.projects.push(emptyProject(world, id, given))
  for (const project of world.projects) fillProject(world, project, scenario.projects[project.id]!)
  return { ...world, clock }
}

/** A project with its accounts, which other projects' policies and services may name. */
function emptyProject({ clock, random }: World, id: string, given: ScenarioProject): Project {
  const now = clock.now()
  const account = (email: string): ServiceAccount =>
    newAccount(random, email, { visibleAt: now, flapsUntil: now, bindableAt: now })
  const compute = { ...account(computeAccount(given.number)), displayName: 'Compute Engine default service account' }
  const accounts = new Map([[compute.email, compute]])
  for (const [name, { displayName, disabled, keys }] of Object.entries(given.serviceAccounts ?? {})) {
    const email = accountEmail(name, id)
    accounts.set(email, {
      ...account(email),
      displayName: displayName ?? '',
      disabled: disabled ?? false,
      keys: (keys ?? []).map((key) => accountKey(random, key, now)),
    })
  }
  return {
    id,
    number: given.number,
    created: now,
    apis: new Set(given.apis ?? Object.keys(knownApis)),
    policy: newPolicy(random, given.iamBindings ?? []),
    services: new Map(),
    secrets: new Map(),
    accounts,
    newAccounts: given.newServiceAccounts ?? {},
    auditLog: [],
  }
}

function fillProject(world: World, project: Project, given: ScenarioProject): void {
  for (const [name, secret] of Object.entries(given.secrets ?? {}))
    project.secrets.set(name, seedSecret(world, name, secret))
  for (const [name, service] of Object.entries(given.services ?? {}))
    project.services.set(name, seedService(world, project, name, service))
}

function accountKey(random: Random, { type, created, expires, disabled }: ScenarioKey, now: number): AccountKey {
  return {
    id: Buffer.from(random(20)).toString('hex'),
    type,
    created: created ?? timestamp(now),
    expires: expires ?? (type === 'user' ? '9999-12-31T23:59:59Z' : timestamp(now + 730 * dayMs)),
    disabled: disabled ?? false,
  }
}

function seedSecret({ clock, random }: World, name: string, { versions }: ScenarioSecret): Secret {
  const created = clock.now()
  return {
    name,
    created,
    labels: {},
    replication: { automatic: {} },
    etag: etag(random),
    versions: versions.map(({ text, base64, state }): SecretVersion => {
      const destroyed = state === 'destroyed'
      const payload = text === undefined ? Buffer.from(base64 ?? '', 'base64') : Buffer.from(text, 'utf8')
      return {
        created,
        state: destroyed ? 'DESTROYED' : state === 'disabled' ? 'DISABLED' : 'ENABLED',
        payload: destroyed ? Buffer.alloc(0) : payload,
        etag: etag(random),
        checksumGiven: true,
        latestFrom: created,
        listedFrom: created,
        ...(destroyed && { destroyed: created }),
      }
    }),
  }
}

function seedService(world: World, project: Project, name: string, given: ScenarioService): RunService {
  const service = newService(world, { name, region: given.region })
  service.responds = { ...service.responds, ...given.responds }
  service.readyAfterMs = 0
  const invokers = [...(given.invokers ?? []), ...(given.iap ? [iapAgent(project.number)] : [])]
  if (invokers.length > 0) service.policy = newPolicy(world.random, [{ role: 'roles/run.invoker', members: invokers }])
  writeService(world, project, service, serviceBody(name, given), { readiness: { kind: 'ready' } })
  service.readyAfterMs = durationMs(given.readyAfter, defaultReadyAfterMs)
  service.propagationMs = durationMs(given.propagation)
  return service
}

/** The Service object that somebody once deployed. */
function serviceBody(name: string, given: ScenarioService): JsonObject {
  const env: JsonObject[] = [
    ...Object.entries(given.env ?? {}).map(([key, value]) => ({ name: key, value })),
    ...Object.entries(given.secretEnv ?? {}).map(([key, { secret, version }]) => ({
      name: key,
      valueFrom: { secretKeyRef: { name: secret, key: version } },
    })),
  ]
  const client = { 'run.googleapis.com/client-name': 'gcloud' }
  const container: JsonObject = {
    image: given.image ?? `us-docker.pkg.dev/cloudrun/container/${name}:latest`,
    ports: [{ name: 'http1', containerPort: 8080 }],
    ...(env.length > 0 && { env }),
    resources: { limits: { cpu: '1000m', memory: '512Mi' } },
  }
  return {
    metadata: {
      annotations: {
        ...client,
        'serving.knative.dev/creator': 'deployer@example.com',
        'serving.knative.dev/lastModifier': 'deployer@example.com',
        [ingressAnnotation]: given.ingress ?? 'all',
        ...(given.invokerCheck === false && { [invokerAnnotation]: 'true' }),
        ...(given.iap && { [iapAnnotation]: 'true' }),
        ...given.annotations,
      },
    },
    spec: {
      template: {
        metadata: { annotations: client },
        spec: {
          containerConcurrency: 80,
          timeoutSeconds: 300,
          ...(given.serviceAccount && { serviceAccountName: given.serviceAccount }),
          containers: [container],
        },
      },
      traffic: [{ percent: 100, latestRevision: true }],
    },
  }
}
