import { timestamp } from '../model/clock.ts'
import { etag, type Random, uniqueId } from '../model/identifiers.ts'
import type { ScenarioKey, ScenarioProject } from '../model/scenario.ts'
import type { AccountKey, Project, ServiceAccount, World } from '../model/world.ts'

/** Returns the email of a project's own service account. */
export const accountEmail = (name: string, projectId: string): string => `${name}@${projectId}.iam.gserviceaccount.com`

/** Returns the email of a project's Compute Engine default service account. */
export const computeAccount = (projectNumber: string): string =>
  `${projectNumber}-compute@developer.gserviceaccount.com`

/** Returns the member name of a project's Identity-Aware Proxy service agent. */
export const iapAgent = (projectNumber: string): string =>
  `serviceAccount:service-${projectNumber}@gcp-sa-iap.iam.gserviceaccount.com`

/** Returns a new service account that becomes visible and bindable at the given times, in ms. */
export const newAccount = (
  random: Random,
  email: string,
  seen: Pick<ServiceAccount, 'visibleAt' | 'flapsUntil' | 'bindableAt'>,
): ServiceAccount => ({
  email,
  uniqueId: uniqueId(random),
  displayName: '',
  description: '',
  disabled: false,
  etag: etag(random),
  ...seen,
  reads: 0,
  keys: [],
})

/** Returns whether an email belongs to one of these projects but to none of their accounts; Google's service agents always pass. */
export function namesMissingAccount(
  email: string,
  projects: { id: string; number: string; emails: string[] }[],
): boolean {
  const own = projects.find(
    ({ id, number }) => email.endsWith(accountEmail('', id)) || email === computeAccount(number),
  )
  return own !== undefined && !own.emails.includes(email)
}

/** Returns whether a policy member is a service account of this world's projects that doesn't exist or can't be bound yet. */
export function missingAccount(world: World, member: string): boolean {
  if (!member.startsWith('serviceAccount:')) return false
  return missing(world, member.slice('serviceAccount:'.length), ({ bindableAt }) => bindableAt)
}

/** Returns the same for the email of the account that a service runs as. */
export const missingEmail = (world: World, email: string): boolean =>
  missing(world, email, ({ visibleAt }) => visibleAt)

function missing({ clock, projects }: World, email: string, since: (account: ServiceAccount) => number): boolean {
  const known = ({ accounts }: Project) =>
    [...accounts.values()].filter((account) => since(account) <= clock.now()).map((account) => account.email)
  return namesMissingAccount(
    email,
    projects.map((project) => ({ id: project.id, number: project.number, emails: known(project) })),
  )
}

/** Returns the project that an account's email belongs to, for calls to `projects/-`. */
export const projectOfEmail = ({ projects }: World, email: string): Project | undefined =>
  projects.find(({ id, accounts }) => accounts.has(email) || email.endsWith(accountEmail('', id)))

/** Creates the accounts of a scenario's project and its Compute Engine default account, all visible. */
export function seedAccounts({ clock, random }: World, project: Project, given: ScenarioProject): void {
  const now = clock.now()
  const account = (email: string) => newAccount(random, email, { visibleAt: now, flapsUntil: now, bindableAt: now })
  const compute = account(computeAccount(project.number))
  project.accounts.set(compute.email, { ...compute, displayName: 'Compute Engine default service account' })
  for (const [name, { displayName, disabled, keys }] of Object.entries(given.serviceAccounts ?? {})) {
    const email = accountEmail(name, project.id)
    project.accounts.set(email, {
      ...account(email),
      displayName: displayName ?? '',
      disabled: disabled ?? false,
      keys: (keys ?? []).map((key) => accountKey(random, key, now)),
    })
  }
}

const dayMs = 86_400_000

function accountKey(random: Random, { type, created, expires, disabled }: ScenarioKey, now: number): AccountKey {
  return {
    id: Buffer.from(random(20)).toString('hex'),
    type,
    created: created ?? timestamp(now),
    expires: expires ?? (type === 'user' ? '9999-12-31T23:59:59Z' : timestamp(now + 730 * dayMs)),
    disabled: disabled ?? false,
  }
}
