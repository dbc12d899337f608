import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts'
import type { Environment } from '../../runbook/inventory.ts'
import type { ScenarioKey, ScenarioProject, ScenarioSecret, ScenarioServiceAccount } from '../model/scenario.ts'
import type { ScenarioBinding } from '../model/scenario-values.ts'
import { computeAccount } from '../services/service-accounts.ts'
import { captureServices } from './capture-services.ts'
import type { ProjectReader } from './project-reader.ts'

/** Captures an environment's project for a scenario, without secret payloads, variable values or people. */
export async function captureProject(environment: Environment, reader: ProjectReader): Promise<ScenarioProject> {
  const { project, region, secrets, identities } = environment
  const regions = [...new Set([region, ...environment.services.map((service) => service.region)])]
  const list = async (...argv: string[]) => objectsIn(await reader.json(argv))
  const everywhere = async (...argv: string[]) =>
    (await Promise.all(regions.map((each) => list(...argv, '--region', each)))).flat()
  const [about, services, revisions, accounts, policy, apis, named] = await Promise.all([
    reader.json(['projects', 'describe', project]),
    everywhere('run', 'services', 'list'),
    everywhere('run', 'revisions', 'list'),
    list('iam', 'service-accounts', 'list'),
    reader.json(['projects', 'get-iam-policy', project]),
    list('services', 'list', '--enabled'),
    list('secrets', 'list'),
  ])
  const number = String(isJsonObject(about ?? null) ? (about as JsonObject).projectNumber : '')
  const existing = new Set(named.map(({ name }) => String(name).replace(/^.*\//, '')))
  const captured = await captureServices(services, revisions, environment, number, reader)
  const wanted = new Set([...secrets.map(({ name }) => name), ...captured.secrets])
  const compared = new Set(secrets.map(({ name }) => name))
  const serviceAccounts = await captureAccounts(
    accounts,
    new Set(identities.map(({ name }) => name)),
    project,
    number,
    reader,
  )
  return {
    number,
    apis: apis.map(({ config }) => String(isJsonObject(config ?? null) ? (config as JsonObject).name : '')).sort(),
    services: captured.services,
    secrets: Object.fromEntries(
      await Promise.all(
        [...wanted]
          .filter((name) => existing.has(name))
          .map(async (name) => [name, await captureSecret(name, compared.has(name), reader)]),
      ),
    ),
    iamBindings: captureBindings(policy, project, serviceAccounts),
    serviceAccounts,
  }
}

/** Returns the objects of a list that a command printed. */
export const objectsIn = (json: Json | undefined): JsonObject[] =>
  Array.isArray(json) ? json.filter(isJsonObject) : []

async function captureSecret(name: string, compared: boolean, reader: ProjectReader): Promise<ScenarioSecret> {
  const versions = objectsIn(await reader.json(['secrets', 'versions', 'list', name])).toSorted(
    (a, b) => numberOf(a.name) - numberOf(b.name),
  )
  const newest = compared && versions.length > 0 ? await reader.placeholder(name) : 'not-compared'
  return {
    versions: versions.map(({ state }, index) => {
      const text = index === versions.length - 1 ? newest : 'older-version'
      return state === 'DESTROYED'
        ? { state: 'destroyed' }
        : { text, ...(state === 'DISABLED' ? { state: 'disabled' as const } : {}) }
    }),
  }
}

const numberOf = (name: Json | undefined): number => Number(String(name).replace(/^.*\//, ''))

async function captureAccounts(
  accounts: JsonObject[],
  identities: ReadonlySet<string>,
  project: string,
  number: string,
  reader: ProjectReader,
): Promise<Record<string, ScenarioServiceAccount>> {
  const own = accounts.filter(
    ({ email }) => email !== computeAccount(number) && String(email).endsWith(`@${project}.iam.gserviceaccount.com`),
  )
  const entries = own.map(async ({ email, displayName, disabled }) => {
    const [name = ''] = String(email).split('@')
    const keys = identities.has(name)
      ? objectsIn(
          await reader.json([
            'iam',
            'service-accounts',
            'keys',
            'list',
            '--iam-account',
            String(email),
            '--managed-by',
            'user',
          ]),
        )
      : []
    return [
      name,
      {
        ...(typeof displayName === 'string' ? { displayName } : {}),
        ...(disabled === true ? { disabled } : {}),
        ...(keys.length > 0
          ? {
              keys: keys.map(
                (key): ScenarioKey => ({ type: 'user', ...(key.disabled === true ? { disabled: true } : {}) }),
              ),
            }
          : {}),
      },
    ] as const
  })
  return Object.fromEntries(await Promise.all(entries))
}

/** Returns roles and their service accounts; people and groups are left out. */
function captureBindings(
  policy: Json | undefined,
  project: string,
  accounts: Record<string, ScenarioServiceAccount>,
): ScenarioBinding[] {
  const bindings = isJsonObject(policy ?? null) ? objectsIn((policy as JsonObject).bindings) : []
  return bindings.flatMap(({ role, members, condition }) => {
    const kept = (Array.isArray(members) ? members.map(String) : []).filter((member) =>
      isKept(member, project, accounts),
    )
    const when = isJsonObject(condition ?? null) ? { condition: condition as JsonObject } : {}
    return kept.length === 0 ? [] : [{ role: String(role), members: kept, ...when }]
  })
}

/** Returns whether a scenario can name a member: everyone, or a service account that exists. */
export function isKept(member: string, project: string, accounts: Record<string, ScenarioServiceAccount>): boolean {
  if (member === 'allUsers' || member === 'allAuthenticatedUsers') return true
  const [, name = '', domain = ''] = /^serviceAccount:([^@]+)@(.+)$/.exec(member) ?? []
  return name !== '' && (domain !== `${project}.iam.gserviceaccount.com` || Object.hasOwn(accounts, name))
}
