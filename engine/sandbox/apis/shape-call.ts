import type { JsonObject } from '../../base/json.ts'
import type { ApiMethod, IndexedApi } from './description.ts'

/** A call of an API that is answered by shape: its path with projects by id, its query and body as the API's fields. */
export type ShapeCall = {
  api: IndexedApi
  method: ApiMethod
  /** The request's path, decoded, from behind the host. */
  path: string
  query: URLSearchParams
  body: JsonObject
  /** The caller, as operations name it. */
  user: string
  now: number
  random: (bytes: number) => Uint8Array
}
