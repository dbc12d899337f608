import { knownApis, methodIdAt, type RequestShape, requestShape } from './api-methods.ts'
import { type ApiMethod, patternOf } from './apis/description.ts'
import type { Match, Route } from './model/api.ts'
import { matchPath } from './model/call.ts'
import type { Project, RunService, World } from './model/world.ts'
import { googleApi, routes } from './services/apis.ts'
import { serviceAtHost } from './services/web.ts'

/** Where a request goes. */
export type Destination =
  | { kind: 'api'; match: Match; region?: string }
  /** A host of the sandbox but not a simulated method; `what` names it. */
  | { kind: 'not-simulated'; service: string; what: string }
  | { kind: 'web'; project: Project; service: RunService }
  | { kind: 'outside' }

/** Resolves an absolute URL to a simulated API (`run.sandbox`, `us-central1-run.sandbox`, or Google's own `run.googleapis.com` over plain HTTP), a service's own URL, or a host outside the sandbox. */
export function destinationOf(world: World, verb: string, { hostname, pathname }: URL): Destination {
  const label = /^(.+)\.(?:sandbox|googleapis\.com)$/.exec(hostname)?.[1]
  if (label !== undefined) return apiDestination(label, verb, pathname)
  const at = serviceAtHost(world, hostname)
  return at ? { kind: 'web', ...at } : { kind: 'outside' }
}

function apiDestination(label: string, verb: string, path: string): Destination {
  const [, region, service = label] = /^([a-z]+-[a-z]+[0-9]+)-([a-z]+)$/.exec(label) ?? []
  const match = findMatch(service, verb, path)
  const misplaced = region !== undefined && !googleApi(service)?.regional
  if (match && !misplaced) return { kind: 'api', match, ...(region !== undefined && { region }) }
  return { kind: 'not-simulated', service, what: whatIs(service, verb, path) + (misplaced ? ` at ${label}` : '') }
}

/** Names what a request asks for: the API's method, with its version if only another version is simulated, or its verb and path. */
function whatIs(service: string, verb: string, path: string): string {
  if (!knownApis.includes(service) && service !== 'github') return service
  const method = methodIdAt(service, verb, path)
  if (method === undefined) return `${verb} ${path} of ${service}`
  const isOther = simulated.has(method) && findMatch(service, verb, path) === undefined
  return isOther ? `${method} of ${path.split('/').find((part) => /^v[0-9]/.test(part))}` : method
}

/** Returns a route's API method and what its requests may contain; undefined for GitHub's. */
export const formOf = (route: Route): { methodId: string; shape: RequestShape } | undefined => forms.get(route)

const forms = new Map(
  routes.flatMap((route) => {
    const methodId = methodIdAt(route.service, route.verb, route.path.replaceAll(/\{\w+\}/g, 'x'))
    const shape = methodId === undefined ? undefined : requestShape(methodId)
    return methodId === undefined || shape === undefined ? [] : [[route, { methodId, shape }] as const]
  }),
)

/**
 * Returns whether a method concerns resources that the sandbox simulates itself: it has their state, so a method that it
 * doesn't simulate can't be answered by what all APIs share, except for IAM policies, which are apart from that state.
 */
export const isOfSimulated = (service: string, { path, id }: ApiMethod): boolean =>
  simulatedCollections.has(`${service}/${collectionOf(patternOf(path))}`) &&
  (!POLICY.test(id) || withPolicies.has(`${service}/${collectionOf(patternOf(path))}`))

/** Returns the collection of a method's resource, from its path pattern: without the item and the verb. */
const collectionOf = (pattern: string): string =>
  pattern.replace(/:\w+$/, '').replace(/\/\{\}(\/(get|set|test)Iam\w+)?$/, '')

const POLICY = /[.:](get|set|test)Iam\w+$/

/** The collections whose IAM policies the sandbox simulates itself. */
const withPolicies = new Set(
  routes.flatMap(({ service, path }) =>
    [path].flat().flatMap((each) => (POLICY.test(each) ? [`${service}/${collectionOf(patternOf(each))}`] : [])),
  ),
)

const simulatedCollections = new Set([
  ...routes.flatMap(({ service, path }) => [path].flat().map((each) => `${service}/${collectionOf(patternOf(each))}`)),
  // The same services and revisions in the API's other version.
  ...['services', 'services/{}/revisions'].map((each) => `run/projects/{}/locations/{}/${each}`),
])

const simulated = new Set([...forms.values()].map(({ methodId }) => methodId))

function findMatch(service: string, verb: string, path: string): Match | undefined {
  for (const route of routes) {
    if (route.service !== service || route.verb !== verb) continue
    const params = matchPath(route.path, path)
    if (params) return { route, params }
  }
  return undefined
}
