import { type Match, matchPath, type Route } from './call.ts'
import { githubRoutes } from './github.ts'
import { iamRoutes } from './iam.ts'
import { loggingRoutes } from './logging.ts'
import { resourceManagerRoutes } from './resource-manager.ts'
import { runRoutes } from './run.ts'
import { secretManagerRoutes } from './secret-manager.ts'
import { serviceUsageRoutes } from './service-usage.ts'
import { serviceAtHost } from './web.ts'
import type { Project, RunService, World } from './world.ts'

/** Every method of every API that the sandbox simulates. */
export const routes: Route[] = [
  ...runRoutes,
  ...secretManagerRoutes,
  ...iamRoutes,
  ...resourceManagerRoutes,
  ...serviceUsageRoutes,
  ...loggingRoutes,
  ...githubRoutes,
]

/** Where a request is going. */
export type Destination =
  | { kind: 'api'; match: Match; region?: string }
  /** A host of the sandbox, but no method that it simulates. */
  | { kind: 'unknown'; service: string }
  | { kind: 'web'; project: Project; service: RunService }
  | { kind: 'outside' }

const apis = new Set<string>(routes.map(({ service }) => service))

/** Google APIs that clients are pointed at the sandbox for, of which it simulates nothing. */
const emptyApis = new Set(['iap', 'privilegedaccessmanager', 'orgpolicy'])

/** Where an absolute URL leads: a simulated API (`run.sandbox`, `us-central1-run.sandbox`), a service's own URL, or out of the sandbox. */
export function destinationOf(world: World, verb: string, { hostname, pathname }: URL): Destination {
  const [, region, name] = /^(?:([a-z]+-[a-z]+[0-9]+)-)?([a-z]+)\.sandbox$/.exec(hostname) ?? []
  if (name !== undefined && (apis.has(name) || emptyApis.has(name))) {
    const match = findMatch(name, verb, pathname)
    if (match === undefined || (region !== undefined && name !== 'run')) return { kind: 'unknown', service: name }
    return { kind: 'api', match, ...(region !== undefined && { region }) }
  }
  const at = serviceAtHost(world, hostname)
  return at ? { kind: 'web', ...at } : { kind: 'outside' }
}

function findMatch(service: string, verb: string, path: string): Match | undefined {
  for (const route of routes) {
    if (route.service !== service || route.verb !== verb) continue
    const params = matchPath(route.path, path)
    if (params) return { route, params }
  }
  return undefined
}
