import schema from '../../schemas/inventory.schema.json' with { type: 'json' }
import type { JsonObject } from '../base/json.ts'
import { own } from '../base/own.ts'
import { type Access, accessConflict, accessFlaw } from './access.ts'
import type {
  Environment,
  Identity,
  Inventory,
  KnownDifference,
  Policy,
  PolicyRule,
  Secret,
  Service,
  Webhook,
} from './inventory.ts'
import type { Finding } from './lint/findings.ts'
import { lintPolicy } from './lint/policy.ts'
import { unknownName } from './lint/unknown-name.ts'
import { makeInterpreter, makeReader } from './reader.ts'
import { compiledAhead } from './schema/compiled.ts'

const fits = await compiledAhead(schema)

/** Interprets a document as an Inventory. */
export const interpretInventory = makeInterpreter(schema, fits, toInventory, lintInventory)

/** Reads a file as an Inventory. */
export const readInventory = makeReader(interpretInventory)

type ServiceInFile = Omit<Service, 'environmentKeys' | 'region'> & {
  region?: string
  environmentKeys?: Partial<Service['environmentKeys']>
}
type IdentityInFile = Omit<Identity, 'displayName' | 'userManagedKeys'> & Partial<Identity>
type SecretInFile = Omit<Secret, 'references'> & { references?: string[] }
type EnvironmentInFile = {
  project: string
  region: string
  protected?: boolean
  promotesFrom?: string
  access?: Access
  services?: ServiceInFile[]
  identities?: IdentityInFile[]
  secrets?: SecretInFile[]
  apis?: string[]
}

type PolicyInFile = Omit<Policy, 'approvals'> & { approvals: (Omit<PolicyRule, 'risk'> & Partial<PolicyRule>)[] }
type WebhookInFile = ({ url: string } | { urlFrom: string }) & Partial<Omit<Webhook, 'address'>>

type InventoryInFile = {
  metadata: { name: string }
  repository?: { name: string; files?: Record<string, string> }
  environments: Record<string, EnvironmentInFile>
  policy?: PolicyInFile
  notices?: WebhookInFile[]
  knownDifferences?: KnownDifference[]
}

function toInventory(file: JsonObject): Inventory {
  const {
    metadata,
    repository,
    environments,
    policy,
    notices,
    knownDifferences = [],
  } = file as unknown as InventoryInFile
  const entries = Object.entries(environments).map(
    ([name, environment]) => [name, toEnvironment(name, environment)] as const,
  )
  return {
    name: metadata.name,
    repository: { name: '', files: {}, ...repository },
    environments: Object.fromEntries(entries),
    ...(policy === undefined ? {} : { policy: toPolicy(policy) }),
    notices: (notices ?? []).map(toWebhook),
    knownDifferences,
  }
}

const toPolicy = (file: PolicyInFile): Policy => ({
  ...file,
  approvals: file.approvals.map((rule) => ({ risk: 'low', ...rule })),
})

const toWebhook = ({ form, on, ...address }: WebhookInFile): Webhook => ({
  address,
  form: form ?? 'json',
  on: on ?? ['opened', 'needs-approval', 'applied', 'failed', 'solo-override', 'closed'],
})

function toEnvironment(name: string, file: EnvironmentInFile): Environment {
  return {
    name,
    project: file.project,
    region: file.region,
    protected: file.protected ?? false,
    ...(file.promotesFrom === undefined ? {} : { promotesFrom: file.promotesFrom }),
    ...(file.access === undefined ? {} : { access: file.access }),
    services: (file.services ?? []).map((service) => ({
      region: file.region,
      ...service,
      environmentKeys: { required: [], deprecated: [], ...service.environmentKeys },
    })),
    identities: (file.identities ?? []).map((identity) => ({
      displayName: identity.name,
      userManagedKeys: false,
      ...identity,
    })),
    secrets: (file.secrets ?? []).map((secret) => ({ references: [], ...secret })),
    apis: file.apis ?? [],
  }
}

function lintInventory(inventory: Inventory): Finding[] {
  const environments = Object.values(inventory.environments)
  const names = Object.keys(inventory.environments)
  return [...lintEnvironments(inventory, environments, names), ...lintKnown(inventory, names), ...lintPolicy(inventory)]
}

/** Checks the environment and the date of each known difference. */
const lintKnown = ({ knownDifferences }: Inventory, names: string[]): Finding[] =>
  knownDifferences.flatMap(({ environment, expires }, index) => {
    const at = ['knownDifferences', index]
    const unreal = new Date(`${expires}T00:00:00Z`).toJSON()?.slice(0, 10) !== expires
    return [
      ...unknownName([...at, 'environment'], 'environment', environment, names),
      ...(unreal ? [{ path: [...at, 'expires'], message: `${expires} is not a valid date` }] : []),
    ]
  })

function lintEnvironments(inventory: Inventory, environments: Environment[], names: string[]): Finding[] {
  return environments.flatMap((environment) => {
    const at = ['environments', environment.name]
    const identities = environment.identities.map((identity) => identity.name)
    const from = environment.promotesFrom
    return [
      ...(from === undefined ? [] : unknownName([...at, 'promotesFrom'], 'environment', from, names)),
      ...lintAccess([...at, 'access'], environment.access),
      ...duplicates([...at, 'services'], environment.services),
      ...duplicates([...at, 'identities'], environment.identities),
      ...duplicates([...at, 'secrets'], environment.secrets),
      ...environment.services.flatMap((service, i) =>
        service.identity === undefined
          ? []
          : unknownName([...at, 'services', i, 'identity'], 'identity', service.identity, identities),
      ),
      ...environment.secrets.flatMap((secret, i) =>
        secret.references.flatMap((reference, j) =>
          lintReference([...at, 'secrets', i, 'references', j], environment, secret, reference, names, inventory),
        ),
      ),
    ]
  })
}

function lintAccess(at: Finding['path'], access: Access = {}): Finding[] {
  const flaws = Object.entries(access).flatMap(([name, value]): Finding[] => {
    const flaw = accessFlaw(name as keyof Access, value)
    return flaw === undefined ? [] : [{ path: [...at, name], ...flaw }]
  })
  const conflict = accessConflict(access)
  return conflict === undefined ? flaws : [...flaws, { path: at, on: 'key', ...conflict }]
}

function lintReference(
  path: Finding['path'],
  environment: Environment,
  secret: Secret,
  reference: string,
  names: string[],
  inventory: Inventory,
): Finding[] {
  if (reference === environment.name) return [{ path, message: 'a secret cannot be its own reference' }]
  const unknown = unknownName(path, 'environment', reference, names)
  if (unknown.length > 0) return unknown
  const there = own(inventory.environments, reference)?.secrets.some((other) => other.name === secret.name)
  return there ? [] : [{ path, message: `\`${reference}\` has no secret \`${secret.name}\`` }]
}

function duplicates(path: Finding['path'], items: { name: string }[]): Finding[] {
  const seen = new Set<string>()
  return items.flatMap(({ name }, index) => {
    if (!seen.has(name)) {
      seen.add(name)
      return []
    }
    return [{ path: [...path, index, 'name'], message: `duplicate name \`${name}\``, hint: 'keep one' }]
  })
}
