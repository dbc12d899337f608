import type { JsonObject } from '../../base/json.ts'

/** A resource of a described API: its message type and its value. */
export type Stored = { type: string; value: JsonObject; deletedAt?: number }

/** A long-running operation in the form of its API, as it starts and when it is done. */
export type StoredOperation = { pending: JsonObject; done: JsonObject; asked: boolean }

/** The state of all described APIs, by API and resource name. */
export type ShapeStore = {
  resources: Map<string, Stored>
  operations: Map<string, StoredOperation>
  policies: Map<string, JsonObject>
}

/** Returns an empty store. */
export const makeStore = (): ShapeStore => ({ resources: new Map(), operations: new Map(), policies: new Map() })
