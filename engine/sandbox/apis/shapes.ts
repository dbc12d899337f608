import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts'
import { own } from '../../base/own.ts'
import { type Answer, jsonAnswer } from '../model/answer.ts'
import { type IndexedApi, patternOf, withoutVersion } from './description.ts'
import { conflict, inUse, invalid, notFound } from './errors.ts'
import { childrenOf, type Made, madeOf, mergeInto, touched } from './fields.ts'
import { models } from './models.ts'
import { isOperation, operationAt, operationOf } from './operations.ts'
import { policyAt, setPolicy, testPermissions } from './policies.ts'
import type { ShapeCall } from './shape-call.ts'
import { canonical, keyOf, type ShapeStore, type Stored } from './store.ts'

/** The result of a call: an answer by a shape that all APIs share, or a refusal because the effect of the call is unknown. */
export type Shaped = { how: 'generic'; answer: Answer; changed: boolean } | { how: 'refused' }

/** Answers a call by the conventions that all of Google's APIs share. */
export function answerByShape(store: ShapeStore, call: ShapeCall): Shaped {
  const { method } = call
  const { name, verb } = targetOf(call)
  const rpc = method.id.split('.').at(-1) ?? ''
  const generic = (answer: Answer, changed = false): Shaped => ({
    how: 'generic',
    answer,
    changed: changed && answer.status < 400,
  })
  const asked = verb ?? rpc
  if (/(^|\/)operations\/[^/]+$/.test(name)) {
    if (method.verb === 'GET' || /^wait/.test(asked)) return generic(operationAt(store, call, name))
    if (method.verb === 'DELETE' || asked === 'cancel') return generic(jsonAnswer({}))
  }
  if (/IamPolicy$/.test(asked) && isMissing(store, call, name)) return generic(notFound(call, name))
  if (/[gG]etIamPolicy$/.test(asked)) return generic(policyAt(store, call, name))
  if (/[sS]etIamPolicy$/.test(asked)) return generic(setPolicy(store, call, name), true)
  if (/[tT]estIamPermissions$/.test(asked)) return generic(testPermissions(call))
  if (verb !== undefined) return act(store, call, name, verb, generic)
  const isItem = /\}$/.test(method.path)
  switch (method.verb) {
    case 'GET':
      if (isItem) return generic(get(store, call, name))
      if (isAggregated(call)) return generic(aggregated(store, call, name))
      if (isList(call)) return generic(list(store, call, name))
      return single(store, call, name, generic)
    case 'POST':
      return generic(isItem ? patch(store, call, name, 'merge') : create(store, call, name), true)
    case 'PUT':
      return generic(patch(store, call, name, 'replace'), true)
    case 'PATCH':
      return generic(patch(store, call, name, 'merge'), true)
    case 'DELETE':
      return generic(remove(store, call, name), true)
    default:
      return { how: 'refused' }
  }
}

/** Returns the resource that a call is about, and the verb that follows it, if any: `:pause`, `/setLabels`. */
function targetOf({ api, method, path }: ShapeCall): { name: string; verb?: string } {
  const whole = withoutVersion(path)
  const colon = /^(.*):([A-Za-z]+)$/.exec(whole)
  if (colon && /:[A-Za-z]+$/.test(method.path)) return { name: colon[1] ?? whole, verb: colon[2] ?? '' }
  const pattern = patternOf(method.path)
  const last = pattern.split('/').at(-1) ?? ''
  const rpc = method.id.split('.').at(-1) ?? ''
  const isPlain = last === '{}' || api.collections.has(pattern) || /^(list|insert|create|aggregatedList)$/.test(rpc)
  if (isPlain || (method.verb !== 'POST' && !/IamPolicy$|^iam$|TestIam|^get[A-Z]/.test(last))) return { name: whole }
  const parts = whole.split('/')
  return { name: parts.slice(0, -1).join('/'), verb: /^iam$/.test(last) ? `${rpc}` : last }
}

/** Returns whether a resource does not exist, of a kind that the API can create or list. */
function isMissing(store: ShapeStore, call: ShapeCall, name: string): boolean {
  const item = patternOf(call.method.path).replace(/[:/]\w+$/, '')
  return call.api.collections.has(item.replace(/\/\{\}$/, '')) && !store.resources.has(keyIn(store, call, name))
}

/** Returns the key of a resource, which Compute also accepts by its numeric id. */
function keyIn(store: ShapeStore, call: ShapeCall, name: string): string {
  const key = keyOf(call, name)
  const id = /\/(\d+)$/.exec(key)?.[1]
  if (id === undefined || store.resources.has(key)) return key
  const collection = key.slice(0, -id.length)
  for (const [each, { value }] of store.resources)
    if (value.id === id && each.startsWith(collection) && !each.slice(collection.length).includes('/')) return each
  return key
}

function get(store: ShapeStore, call: ShapeCall, name: string): Answer {
  const found = store.resources.get(keyIn(store, call, name))
  return found ? jsonAnswer(found.value) : notFound(call, name)
}

const isList = ({ api, method }: ShapeCall): boolean =>
  listField(api, method.response) !== undefined || api.collections.has(patternOf(method.path))

/** Returns the field of a list's response that has the items: its repeated message. */
function listField(api: IndexedApi, response: string): [string, string] | undefined {
  const fields = Object.entries(own(api.types, response) ?? {})
  const found = fields.filter(
    ([name, type]) =>
      type.startsWith('[]') && own(api.types, type.slice(2)) && !/^(warnings?|unreachables?)$/.test(name),
  )
  const [first] = found.length > 1 ? found.filter(([name]) => name === 'items').concat(found) : found
  return first
}

/** Returns whether a list's response has its items by scope (`zones/Z`), as Compute's lists over a whole project do. */
const isAggregated = ({ api, method }: ShapeCall): boolean =>
  own(own(api.types, method.response) ?? {}, 'items')?.startsWith('{}') ?? false

function aggregated(store: ShapeStore, call: ShapeCall, name: string): Answer {
  const { api, method } = call
  const [project = '', collection = ''] = name.split('/aggregated/')
  const items: Record<string, JsonObject> = {}
  const found = ['locations/-', 'global'].flatMap((scope) =>
    resourcesIn(store, call, `${project}/${scope}/${collection}`),
  )
  for (const value of found) {
    const scope = /\/((?:zones|regions)\/[^/]+)$/.exec(String(value.zone ?? value.region ?? ''))?.[1] ?? 'global'
    const list = items[scope]?.[collection]
    items[scope] = { [collection]: [...(Array.isArray(list) ? list : []), value] }
  }
  return jsonAnswer({ ...own(api.defaults, method.response), items })
}

/** Returns the resources of a collection; `-` in its name stands for any part. */
function resourcesIn(store: ShapeStore, call: ShapeCall, collection: string): JsonObject[] {
  const wanted = `${keyOf(call, collection)}/-`.split('/')
  const isIn = (key: string): boolean => {
    const parts = key.split('/')
    return parts.length === wanted.length && wanted.every((part, at) => part === '-' || part === parts[at])
  }
  return [...store.resources].filter(([key]) => isIn(key)).map(([, { value }]) => value)
}

function list(store: ShapeStore, call: ShapeCall, name: string): Answer {
  const { api, method, query } = call
  const field = listField(api, method.response)
  const items = resourcesIn(store, call, name)
  const size = Number(query.get('pageSize') ?? query.get('maxResults') ?? 0) || items.length
  const from = Number(query.get('pageToken') ?? 0) || 0
  const page = items.slice(from, from + size)
  const next = from + size < items.length ? { nextPageToken: String(from + size) } : {}
  const kind = own(api.defaults, method.response) ?? {}
  return jsonAnswer({
    ...kind,
    ...(field && page.length > 0 ? { [field[0]]: page } : {}),
    ...next,
  })
}

/** Returns a singleton, such as a project's settings: as last written, or with its name only. Refuses one that can't be written. */
function single(store: ShapeStore, call: ShapeCall, name: string, generic: (answer: Answer) => Shaped): Shaped {
  const { api, method } = call
  const found = store.resources.get(keyOf(call, name))
  if (found) return generic(jsonAnswer(found.value))
  const isWritten = api.methods.some(({ verb, path }) => /^(PUT|PATCH)$/.test(verb) && path === method.path)
  if (!isWritten) return { how: 'refused' }
  const fields = own(api.types, method.response) ?? {}
  return generic(jsonAnswer({ ...own(api.defaults, method.response), ...('name' in fields ? { name } : {}) }))
}

function create(store: ShapeStore, call: ShapeCall, collection: string): Answer {
  const made = madeOf(call, collection)
  if (made === undefined) return invalid(call, 'The resource has no name.')
  const key = keyOf(call, made.name)
  if (store.resources.has(key)) return conflict(call, made.name)
  store.resources.set(key, { type: made.type, value: made.value })
  for (const { name, type, value } of childrenOf(call, made)) store.resources.set(keyOf(call, name), { type, value })
  return changed(store, call, made, 'create')
}

/** Answers a change as the method does: with an operation, the resource or nothing. */
function changed(store: ShapeStore, call: ShapeCall, made: Made, kind: 'create' | 'update' | 'delete'): Answer {
  const { api, method } = call
  const { response } = method
  const fields = own(api.types, response) ?? {}
  if (isOperation(fields)) return operationOf(store, call, made, kind)
  if (Object.keys(fields).length === 0)
    return response.endsWith('Empty') ? jsonAnswer({}) : { status: 204, headers: {}, body: '' }
  return jsonAnswer(made.value)
}

function patch(store: ShapeStore, call: ShapeCall, name: string, how: 'merge' | 'replace'): Answer {
  const key = keyIn(store, call, name)
  const there = store.resources.get(key)
  if (!there) {
    const { api, method } = call
    const collection = patternOf(method.path).split('/').slice(0, -1).join('/')
    const upserts =
      method.verb === 'PUT' || /^true$/i.test(call.query.get('allowMissing') ?? '') || !api.collections.has(collection)
    if (!upserts) return notFound(call, name)
    const made = madeOf(call, name.split('/').slice(0, -1).join('/'), name.split('/').at(-1))
    if (made === undefined) return notFound(call, name)
    store.resources.set(key, { type: made.type, value: made.value })
    return changed(store, call, made, 'create')
  }
  there.value = touched(call, mergeInto(call, there.value, how))
  return changed(store, call, { name, type: there.type, value: there.value }, 'update')
}

function remove(store: ShapeStore, call: ShapeCall, name: string): Answer {
  const key = keyIn(store, call, name)
  const there = store.resources.get(key)
  if (!there) return notFound(call, name)
  const user = userOf(store, call, key, there)
  if (user !== undefined) return inUse(call, name, user)
  for (const each of [...store.resources.keys()])
    if (each === key || each.startsWith(`${key}/`)) {
      store.resources.delete(each)
      store.policies.delete(each)
    }
  return changed(store, call, { name, type: there.type, value: there.value }, 'delete')
}

/** Returns a resource that refers to this one, if the API refuses to delete what is in use. */
function userOf(store: ShapeStore, { api }: ShapeCall, key: string, { type }: Stored): string | undefined {
  if (!own(models, api.api)?.heldByUse?.includes(type)) return undefined
  const name = key.slice(api.api.length + 1)
  const names = (value: Json): boolean =>
    typeof value === 'string'
      ? canonical(value).endsWith(name)
      : typeof value === 'object' &&
        value !== null &&
        Object.values(value).some((each) => each !== undefined && names(each))
  for (const [each, { value }] of store.resources)
    if (
      each !== key &&
      each.startsWith(`${api.api}/`) &&
      names(Object.fromEntries(Object.entries(value).filter(([field]) => !/^(name|selfLink\w*)$/.test(field))))
    )
      return each.slice(api.api.length + 1)
  return undefined
}

const STATES: Record<string, string[]> = {
  pause: ['PAUSED', 'SUSPENDED'],
  resume: ['ENABLED', 'RUNNING', 'ACTIVE'],
  enable: ['ENABLED', 'ACTIVE'],
  disable: ['DISABLED', 'INACTIVE'],
  start: ['RUNNING', 'ACTIVE', 'STARTED'],
  stop: ['TERMINATED', 'STOPPED'],
  suspend: ['SUSPENDED'],
  destroy: ['DESTROY_SCHEDULED', 'DESTROYED'],
  restore: ['DISABLED', 'ACTIVE', 'ENABLED'],
  undelete: ['ACTIVE', 'ENABLED'],
  reset: [],
}

function act(
  store: ShapeStore,
  call: ShapeCall,
  name: string,
  verb: string,
  generic: (answer: Answer, changed?: boolean) => Shaped,
): Shaped {
  const there = store.resources.get(keyIn(store, call, name))
  const fields = there ? (own(call.api.types, there.type) ?? {}) : {}
  const candidates = own(STATES, verb)
  const setter = /^(set|update|modify)([A-Z]\w*)$/.exec(verb)
  if (candidates === undefined && !setter) return { how: 'refused' }
  if (!there) return generic(notFound(call, name))
  const value: JsonObject = { ...there.value }
  if (candidates) {
    const field = ['state', 'status'].find((each) => own(fields, each)?.startsWith('enum:'))
    const state = field && candidates.find((each) => fields[field]!.slice(5).split(',').includes(each))
    if (candidates.length > 0 && !state) return { how: 'refused' }
    if (field && state) value[field] = state
  } else {
    const known = Object.entries(call.body).filter(([field]) => own(fields, field) !== undefined)
    const named = setter![2]!.charAt(0).toLowerCase() + setter![2]!.slice(1)
    if (known.length === 0 && own(fields, named) === undefined) return { how: 'refused' }
    for (const [field, given] of known) value[field] = given as Json
    if (known.length === 0) value[named] = isJsonObject(call.body) ? call.body : null
  }
  there.value = touched(call, value)
  return generic(changed(store, call, { name, type: there.type, value: there.value }, 'update'), true)
}
