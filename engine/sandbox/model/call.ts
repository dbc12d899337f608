import type { Json, JsonObject } from '../../base/json.ts'
import type { ApiService, Method } from './methods.ts'
import type { Project, RunProgress, World } from './world.ts'

/** One API call as its method sees it; `params` are the decoded parts of the path. */
export type Call = {
  params: Record<string, string>
  query: URLSearchParams
  body: JsonObject
  /** The region in the host, where there is one. */
  region?: string
  /** How a fault lets what this call starts go on. */
  course?: RunProgress
}

/** A method of a service: what its requests look like and what it does; it returns the answer's JSON or throws a `Refusal`. */
export type Route = {
  service: ApiService
  method: Method
  verb: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** `/v1/projects/{project}/secrets/{secret}`. */
  path: string
} & (
  | { handle: (world: World, project: Project, call: Call) => Json }
  /** For the few methods that belong to no project. */
  | { handleAll: (world: World, call: Call) => Json }
)

/** A route whose path matched, with the parameters that it found. */
export type Match = { route: Route; params: Record<string, string> }

/** The parameters of a path under a pattern, or nothing when it doesn't match. */
export function matchPath(pattern: string, path: string): Record<string, string> | undefined {
  const source = pattern.replace(/[.]/g, '\\.').replace(/\{(\w+)\}/g, '(?<$1>[^/:]+)')
  const groups = new RegExp(`^${source}$`).exec(path)?.groups
  if (groups === undefined) return pattern === path ? {} : undefined
  return Object.fromEntries(Object.entries(groups).map(([name, value]) => [name, decoded(value)]))
}

/** The name of the thing that a call is about, as faults and the log give it: the service, secret, e-mail, API, workflow run or else the project; a version goes by its secret. */
export const resourceOf = ({ params }: Match): string =>
  Object.entries(params).findLast(([name]) => name !== 'version' && name !== 'location')?.[1] ?? ''

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
