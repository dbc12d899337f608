import type { JsonObject } from '../runbook/json.ts'
import { refuse } from './answer.ts'
import type { Match } from './call.ts'
import type { ApiService } from './methods.ts'
import { projectOfEmail } from './service-accounts.ts'
import { knownApis } from './service-usage.ts'
import type { Project, World } from './world.ts'

/** Refuses a caller without exactly the sandbox's token, as Google answers a bad credential. */
export function requireToken(authorization: string | undefined, token: string): void {
  if (authorization !== `Bearer ${token}`)
    refuse(
      401,
      'Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.',
    )
}

/** The project that a call is about, by id, by number or, for `-`, by the account that it names; refuses one that isn't there. */
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

/** Refuses a call to an API that isn't enabled in the project, in Google's words and details. */
export function requireApi({ apis, number }: Project, service: ApiService): void {
  const api = apiOf(service)
  if (apis.has(api)) return
  const url = `https://console.developers.google.com/apis/api/${api}/overview?project=${number}`
  const details: JsonObject[] = [
    {
      '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
      reason: 'SERVICE_DISABLED',
      domain: 'googleapis.com',
      metadata: {
        service: api,
        serviceTitle: knownApis[api] ?? api,
        consumer: `projects/${number}`,
        containerInfo: number,
        activationUrl: url,
      },
    },
    {
      '@type': 'type.googleapis.com/google.rpc.Help',
      links: [{ description: 'Google developers console API activation', url }],
    },
  ]
  refuse(
    403,
    `${knownApis[api]} has not been used in project ${number} before or it is disabled. Enable it by visiting ${url} then retry. If you enabled this API recently, wait a few minutes for the action to propagate to our systems and retry.`,
    'PERMISSION_DENIED',
    details,
  )
}

const apiOf = (service: ApiService): string => `${service}.googleapis.com`
