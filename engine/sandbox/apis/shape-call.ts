import type { JsonObject } from '../../base/json.ts'
import type { ApiMethod, IndexedApi } from './description.ts'

/** A call of a described API. */
export type ShapeCall = {
  api: IndexedApi
  method: ApiMethod
  /** The request's path, decoded, from behind the host. */
  path: string
  query: URLSearchParams
  body: JsonObject
  /** All projects, which names have by id or number. */
  projects: { id: string; number: string }[]
  /** Returns whether a resource that the sandbox simulates itself exists; undefined if it is none of these. */
  simulates?: (name: string) => boolean | undefined
  /** The caller, as operations name it. */
  user: string
  now: number
  random: (bytes: number) => Uint8Array
}
