import { Refusal, refuse } from './model/answer.ts'
import type { Match } from './model/call.ts'
import type { ApiService } from './model/methods.ts'
import type { Project, World } from './model/world.ts'
import { apiDisabled, apiOf, badCredentials } from './services/google-errors.ts'
import { projectOfEmail } from './services/service-accounts.ts'

/** Refuses a caller that doesn't send the sandbox's token, with Google's answer to invalid credentials. */
export function requireToken(authorization: string | undefined, token: string): void {
  if (authorization !== `Bearer ${token}`) refuse(401, badCredentials)
}

/** Finds the project of a call by id, number or, for `-`, the account it names; refuses a project that doesn't exist. */
export function projectOf(world: World, { route, params }: Match): Project {
  const given = params.project!
  if (given === '-' && route.service === 'iam')
    return projectOfEmail(world, params.email ?? '') ?? refuse(404, 'Unknown service account')
  const found = world.projects.find(({ id, number }) => given === id || given === number)
  if (found) return found
  if (route.service === 'cloudresourcemanager') return refuse(403, 'The caller does not have permission')
  return refuse(
    403,
    `Permission '${route.service}.${route.method}' denied on resource '//${apiOf(route.service)}/projects/${given}' (or it may not exist).`,
  )
}

/** Refuses a call to an API that isn't enabled in the project. */
export function requireApi({ apis, number }: Project, service: ApiService): void {
  if (apis.has(apiOf(service))) return
  throw new Refusal(apiDisabled({ service, number }))
}
