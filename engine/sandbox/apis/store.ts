import type { JsonObject } from '../../base/json.ts'

/** One resource of an API that is answered by shape: its message, and what kind of message that is. */
export type Stored = { type: string; value: JsonObject; deletedAt?: number }

/** A long-running operation: what it is about and how it ends, in the form of its API. */
export type StoredOperation = { pending: JsonObject; done: JsonObject; asked: boolean }

/** Everything that is kept for the APIs that are answered by shape, by API and name. */
export type ShapeStore = {
  resources: Map<string, Stored>
  operations: Map<string, StoredOperation>
  policies: Map<string, JsonObject>
}

/** Makes a store with nothing in it. */
export const makeStore = (): ShapeStore => ({ resources: new Map(), operations: new Map(), policies: new Map() })
