import { Refusal, refuse } from './model/answer.ts'
import type { Match } from './model/api.ts'
import type { GoogleService } from './model/methods.ts'
import type { Project, World } from './model/world.ts'
import { googleApi } from './services/apis.ts'
import { requireGithubToken } from './services/github.ts'
import { apiDisabled, apiOf, badCredentials } from './services/google-errors.ts'

/** Refuses a caller that doesn't send the sandbox's token, with the service's answer to invalid credentials. */
export function requireToken(service: string, authorization: string | undefined, token: string): void {
  if (service === 'github') requireGithubToken(authorization, token)
  else if (authorization !== `Bearer ${token}`) refuse(401, badCredentials)
}

/** Finds the project that a call names by id or number, or that its API derives from the call; refuses a project that doesn't exist. */
export function projectOf(world: World, { route: { service, method }, params }: Match): Project {
  const { impliedProject, noProject } = googleApi(service) ?? {}
  const given = params.project!
  return (
    impliedProject?.(world, params) ??
    world.projects.find(({ id, number }) => given === id || given === number) ??
    refuse(
      403,
      noProject ??
        `Permission '${service}.${method}' denied on resource '//${apiOf(service)}/projects/${given}' (or it may not exist).`,
    )
  )
}

/** Refuses a call to an API that isn't enabled in the project. */
export function requireApi({ apis, number }: Project, service: GoogleService): void {
  if (apis.has(apiOf(service))) return
  throw new Refusal(apiDisabled({ service, number }))
}
