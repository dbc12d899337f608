import { etag, type Random, uniqueId } from '../model/identifiers.ts'
import type { Project, ServiceAccount, World } from '../model/world.ts'

/** The e-mail of a project's own service account. */
export const accountEmail = (name: string, projectId: string): string => `${name}@${projectId}.iam.gserviceaccount.com`

/** The e-mail of a project's Compute Engine default service account. */
export const computeAccount = (projectNumber: string): string =>
  `${projectNumber}-compute@developer.gserviceaccount.com`

/** The member name of a project's Identity-Aware Proxy service agent. */
export const iapAgent = (projectNumber: string): string =>
  `serviceAccount:service-${projectNumber}@gcp-sa-iap.iam.gserviceaccount.com`

/** A new service account, seen and taken by others from the given times on, in ms. */
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

/** Whether an e-mail belongs to one of these projects and none of their accounts has it; Google's service agents pass. */
export function namesMissingAccount(
  email: string,
  projects: { id: string; number: string; emails: string[] }[],
): boolean {
  const own = projects.find(
    ({ id, number }) => email.endsWith(accountEmail('', id)) || email === computeAccount(number),
  )
  return own !== undefined && !own.emails.includes(email)
}

/** Whether a policy member is a service account of this world's projects that doesn't exist, or can't be named yet. */
export function missingAccount(world: World, member: string): boolean {
  if (!member.startsWith('serviceAccount:')) return false
  return missing(world, member.slice('serviceAccount:'.length), ({ bindableAt }) => bindableAt)
}

/** The same for an e-mail: what a service may run as. */
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

/** The project that an account's e-mail belongs to, for calls to `projects/-`. */
export const projectOfEmail = ({ projects }: World, email: string): Project | undefined =>
  projects.find(({ id, accounts }) => accounts.has(email) || email.endsWith(accountEmail('', id)))
