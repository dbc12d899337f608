import type { ApiMethod, IndexedApi } from './description.ts'
import { apiAt } from './host.ts'
import type { DescribeApi } from './load.ts'

/** A method of a described API, and the decoded path of the request. */
export type FoundMethod = { api: IndexedApi; method: ApiMethod; path: string }

/** Finds a request's method in the version of its path, else in another version that has it. */
export async function findMethod(describe: DescribeApi, verb: string, url: URL): Promise<FoundMethod | undefined> {
  const at = apiAt(url)
  const path = decoded(url.pathname)
  if (at === undefined || path === undefined) return undefined
  const api = await describe(at.api, at.version)
  for (const version of api ? [at.version, ...api.versions.filter((each) => each !== at.version)] : []) {
    const other = await describe(at.api, version)
    const found = other?.methodAt(verb, path.replace(`/${at.version}/`, `/${version}/`))
    if (other && found) return { api: other, method: found.method, path }
  }
  // Some operations lie below paths that no client names; they are read as any other.
  const reads = verb === 'GET' && /\/operations\/[^:]+$/.test(path)
  const method = reads ? api?.methods.find(({ id }) => id.endsWith('.operations.get')) : undefined
  if (api && method) return { api, method, path }
  return undefined
}

function decoded(path: string): string | undefined {
  try {
    return decodeURIComponent(path)
  } catch {
    return undefined
  }
}
