import type { JsonObject } from '../../base/json.ts'
import type { ShapeCall } from './shape-call.ts'

/** A resource of a described API: its message type and its value. */
export type Stored = { type: string; value: JsonObject }

/** The state of all described APIs, by the key of each resource; an operation is kept as it is when it is done. */
export type ShapeStore = {
  resources: Map<string, Stored>
  operations: Map<string, JsonObject>
  policies: Map<string, JsonObject>
}

/** Returns an empty store. */
export const makeStore = (): ShapeStore => ({ resources: new Map(), operations: new Map(), policies: new Map() })

/** Copies a store so that nothing done to the copy reaches the original: values are replaced, never changed in place. */
export const copyOfStore = ({ resources, operations, policies }: ShapeStore): ShapeStore => ({
  resources: new Map([...resources].map(([key, stored]) => [key, { ...stored }])),
  operations: new Map(operations),
  policies: new Map(policies),
})

/** Returns one name for a resource whose names differ only in form: what is a zone or region in one method is a location in another, and some paths leave `global` out. */
export const canonical = (name: string): string =>
  name
    .replaceAll(/(^|\/)(?:zones|regions)\//g, '$1locations/')
    .replace(/^(projects\/[^/]+)\/(target\w+Proxies\/)/, '$1/global/$2')

/** Returns the key of a resource in the store. */
export const keyOf = ({ api }: ShapeCall, name: string): string => `${api.api}/${canonical(name)}`

/** Returns the key of a resource, which Compute also accepts by its numeric id. */
export const keyIn = (store: ShapeStore, call: ShapeCall, name: string): string => keyById(store, keyOf(call, name))

/** Returns the key of a resource of any API, given a key whose last part may be its numeric id. */
export function keyById(store: ShapeStore, key: string): string {
  const id = /\/(\d+)$/.exec(key)?.[1]
  if (id === undefined || store.resources.has(key)) return key
  const collection = key.slice(0, -id.length)
  for (const [each, { value }] of store.resources)
    if (value.id === id && each.startsWith(collection) && !each.slice(collection.length).includes('/')) return each
  return key
}
