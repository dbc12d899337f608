import { isJsonObject, type JsonObject } from '../../base/json.ts'
import { errorInfo, refuse } from '../model/answer.ts'
import type { AuditNaming, GoogleApi } from '../model/api.ts'
import type { Call } from '../model/call.ts'
import type { ConcurrentWrite, NewAccountPace } from '../model/fault.ts'
import { etag } from '../model/identifiers.ts'
import { durationMs } from '../model/scenario.ts'
import type { Project, ServiceAccount, World } from '../model/world.ts'
import { keyMethods } from './account-keys.ts'
import { policyWithoutAccount } from './policy.ts'
import { accountEmail, newAccount, projectOfEmail, seedAccounts } from './service-accounts.ts'

const accounts = '/v1/projects/{project}/serviceAccounts'
const account = `${accounts}/{email}`

/** IAM v1: service accounts and their keys (cloud.google.com/iam/docs/reference/rest/v1/projects.serviceAccounts). */
export const iamApi: GoogleApi<'iam'> = {
  methods: {
    'serviceAccounts.list': {
      verb: 'GET',
      path: accounts,
      handle: (world, project) => ({
        accounts: [...project.accounts.values()]
          .filter(({ visibleAt }) => visibleAt <= world.clock.now())
          .map((each) => accountJson(project, each)),
      }),
    },
    'serviceAccounts.create': {
      verb: 'POST',
      path: accounts,
      handle: createAccount,
      audited: accountAudit('CreateServiceAccount'),
      faults: ['orgPolicy', 'newAccount'],
      concurrentWriter: { keys: ['displayName'], write: createConcurrently },
    },
    'serviceAccounts.get': {
      verb: 'GET',
      path: account,
      handle: (world, project, call) => accountJson(project, visibleAccount(world, project, call)),
    },
    'serviceAccounts.delete': {
      verb: 'DELETE',
      path: account,
      handle: deleteAccount,
      audited: accountAudit('DeleteServiceAccount'),
    },
    'serviceAccounts.disable': {
      verb: 'POST',
      path: `${account}:disable`,
      handle(world, project, call) {
        visibleAccount(world, project, call).disabled = true
        return {}
      },
      audited: accountAudit('DisableServiceAccount'),
    },
    'serviceAccounts.enable': {
      verb: 'POST',
      path: `${account}:enable`,
      handle(world, project, call) {
        visibleAccount(world, project, call).disabled = false
        return {}
      },
      audited: accountAudit('EnableServiceAccount'),
    },
    'serviceAccounts.patch': {
      verb: 'PATCH',
      path: account,
      handle: patchAccount,
      audited: accountAudit('PatchServiceAccount'),
    },
    ...keyMethods(`${account}/keys`, visibleAccount, accountAudit),
  },
  permission: (method) =>
    method.startsWith('keys.') ? `iam.serviceAccountKeys.${method.slice('keys.'.length)}` : `iam.${method}`,
  denied: (_, permission) => ({
    message: `Permission '${permission}' denied on resource (or it may not exist).`,
    details: [errorInfo('IAM_PERMISSION_DENIED', 'iam.googleapis.com', { permission })],
  }),
  impliedProject: (world, { project, email = '' }) =>
    project === '-' ? (projectOfEmail(world, email) ?? refuse(404, 'Unknown service account')) : undefined,
  seed: seedAccounts,
  snapshot: (_, { accounts }) => ({
    serviceAccounts: Object.fromEntries(
      [...accounts].map(([email, { displayName, uniqueId, disabled, keys }]) => [
        email,
        { displayName, uniqueId, disabled, keys: keys.map(({ id, type, disabled }) => ({ id, type, disabled })) },
      ]),
    ),
  }),
}

/** Names a call about a service account: only the resource's labels name an account being created; later calls use its unique id. */
function accountAudit(methodName: string): AuditNaming {
  return ({ id, accounts }, { method, params, body }) => {
    const isNew = method === 'serviceAccounts.create'
    const given = isNew ? accountEmail(String(body.accountId ?? ''), id) : params.email
    const account = [...accounts.values()].find(({ email, uniqueId }) => email === given || uniqueId === given)
    return {
      methodName: `google.iam.admin.v1.${methodName}`,
      resourceName: isNew ? `projects/${id}` : `projects/-/serviceAccounts/${account?.uniqueId ?? params.email}`,
      resource: {
        type: 'service_account',
        labels: { email_id: account?.email ?? given ?? '', project_id: id, unique_id: account?.uniqueId ?? '' },
      },
    }
  }
}

function createAccount(world: World, project: Project, { body, effects }: Call): JsonObject {
  const name = String(body.accountId ?? '')
  if (!/^[a-z]([-a-z0-9]{4,28}[a-z0-9])$/.test(name))
    refuse(400, 'The account ID must be 6 to 30 lowercase letters, digits and hyphens, and start with a letter.')
  const email = accountEmail(name, project.id)
  if (project.accounts.has(email))
    refuse(409, `Service account ${name} already exists within project projects/${project.id}.`, 'ALREADY_EXISTS')
  const created = newAccount(
    world.random,
    email,
    seenFrom(world.clock.now(), effects?.newAccount ?? project.newAccounts),
  )
  const given = isJsonObject(body.serviceAccount) ? body.serviceAccount : {}
  created.displayName = String(given.displayName ?? '')
  created.description = String(given.description ?? '')
  project.accounts.set(email, created)
  return accountJson(project, created)
}

/** Returns when an account created now becomes visible and bindable. */
function seenFrom(now: number, { visibleAfter, flapsFor, bindableAfter }: NewAccountPace) {
  const visibleAt = now + durationMs(visibleAfter)
  const bindableAt = bindableAfter === undefined ? visibleAt : now + durationMs(bindableAfter)
  return { visibleAt, flapsUntil: visibleAt + durationMs(flapsFor), bindableAt }
}

function createConcurrently(
  world: World,
  project: Project,
  { accountId }: { accountId: string },
  { displayName }: ConcurrentWrite,
): void {
  const now = world.clock.now()
  const email = accountEmail(accountId, project.id)
  if (accountId === '' || project.accounts.has(email)) return
  const made = newAccount(world.random, email, { visibleAt: now, flapsUntil: now, bindableAt: now })
  project.accounts.set(email, { ...made, displayName: displayName ?? 'Created by someone else' })
}

/** Changes the display name or description that the update mask names, and answers with these. */
function patchAccount(world: World, project: Project, call: Call): JsonObject {
  const account = visibleAccount(world, project, call)
  const given = isJsonObject(call.body.serviceAccount) ? call.body.serviceAccount : {}
  const mask = String(call.body.updateMask ?? '')
    .split(',')
    .map((field) => field.trim().replace('display_name', 'displayName'))
  const changed: JsonObject = {}
  for (const field of ['displayName', 'description'] as const)
    if (mask.includes(field)) changed[field] = account[field] = String(given[field] ?? '')
  if (Object.keys(changed).length === 0) refuse(400, 'The update mask names neither displayName nor description.')
  account.etag = etag(world.random)
  return { name: `projects/${project.id}/serviceAccounts/${account.email}`, ...changed }
}

function deleteAccount(world: World, project: Project, call: Call): JsonObject {
  const { email, uniqueId } = visibleAccount(world, project, call)
  project.accounts.delete(email)
  for (const each of world.projects) {
    each.policy = policyWithoutAccount(each.policy, email, uniqueId)
    for (const service of each.services.values()) service.policy = policyWithoutAccount(service.policy, email, uniqueId)
  }
  return {}
}

/** Finds the account that a call names by email or unique id; a new account is unknown for a while and may then flap. */
function visibleAccount({ clock }: World, project: Project, { params }: Call): ServiceAccount {
  const named = [...project.accounts.values()].find(
    ({ email, uniqueId }) => email === params.email || uniqueId === params.email,
  )
  if (named === undefined || clock.now() < named.visibleAt) refuse(404, 'Unknown service account')
  if (clock.now() < named.flapsUntil && named.reads++ % 2 === 1) refuse(404, 'Unknown service account')
  return named
}

function accountJson(
  { id }: Project,
  { email, uniqueId, displayName, description, disabled, etag }: ServiceAccount,
): JsonObject {
  return {
    name: `projects/${id}/serviceAccounts/${email}`,
    projectId: id,
    uniqueId,
    email,
    ...(displayName && { displayName }),
    ...(description && { description }),
    ...(disabled && { disabled }),
    etag,
    oauth2ClientId: uniqueId,
  }
}
