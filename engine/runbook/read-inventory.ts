import schema from '../../schemas/inventory.schema.json' with { type: 'json' }
import type { Finding } from './findings.ts'
import type { Environment, Identity, Inventory, Secret, Service } from './inventory-types.ts'
import type { JsonObject } from './json.ts'
import { makeReader } from './reader.ts'
import { suggest } from './suggest.ts'

/** Turns an inventory's text into an Inventory; names that it refers to must exist. */
export const readInventory = makeReader(schema, toInventory, lintInventory)

type ServiceInFile = Omit<Service, 'environmentKeys'> & { environmentKeys?: Partial<Service['environmentKeys']> }
type IdentityInFile = Omit<Identity, 'displayName' | 'userManagedKeys'> & Partial<Identity>
type SecretInFile = Omit<Secret, 'references'> & { references?: string[] }
type EnvironmentInFile = {
  project: string
  region: string
  protected?: boolean
  promotesFrom?: string
  services?: ServiceInFile[]
  identities?: IdentityInFile[]
  secrets?: SecretInFile[]
  apis?: string[]
}

type InventoryInFile = {
  metadata: { name: string }
  repository?: { name: string; files?: Record<string, string> }
  environments: Record<string, EnvironmentInFile>
}

function toInventory(file: JsonObject): Inventory {
  const { metadata, repository, environments } = file as unknown as InventoryInFile
  const entries = Object.entries(environments).map(
    ([name, environment]) => [name, toEnvironment(name, environment)] as const,
  )
  return {
    name: metadata.name,
    repository: { name: '', files: {}, ...repository },
    environments: Object.fromEntries(entries),
  }
}

function toEnvironment(name: string, file: EnvironmentInFile): Environment {
  return {
    name,
    project: file.project,
    region: file.region,
    protected: file.protected ?? false,
    ...(file.promotesFrom === undefined ? {} : { promotesFrom: file.promotesFrom }),
    services: (file.services ?? []).map((service) => ({
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
  return environments.flatMap((environment) => {
    const at = ['environments', environment.name]
    const identities = environment.identities.map((identity) => identity.name)
    const from = environment.promotesFrom
    return [
      ...(from === undefined ? [] : unknownName([...at, 'promotesFrom'], 'environment', from, names)),
      ...twice([...at, 'services'], environment.services),
      ...twice([...at, 'identities'], environment.identities),
      ...twice([...at, 'secrets'], environment.secrets),
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
  const there = inventory.environments[reference]?.secrets.some((other) => other.name === secret.name)
  return there ? [] : [{ path, message: `\`${reference}\` has no secret \`${secret.name}\`` }]
}

function unknownName(path: Finding['path'], what: string, name: string, known: string[]): Finding[] {
  if (known.includes(name)) return []
  const meant = suggest(name, known)
  const hint = meant
    ? `did you mean \`${meant}\`?`
    : known.length > 0
      ? `there are: ${known.join(', ')}`
      : `there are none yet`
  return [{ path, message: `there is no ${what} \`${name}\``, hint }]
}

function twice(path: Finding['path'], items: { name: string }[]): Finding[] {
  const seen = new Set<string>()
  return items.flatMap(({ name }, index) => {
    if (!seen.has(name)) {
      seen.add(name)
      return []
    }
    return [{ path: [...path, index, 'name'], message: `\`${name}\` is given twice`, hint: 'keep one of the two' }]
  })
}
