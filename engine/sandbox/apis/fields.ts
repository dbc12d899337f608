import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts'
import { own } from '../../base/own.ts'
import type { Fields } from '../api-methods.ts'
import type { IndexedApi } from './description.ts'
import { models } from './models/all.ts'
import type { ShapeCall } from './shape-call.ts'

/** A resource that a call creates or changes: its full name, its message type and its value. */
export type Made = { name: string; type: string; value: JsonObject }

/** Returns a time as Google's newer APIs write it. */
export const isoTime = (ms: number): string => new Date(ms).toISOString().replace(/\.(\d+)Z$/, '.$1000Z')

/** Returns a random id of twenty digits or less, as Compute gives its resources. */
export const numericId = ({ random }: ShapeCall): string =>
  [...random(9)]
    .map((byte) => String(byte % 100).padStart(2, '0'))
    .join('')
    .replace(/^0+/, '1')

/** Returns the link that an API gives for a resource: Compute's point to another host than the one that was called. */
export function linkTo({ api, path }: ShapeCall, name: string): string {
  const service = /^(.*?\/?(?:v\d+\w*|alpha|beta))\//.exec(path)?.[1] ?? ''
  const host = api.api === 'compute' || api.api === 'storage' ? 'www.googleapis.com' : `${api.api}.googleapis.com`
  return `https://${host}${service.startsWith('/') ? service : `/${service}`}/${name}`
}

/** Returns the resource that a call creates, with the fields that the service sets; undefined if it has no name. `given` overrides its id and type. */
export function madeOf(
  call: ShapeCall,
  collection: string,
  given: { id?: string; type?: string } = {},
): Made | undefined {
  const { api, method, body } = call
  const plain = api.collections.get(api.collectionAt(collection) ?? '')
  // A record set is named by its name and its type.
  const found = plain ?? api.collections.get(api.collectionAt(`${collection}/-`) ?? '')
  const type = given.type ?? found?.type ?? method.body ?? method.response
  const isTwofold = given.id === undefined && !plain && found !== undefined
  const id = given.id ?? idFor(call, isTwofold ? undefined : found?.param)
  if (id === undefined) return undefined
  const second = isTwofold ? body[found.param] : undefined
  const name = `${collection}/${id}${typeof second === 'string' ? `/${second}` : ''}`
  return { name, type, value: filled(call, name, id, type, resourceIn(call, body, type)) }
}

/** Returns the resource in a body: the body itself, or the field that holds it (`{ cluster: … }`). */
function resourceIn({ api, method }: ShapeCall, body: JsonObject, type: string): JsonObject {
  if (method.body === type || method.body === undefined) return body
  const field = Object.entries(own(api.types, method.body) ?? {}).find(([, each]) => each === type)?.[0]
  const inner = field === undefined ? undefined : body[field]
  return isJsonObject(inner ?? null) ? (inner as JsonObject) : body
}

/** Returns a new resource's id: from a query parameter `…Id`, the body's name or a reference in it, else a random one. */
function idFor(call: ShapeCall, param: string | undefined): string | undefined {
  const { query, body } = call
  for (const [name, value] of query) if (/Id$/.test(name) && name !== 'requestId' && value !== '') return value
  // The flat path has it in the plural: `datasetsId`.
  const id = param?.replace(/sId$/, 'Id')
  const inner = Object.values(body).filter((each) => isJsonObject(each)) as JsonObject[]
  const named = [body, ...inner].flatMap((of) => (id !== undefined && typeof of[id] === 'string' ? [of[id]] : []))
  const [own] = [...named, ...[body, ...inner].map(({ name }) => name), body.id].filter(
    (each) => typeof each === 'string' && each !== '',
  )
  if (typeof own === 'string') return own.split('/').at(-1)
  const statement = /^CREATE DATABASE [`"]?([\w-]+)/i.exec(String(body.createStatement ?? ''))?.[1]
  return statement ?? numericId(call)
}

/** Adds the fields that the service sets itself, as far as the message has them. */
export function filled(call: ShapeCall, name: string, id: string, type: string, given: JsonObject): JsonObject {
  const { api, method, now, random } = call
  const { fullNames } = api.collections.get(api.collectionAt(parentOf(name)) ?? '') ?? method
  const fields = own(api.types, type) ?? {}
  const shorts = own(own(models, api.api)?.shortNames ?? {}, type) ?? []
  const has = (field: string, like?: RegExp) => own(fields, field) !== undefined && (!like || like.test(fields[field]!))
  const time = isoTime(now)
  const parts = name.split('/')
  const model = own(models, api.api)?.defaults
  const value: JsonObject = {
    ...(own(api.defaults, type) ?? {}),
    // A version of the API may not have a field yet.
    ...Object.fromEntries(Object.entries((model && own(model, type)) ?? {}).filter(([field]) => has(field))),
    ...normalised(call, given),
  }
  if (has('name', /^string/)) value.name = fullNames ? shownName(call, name) : id
  for (const field of shorts) if (typeof value[field] === 'string') value[field] = value[field].split('/').at(-1) ?? ''
  for (const field of ['createTime', 'updateTime', 'creationTimestamp', 'timeCreated', 'updated'])
    if (has(field, /^string/) && value[field] === undefined) value[field] = time
  if (api.api === 'compute') {
    if (has('id')) value.id = numericId(call)
    if (has('selfLink')) value.selfLink = linkTo(call, name)
    if (has('selfLinkWithId')) value.selfLinkWithId = linkTo(call, `${parts.slice(0, -1).join('/')}/${value.id}`)
    const scope = /^projects\/[^/]+\/(zones|regions)\/[^/]+/.exec(name)
    if (scope && has(scope[1]!.slice(0, -1))) value[scope[1]!.slice(0, -1)] = linkTo(call, scope[0])
  } else {
    if (has('selfLink', /^string/)) value.selfLink = linkTo(call, name)
    if (has('uid', /^string/)) value.uid = uuid(random)
    if (has('id', /^string|int/) && value.id === undefined && !fullNames) value.id = numericId(call)
  }
  for (const field of ['etag', 'fingerprint']) if (has(field)) value[field] = Buffer.from(random(8)).toString('base64')
  const state = ['state', 'status'].find((field) => has(field, /^enum:/) && value[field] === undefined)
  if (state) {
    const ready = ['READY', 'ACTIVE', 'RUNNING', 'ENABLED', 'RUNNABLE', 'CREATED', 'AVAILABLE'].find((each) =>
      fields[state]!.slice(5).split(',').includes(each),
    )
    if (ready) value[state] = ready
  }
  if (isKnative(fields)) return knative(call, id, { kind: type, ...value })
  for (const [field, its] of Object.entries(fields))
    if (value[field] !== undefined && field !== 'etag') value[field] = renewed(call, its, value[field])
  for (const field of Object.keys(fields))
    if (/^(\w+R|r)eference$/.test(field)) value[field] = referenceTo(api, fields[field]!, parts, value[field])
  return value
}

/** Returns whether a message is a Kubernetes resource, as in Cloud Run's v1. */
const isKnative = (fields: Fields): boolean =>
  ['apiVersion', 'kind', 'metadata', 'spec'].every((each) => each in fields)

/** Returns a Kubernetes resource, which is ready at once. */
function knative({ now, path, random }: ShapeCall, name: string, value: JsonObject): JsonObject {
  const namespace = /\/namespaces\/([^/]+)/.exec(path)?.[1] ?? ''
  const given = isJsonObject(value.metadata ?? null) ? (value.metadata as JsonObject) : {}
  const generation = Number(given.generation ?? 0) + 1
  const time = isoTime(now)
  return {
    ...value,
    metadata: {
      ...{ namespace, uid: uuid(random), creationTimestamp: time, ...given, name, generation },
      resourceVersion: Buffer.from(random(8)).toString('base64'),
    },
    status: {
      observedGeneration: generation,
      conditions: ['Ready', 'Started', 'Completed'].map((type) => ({ type, status: 'True', lastTransitionTime: time })),
    },
  }
}

/** Returns a resource's name as its API writes it: by the project's number where the model says so. */
const shownName = ({ api, projects }: ShapeCall, name: string): string =>
  own(models, api.api)?.numbered
    ? name.replace(/^projects\/([^/]+)/, (all, given: string) => {
        const number = projects.find(({ id }) => id === given)?.number
        return number === undefined ? all : `projects/${number}`
      })
    : name

const parentOf = (name: string): string => name.split('/').slice(0, -1).join('/')

/** Returns a message that names a resource by the parts of its name: `{ projectId, datasetId, tableId }`. */
function referenceTo(api: IndexedApi, type: string, parts: string[], given: Json | undefined): Json {
  const fields = own(api.types, type) ?? {}
  const ids = parts.flatMap((part, at) => {
    const field = `${(parts[at - 1] ?? '').replace(/s$/, '')}Id`
    return at % 2 === 1 && own(fields, field) === 'string' ? [[field, part]] : []
  })
  return { ...Object.fromEntries(ids), ...(isJsonObject(given ?? null) ? (given as JsonObject) : {}) }
}

/** Returns the resources that are created together with another: those that it holds itself, and those that the API adds. */
export function childrenOf(call: ShapeCall, { name, type, value: parent }: Made): Made[] {
  const child = (collection: string, id: string, itsType: string, value: JsonObject): Made => {
    const own = `${name}/${collection}/${id}`
    return { name: own, type: itsType, value: filled(call, own, id.split('/')[0] ?? id, itsType, value) }
  }
  const held = heldIn(call.api, name, type).flatMap(([collection, itsType]) => {
    const items = parent[collection]
    return (Array.isArray(items) ? items : []).flatMap((item) =>
      isJsonObject(item) && typeof item.name === 'string' ? [child(collection, item.name, itsType, item)] : [],
    )
  })
  const added = (own(own(models, call.api.api)?.children ?? {}, type) ?? [])
    .filter(({ unless }) => unless === undefined || parent[unless] === undefined)
    .map(({ collection, id, type: itsType, value }) =>
      child(collection, withFields(id, parent), itsType, withFields(value, parent)),
    )
  return [...held, ...added]
}

/** Fills in the fields of a resource that a text of its model names in braces, in every text of a value. */
function withFields<T extends Json>(value: T, parent: JsonObject): T {
  if (typeof value === 'string')
    return value.replaceAll(/\{(\w+)\}/g, (_, field: string) => String(parent[field] ?? '')) as T
  if (Array.isArray(value)) return value.map((each) => withFields(each, parent)) as T
  if (!isJsonObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withFields(each, parent)])) as T
}

/** Returns the fields of a resource whose items are resources themselves, such as the node pools of a cluster. */
export const heldIn = (api: IndexedApi, name: string, type: string): [string, string][] =>
  Object.entries(own(api.types, type) ?? {}).flatMap(([field, each]): [string, string][] => {
    const itsType = each.startsWith('[]') ? each.slice('[]'.length) : ''
    return itsType !== '' && api.collections.get(api.collectionAt(`${name}/${field}`) ?? '')?.type === itsType
      ? [[field, itsType]]
      : []
  })

const uuid = (random: ShapeCall['random']): string =>
  Buffer.from(random(16))
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')

/** Fields with credentials, which are neither stored nor returned. */
const CREDENTIAL =
  /^(password|rootPassword|passphrase|privateKey(Data)?|secretKey|rawKey|rsaEncryptedKey|sharedSecret|authString|clientSecret|accessToken|refreshToken|token)$/i

/** Returns a body without its credentials. */
export function withoutCredentials<T extends Json>(value: T): T {
  if (Array.isArray(value)) return value.map(withoutCredentials) as T
  if (!isJsonObject(value)) return value
  const kept = Object.entries(value).filter(([name, each]) => !(CREDENTIAL.test(name) && typeof each === 'string'))
  return Object.fromEntries(kept.map(([name, each]) => [name, withoutCredentials(each)])) as T
}

/** Expands the partial links of a request, as Compute does in its responses. */
export function normalised(call: ShapeCall, given: JsonObject): JsonObject {
  if (call.api.api !== 'compute') return given
  const of = (value: Json): Json => {
    if (typeof value === 'string') {
      const path =
        /^(?:https?:\/\/(?:www\.googleapis\.com|compute\.googleapis\.com|compute\.sandbox)\/compute\/[^/]+\/)?(projects\/[^/]+\/(?:zones|regions|global)\/.+)$/.exec(
          value,
        )?.[1]
      return path ? linkTo(call, path) : value
    }
    if (Array.isArray(value)) return value.map(of)
    return isJsonObject(value) ? Object.fromEntries(Object.entries(value).map(([key, each]) => [key, of(each)])) : value
  }
  return of(given) as JsonObject
}

/** Updates a resource: by the update mask if there is one, else by a deep merge; or replaces it except for the service's own fields. */
export function mergeInto(call: ShapeCall, there: JsonObject, how: 'merge' | 'replace'): JsonObject {
  const { api, method, query } = call
  const type = method.body ?? ''
  const body = normalised(call, unwrapped(call))
  const mask = query.get('updateMask') ?? (typeof call.body.updateMask === 'string' ? call.body.updateMask : undefined)
  if (mask !== undefined && mask !== '*') return masked(there, body, mask)
  if (how === 'merge') return deep(there, body)
  if (isKnative(own(api.types, type) ?? {})) {
    const metadata = {
      ...(there.metadata as JsonObject),
      ...(isJsonObject(body.metadata ?? null) ? (body.metadata as JsonObject) : {}),
    }
    const { uid, creationTimestamp, generation } = there.metadata as JsonObject
    Object.assign(metadata, { uid, creationTimestamp, generation })
    return knative(call, String(metadata.name ?? ''), { ...body, metadata: metadata as JsonObject })
  }
  const output = own(api.marks, type)?.output ?? []
  const kept = Object.fromEntries(
    Object.entries(there).filter(
      ([field]) =>
        output.includes(field) ||
        /^(name|id|selfLink|selfLinkWithId|kind|createTime|creationTimestamp|state|status|uid|timeCreated|region|zone|etag|fingerprint)$/.test(
          field,
        ),
    ),
  )
  return { ...kept, ...body }
}

/** Returns whether a change is based on another state than the resource has, by the marks that it gives; `there` is what they belong to. */
export const isStale = (call: ShapeCall, there: JsonObject): boolean => {
  const body = unwrapped(call)
  return ['etag', 'fingerprint', 'labelFingerprint'].some((mark) => {
    const [given, known] = [body[mark], there[mark]]
    return (
      typeof given === 'string' &&
      given !== '' &&
      typeof known === 'string' &&
      plainBase64(given) !== plainBase64(known)
    )
  })
}

/** Returns base64 in its usual alphabet: some clients send the one for URLs. */
const plainBase64 = (text: string): string => text.replaceAll('-', '+').replaceAll('_', '/')

/** Returns a message with a new fingerprint, if its type has one. */
export function renewed({ api, random }: ShapeCall, type: string, value: Json): Json {
  const hasMark = own(own(api.types, type) ?? {}, 'fingerprint') !== undefined
  return hasMark && isJsonObject(value) ? { ...value, fingerprint: Buffer.from(random(8)).toString('base64') } : value
}

/** Returns the resource in an update's body, which some APIs wrap (`{ topic: …, updateMask }`). */
function unwrapped({ body }: ShapeCall): JsonObject {
  if (!('updateMask' in body)) return body
  const [, inner] = Object.entries(body).find(([field, value]) => field !== 'updateMask' && isJsonObject(value)) ?? []
  return isJsonObject(inner ?? null) ? (inner as JsonObject) : body
}

function masked(there: JsonObject, body: JsonObject, mask: string): JsonObject {
  const result = structuredClone(there)
  for (const path of mask.split(',')) {
    const keys = path
      .trim()
      .split('.')
      .map((key) => key.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()))
    let [to, from]: [JsonObject, Json | undefined] = [result, body]
    for (const key of keys.slice(0, -1)) {
      if (!isJsonObject(to[key] ?? null)) to[key] = {}
      to = to[key] as JsonObject
      from = isJsonObject(from ?? null) ? (from as JsonObject)[key] : undefined
    }
    const last = keys.at(-1) ?? ''
    const value = isJsonObject(from ?? null) ? (from as JsonObject)[last] : undefined
    if (value === undefined) delete to[last]
    else to[last] = value
  }
  return result
}

/** Merges a message into another: null removes a field. */
export function deep(there: JsonObject, body: JsonObject): JsonObject {
  const result: JsonObject = { ...there }
  for (const [key, value] of Object.entries(body)) {
    const was = result[key] ?? null
    if (value === null) delete result[key]
    else result[key] = isJsonObject(value) && isJsonObject(was) ? deep(was, value) : value
  }
  return result
}

/** Renews the fields that change with every write. */
export function touched({ now, random }: ShapeCall, value: JsonObject): JsonObject {
  const result: JsonObject = { ...value }
  for (const field of ['etag', 'fingerprint', 'labelFingerprint'])
    if (typeof result[field] === 'string') result[field] = Buffer.from(random(8)).toString('base64')
  for (const field of ['updateTime', 'updated']) if (typeof result[field] === 'string') result[field] = isoTime(now)
  return result
}
