import type { JsonObject } from '../../base/json.ts'
import type { CallEffects } from './world.ts'

/** One API call as its method receives it; `params` are the decoded path parameters. */
export type Call = {
  /** The path as requested, which has the API's version. */
  path: string
  params: Record<string, string>
  query: URLSearchParams
  body: JsonObject
  /** The region in the host name, if any. */
  region?: string
  /** What a fault changes about the effects of this call. */
  effects?: CallEffects
}

/** Returns a path's parameters under a pattern, or undefined if it doesn't match. */
export function matchPath(pattern: string, path: string): Record<string, string> | undefined {
  const source = pattern.replace(/[.]/g, '\\.').replace(/\{(\w+)\}/g, '(?<$1>[^/:]+)')
  const groups = new RegExp(`^${source}$`).exec(path)?.groups
  if (groups === undefined) return pattern === path ? {} : undefined
  return Object.fromEntries(Object.entries(groups).map(([name, value]) => [name, decoded(value)]))
}

/** Returns the name of the resource that a call concerns, for faults and the log: the service, secret, email, API or workflow run, else the project. A version goes by its secret. */
export const resourceOf = (params: Record<string, string>): string =>
  Object.entries(params).findLast(([name]) => name !== 'version' && name !== 'location')?.[1] ?? ''

/** Decodes a part of a path; leaves one as it is that is not encoded well. */
export function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
