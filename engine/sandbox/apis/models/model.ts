import type { JsonObject } from '../../../base/json.ts'

/** What the SDK's description of an API does not contain, by message type. */
export type ApiModel = {
  /** Values that the service sets where a request doesn't. */
  defaults?: Record<string, JsonObject>
  /** Resources that are created together with another, in a collection below it, unless the request has the field; `{dnsName}` stands for the field of the other. */
  children?: Record<string, { collection: string; id: string; type: string; value: JsonObject; unless?: string }[]>
  /** Types of resources whose ids count up from 1. */
  counted?: string[]
  /** Types of resources that create and delete others in a collection beside their own: those in the fields `added` and `removed`, with an id of the fields in `key`. */
  carries?: Record<string, { collection: string; type: string; added: string; removed: string; key: string[] }>
  /** Fields that are returned as the last part of a given name. */
  shortNames?: Record<string, string[]>
  /** Types of resources that can't be deleted while another refers to them. */
  heldByUse?: string[]
  /** Types of resources that stay, in this state, after they are deleted. */
  stayDeleted?: Record<string, JsonObject>
  /** The API names a resource by its project's number. */
  numbered?: true
  /** The status for a resource that does not exist, if it isn't 404. */
  missing?: 403
  /** What every project has, or what Google's own projects have: a name that matches exists, with these fields. */
  standing?: Record<string, { name: RegExp; value: JsonObject }>
  /** Items that a new resource adds to a list of another API's resource, whose name the request's field has. */
  adds?: Record<string, { api: string; to: string; list: string; item: JsonObject }>
  /** What verbs do, by the type of their resource and their name: `Disk.resize`. */
  verbs?: Record<string, Effect>
}

/**
 * The effect of a verb on its resource. A `Source` says where a value comes from: `body` or `query`, each with a path
 * behind it (`body.sizeGb`), or a text after `=`.
 */
export type Effect =
  /** Changes nothing that a read shows, such as a restart. */
  | { kind: 'nothing' }
  /** Answers a constant and changes nothing. */
  | { kind: 'answer'; value: JsonObject }
  | { kind: 'set'; fields: Record<string, Source> }
  /** Adds, changes, removes or returns an item of a list, found by the value of `key`; a new one without a key gets the text in `named` and a number. */
  | { kind: 'add' | 'change' | 'remove' | 'get'; list: string; key: string; named?: string }
  /** Sets a field to the resource below that has this id in the collection. */
  | { kind: 'refer'; field: string; collection: string; id: Source }
  /** Creates a resource in the collection that the path names, or in another one of the project; `copies` starts it as its source is. */
  | { kind: 'create'; in?: string; type?: string; id?: Source; copies?: true; link?: string }

/** Where a value of an effect comes from. */
export type Source = 'body' | `body.${string}` | `query.${string}` | `=${string}`
