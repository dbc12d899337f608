import { isJsonObject, type JsonObject } from '../../base/json.ts'
import { refuse } from '../model/answer.ts'
import type { Call, Route } from '../model/call.ts'
import type { NewAccountPace } from '../model/fault.ts'
import { durationMs } from '../model/scenario.ts'
import type { Project, ServiceAccount, World } from '../model/world.ts'
import { policyWithoutAccount } from './policy.ts'
import { accountEmail, newAccount } from './service-accounts.ts'

const accounts = '/v1/projects/{project}/serviceAccounts'
const account = `${accounts}/{email}`

/** IAM v1: service accounts and their keys (cloud.google.com/iam/docs/reference/rest/v1/projects.serviceAccounts). */
export const iamRoutes: Route[] = [
  {
    service: 'iam',
    method: 'serviceAccounts.list',
    verb: 'GET',
    path: accounts,
    handle: (world, project) => ({
      accounts: [...project.accounts.values()]
        .filter(({ visibleAt }) => visibleAt <= world.clock.now())
        .map((each) => accountJson(project, each)),
    }),
  },
  { service: 'iam', method: 'serviceAccounts.create', verb: 'POST', path: accounts, handle: createAccount },
  {
    service: 'iam',
    method: 'serviceAccounts.get',
    verb: 'GET',
    path: account,
    handle: (world, project, call) => accountJson(project, visibleAccount(world, project, call)),
  },
  { service: 'iam', method: 'serviceAccounts.delete', verb: 'DELETE', path: account, handle: deleteAccount },
  {
    service: 'iam',
    method: 'serviceAccounts.disable',
    verb: 'POST',
    path: `${account}:disable`,
    handle(world, project, call) {
      visibleAccount(world, project, call).disabled = true
      return {}
    },
  },
  {
    service: 'iam',
    method: 'serviceAccounts.enable',
    verb: 'POST',
    path: `${account}:enable`,
    handle(world, project, call) {
      visibleAccount(world, project, call).disabled = false
      return {}
    },
  },
  { service: 'iam', method: 'keys.list', verb: 'GET', path: `${account}/keys`, handle: listKeys },
]

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

function deleteAccount(world: World, project: Project, call: Call): JsonObject {
  const { email, uniqueId } = visibleAccount(world, project, call)
  project.accounts.delete(email)
  for (const each of world.projects) {
    each.policy = policyWithoutAccount(each.policy, email, uniqueId)
    for (const service of each.services.values()) service.policy = policyWithoutAccount(service.policy, email, uniqueId)
  }
  return {}
}

function listKeys(world: World, project: Project, call: Call): JsonObject {
  const { email, keys } = visibleAccount(world, project, call)
  const wanted = call.query.getAll('keyTypes')
  const list = keys
    .map(({ id, type, created, expires, disabled }) => ({
      name: `projects/${project.id}/serviceAccounts/${email}/keys/${id}`,
      validAfterTime: created,
      validBeforeTime: expires,
      keyAlgorithm: 'KEY_ALG_RSA_2048',
      keyOrigin: 'GOOGLE_PROVIDED',
      keyType: type === 'user' ? 'USER_MANAGED' : 'SYSTEM_MANAGED',
      ...(disabled && { disabled }),
    }))
    .filter(({ keyType }) => wanted.length === 0 || wanted.includes(keyType))
  return list.length > 0 ? { keys: list } : {}
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
