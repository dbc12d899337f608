import type { ListItem, PhrasingContent, Root, RootContent } from 'mdast'
import { code, heading, item, list, paragraph, plain } from '../../record/mdast.ts'
import type { Environment, Inventory, Service } from '../../runbook/inventory.ts'

/** Builds the parity contract as a tree: what the inventory requires of all environments, and where they may differ. */
export function contractTree(inventory: Inventory): Root {
  const environments = Object.values(inventory.environments)
  return {
    type: 'root',
    children: [
      heading(1, 'Parity contract'),
      paragraph(
        plain(
          'What the environments must look like at run time. A difference that is not listed here is drift, and drift blocks a release.',
        ),
      ),
      ...part('Environments', environments.map(environmentItem)),
      ...part('Services', alike(environments, servicesIn, serviceItem)),
      ...part(
        'Runtime identities',
        alike(environments, ({ identities }) => identities, identityItem),
      ),
      ...part('Secrets', environments.flatMap(secretItems)),
      ...part(
        'Enabled APIs',
        alike(environments, ({ apis }) => apis.map((name) => ({ name })), apiItem),
      ),
      ...part(
        'Known differences',
        inventory.knownDifferences.map(({ step, environment, reason, expires }) =>
          item([code(step), plain(` in ${environment}, until ${expires}: ${reason}`)]),
        ),
      ),
    ],
  }
}

const part = (title: string, items: ListItem[]): RootContent[] =>
  items.length === 0 ? [] : [heading(2, title), list(false, items)]

function environmentItem({ name, project, region, protected: guarded, promotesFrom }: Environment): ListItem {
  const more = [
    ...(promotesFrom === undefined ? [] : [`releases come from ${promotesFrom}`]),
    ...(guarded ? ['protected'] : []),
  ]
  return item([plain(`${name}: `), code(project), plain(` in ${region}${more.map((each) => `, ${each}`).join('')}`)])
}

/** Returns an item for each resource, with the environments in which it is the same: `name: web (dev, stage)`. */
function alike<T extends { name: string }>(
  environments: Environment[],
  resources: (environment: Environment) => T[],
  toItem: (resource: T, where: string, environments: Environment[]) => ListItem,
): ListItem[] {
  const all = environments.flatMap((environment) =>
    resources(environment).map((resource) => ({ environment, resource })),
  )
  const same = Map.groupBy(all, ({ resource }) => JSON.stringify(resource))
  return [...same.values()]
    .toSorted(([a], [b]) => (a?.resource.name ?? '').localeCompare(b?.resource.name ?? '', 'en'))
    .flatMap((group) => {
      const where = group.map(({ environment }) => environment)
      const names = where.map(({ name }) => name).join(', ')
      return group[0] ? [toItem(group[0].resource, names, where)] : []
    })
}

/** Returns an environment's services, with a region only where it isn't the environment's. */
const servicesIn = ({ services, region: usual }: Environment): Placed[] =>
  services.map(({ region, ...service }) => ({ ...service, ...(region === usual ? {} : { region }) }))

type Placed = Omit<Service, 'region'> & Partial<Service>

function serviceItem(
  { name, region, posture, iap, identity, health, environmentKeys }: Placed,
  where: string,
): ListItem {
  const { required, deprecated } = environmentKeys
  return item(
    [code(name), plain(` (${where})`)],
    list(false, [
      item([
        plain(
          posture === 'public'
            ? 'public: takes traffic from everywhere, without an IAM check'
            : 'internal: takes no traffic from outside, and checks the caller',
        ),
      ]),
      ...(region === undefined ? [] : [item([plain(`is in ${region}`)])]),
      ...(iap === undefined ? [] : [item([plain(`Identity-Aware Proxy is ${iap ? 'on' : 'off'}`)])]),
      ...(identity === undefined
        ? []
        : [
            item([
              plain('runs as '),
              code(identity),
              plain(" of its own project, never as the project's default service account"),
            ]),
          ]),
      ...(health === undefined ? [] : [item([code(health), plain(' answers 200')])]),
      ...(required.length === 0 ? [] : [item([plain('has '), ...codes(required)])]),
      ...(deprecated.length === 0 ? [] : [item([plain('does not have '), ...codes(deprecated)])]),
    ]),
  )
}

const identityItem = (
  { name, roles, userManagedKeys }: Environment['identities'][number],
  where: string,
  environments: Environment[],
): ListItem =>
  item(
    [code(name), plain(` (${where})`)],
    list(false, [
      ...environments.map((each) =>
        item([plain(`${each.name}: `), code(`${name}@${each.project}.iam.gserviceaccount.com`)]),
      ),
      item([plain(roles.length === 0 ? 'has no role on its project' : 'has exactly the roles '), ...codes(roles)]),
      ...(userManagedKeys ? [] : [item([plain('has no key that a person made and keeps')])]),
    ]),
  )

const secretItems = ({ name: environment, secrets }: Environment): ListItem[] =>
  secrets.map(({ name, references }) =>
    item([
      code(name),
      plain(
        ` in ${environment} ${references.length === 0 ? 'exists' : `has the same value as in ${references.join(' and ')}`}`,
      ),
    ]),
  )

const apiItem = ({ name }: { name: string }, where: string): ListItem => item([code(name), plain(` (${where})`)])

const codes = (names: string[]): PhrasingContent[] =>
  names.flatMap((name, index) => [...(index > 0 ? [plain(', ')] : []), code(name)])
