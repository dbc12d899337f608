import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts'
import { own } from '../../base/own.ts'
import { type Answer, jsonAnswer } from '../model/answer.ts'
import { type ApiMethod, type IndexedApi, patternOf, withoutVersion } from './description.ts'
import { conflict, inUse, invalid, notFound, stale } from './errors.ts'
import { childrenOf, filled, heldIn, isStale, type Made, madeOf, mergeInto, touched } from './fields.ts'
import { models } from './models/all.ts'
import { answerOfChange, operationAt } from './operations.ts'
import { policyAt, setPolicy, testPermissions } from './policies.ts'
import type { ShapeCall } from './shape-call.ts'
import { canonical, keyById, keyIn, keyOf, type ShapeStore, type Stored } from './store.ts'
import { act } from './verbs.ts'

/** The result of a call: an answer by the API's model or by a shape that all APIs share, or a refusal because the effect of the call is unknown. */
export type Shaped = { how: 'modelled' | 'generic'; answer: Answer; changed: boolean } | { how: 'refused' }

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
  if (/(^|\/)operations\/[^/]+$/.test(name) || (method.verb === 'GET' && store.operations.has(keyOf(call, name)))) {
    if (method.verb === 'GET' || /^wait/.test(asked)) return generic(operationAt(store, call, name))
    if (method.verb === 'DELETE' || asked === 'cancel') return generic(jsonAnswer({}))
  }
  if (/IamPolicy$/.test(asked) && isMissing(store, call, name)) return generic(notFound(call, name))
  if (/[gG]etIamPolicy$/.test(asked)) return generic(policyAt(store, call, name))
  if (/[sS]etIamPolicy$/.test(asked)) return generic(setPolicy(store, call, name), true)
  if (/[tT]estIamPermissions$/.test(asked)) return generic(testPermissions(call))
  if (verb !== undefined) {
    const acted = act(store, call, name, verb)
    return acted ? { how: acted.modelled ? 'modelled' : 'generic', ...acted } : { how: 'refused' }
  }
  const isItem = /\}$/.test(method.path)
  switch (method.verb) {
    case 'GET':
      if (isItem) return generic(get(store, call, name))
      if (isAggregated(call)) return generic(aggregated(store, call, name))
      if (isList(call)) return generic(list(store, call, name))
      return single(store, call, name, generic)
    case 'POST':
      // Such as `…/rewriteTo/b/B/o/O`.
      if (isItem && !call.api.collections.has(parentPattern(method))) return { how: 'refused' }
      return generic(isItem ? patch(store, call, name, 'merge') : create(store, call, name), true)
    case 'PUT':
      return generic(patch(store, call, itemAt(call, name), 'replace'), true)
    case 'PATCH':
      return generic(patch(store, call, itemAt(call, name), 'merge'), true)
    case 'DELETE':
      return generic(remove(store, call, itemAt(call, name)), true)
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

const parentPattern = ({ path }: ApiMethod): string => patternOf(path).split('/').slice(0, -1).join('/')

/** Returns the item that a method is about: some methods name it in the query rather than in the path, or in the body. */
function itemAt({ api, method, query, body }: ShapeCall, name: string): string {
  const collection = api.collections.get(patternOf(method.path))
  if (!collection) return name
  const given = query.get(collection.param) ?? query.get('name') ?? body.name
  return typeof given === 'string' && given !== '' ? `${name}/${given}` : name
}

/** Returns whether a resource does not exist, of a kind that the API can create or list. */
function isMissing(store: ShapeStore, call: ShapeCall, name: string): boolean {
  const simulated = call.simulates?.(name)
  if (simulated !== undefined) return !simulated
  const item = patternOf(call.method.path).replace(/[:/]\w+$/, '')
  return call.api.collections.has(item.replace(/\/\{\}$/, '')) && !store.resources.has(keyIn(store, call, name))
}

function get(store: ShapeStore, call: ShapeCall, name: string): Answer {
  const found = store.resources.get(keyIn(store, call, name)) ?? standing(store, call, name)
  return found ? jsonAnswer(whole(store, call, name, found)) : notFound(call, name)
}

/** Returns a resource with the resources that it holds as they are now. */
function whole(store: ShapeStore, call: ShapeCall, name: string, { type, value }: Stored): JsonObject {
  const held = heldIn(call.api, name, type).flatMap(([field]) => {
    const items = resourcesIn(store, call, `${name}/${field}`)
    return items.length > 0 ? [[field, items]] : []
  })
  return { ...value, ...Object.fromEntries(held) }
}

/** Returns a resource that is there without having been created, as zones and public images are; it stays as it is first read. */
function standing(store: ShapeStore, call: ShapeCall, name: string): Stored | undefined {
  const { api, method } = call
  const type = method.response
  const known = own(own(models, api.api)?.standing ?? {}, type)
  if (!known?.name.test(name)) return undefined
  const made = { type, value: filled(call, name, name.split('/').at(-1) ?? '', type, known.value) }
  store.resources.set(keyOf(call, name), made)
  return made
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
  const { collections } = call.api
  const pattern = call.api.collectionAt(collection)
  // A record set is named by its name and its type.
  const isTwofold = pattern === undefined && collections.has(`${patternOf(call.method.path)}/{}`)
  const wanted = `${keyOf(call, collection)}/-${isTwofold ? '/-' : ''}`.split('/')
  const isIn = (key: string): boolean => {
    const parts = key.split('/')
    return parts.length === wanted.length && wanted.every((part, at) => part === '-' || part === parts[at])
  }
  return [...store.resources].filter(([key]) => isIn(key)).map(([, { value }]) => value)
}

function list(store: ShapeStore, call: ShapeCall, name: string): Answer {
  const { api, method, query } = call
  const field = listField(api, method.response)
  const items = resourcesIn(store, call, name).filter((item) => fits(call, item, field?.[1] ?? ''))
  const size = Number(query.get('pageSize') ?? query.get('maxResults') ?? 0) || items.length
  const from = Number(query.get('pageToken') ?? 0) || 0
  const page = items.slice(from, from + size)
  const next = from + size < items.length ? { nextPageToken: String(from + size) } : {}
  const kind = own(api.defaults, method.response) ?? {}
  return jsonAnswer({
    ...kind,
    ...(own(own(api.types, method.response) ?? {}, 'metadata') === 'ListMeta' ? { metadata: {} } : {}),
    ...(field && page.length > 0 ? { [field[0]]: page } : {}),
    ...next,
  })
}

/** Returns whether an item has the values that a list's parameters ask for (`?name=…&type=…`). */
const fits = ({ api, query }: ShapeCall, item: JsonObject, type: string): boolean => {
  const fields = own(api.types, type.slice('[]'.length)) ?? {}
  return [...query].every(
    ([name, value]) => own(fields, name) !== 'string' || item[name] === undefined || String(item[name]) === value,
  )
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
  const { api } = call
  const { counted = [], carries = {} } = own(models, api.api) ?? {}
  const type = api.collections.get(patternOf(call.method.path))?.type ?? ''
  const count = () => String(resourcesIn(store, call, collection).length + 1)
  const made = madeOf(call, collection, counted.includes(type) ? { id: count() } : {})
  if (made === undefined) return invalid(call, 'The resource has no name.')
  const key = keyOf(call, made.name)
  if (store.resources.has(key)) return conflict(call, made.name)
  const carried = own(carries, made.type)
  if (carried) {
    const beside = `${collection.split('/').slice(0, -1).join('/')}/${carried.collection}`
    const nameOf = (item: JsonObject): string => [beside, ...carried.key.map((each) => item[each])].join('/')
    const itemsIn = (field: string) => (Array.isArray(made.value[field]) ? made.value[field] : []).filter(isJsonObject)
    const absent = itemsIn(carried.removed).find((item) => !store.resources.has(keyOf(call, nameOf(item))))
    if (absent) return notFound(call, nameOf(absent))
    for (const item of itemsIn(carried.removed)) store.resources.delete(keyOf(call, nameOf(item)))
    const there = itemsIn(carried.added).find((item) => store.resources.has(keyOf(call, nameOf(item))))
    if (there) return conflict(call, nameOf(there))
    for (const item of itemsIn(carried.added))
      store.resources.set(keyOf(call, nameOf(item)), { type: carried.type, value: item })
  }
  put(store, call, made)
  return answerOfChange(store, call, made, 'create')
}

/** Puts a new resource into the store, with those that it brings along and what it adds to others. */
export function put(store: ShapeStore, call: ShapeCall, made: Made): void {
  const held = heldIn(call.api, made.name, made.type).map(([field]) => field)
  const value = Object.fromEntries(Object.entries(made.value).filter(([field]) => !held.includes(field)))
  store.resources.set(keyOf(call, made.name), { type: made.type, value })
  for (const child of childrenOf(call, made))
    store.resources.set(keyOf(call, child.name), { type: child.type, value: child.value })
  addToOthers(store, call, made)
}

/** Adds what the API's model says to another resource. */
function addToOthers(store: ShapeStore, call: ShapeCall, made: Made): void {
  const adds = own(own(models, call.api.api)?.adds ?? {}, made.type)
  const target = adds && made.value[adds.to]
  if (typeof target !== 'string') return
  const path = target
    .replace(/^https?:\/\/[^/]+\/\w+\/[^/]+\//, '')
    .replace(/^projects\/(\d+)\//, (all, given: string) => {
      const id = call.projects.find(({ number }) => number === given)?.id
      return id === undefined ? all : `projects/${id}/`
    })
  const other = store.resources.get(keyById(store, `${adds!.api}/${canonical(path)}`))
  if (!other) return
  const items = other.value[adds!.list]
  const rest = (Array.isArray(items) ? (items as JsonObject[]) : []).filter(({ name }) => name !== adds!.item.name)
  other.value = { ...other.value, [adds!.list]: [...rest, adds!.item] }
}

function patch(store: ShapeStore, call: ShapeCall, name: string, how: 'merge' | 'replace'): Answer {
  const key = keyIn(store, call, name)
  const there = store.resources.get(key)
  if (!there) {
    const { api, method } = call
    const collection = parentPattern(method)
    const upserts =
      method.verb === 'PUT' || /^true$/i.test(call.query.get('allowMissing') ?? '') || !api.collections.has(collection)
    if (!upserts) return notFound(call, name)
    const made = madeOf(call, name.split('/').slice(0, -1).join('/'), { id: name.split('/').at(-1) ?? '' })
    if (made === undefined) return notFound(call, name)
    put(store, call, made)
    return answerOfChange(store, call, made, 'create')
  }
  if (isStale(call, there.value)) return stale(call, name)
  there.value = touched(call, mergeInto(call, there.value, how))
  addToOthers(store, call, { name, ...there })
  return answerOfChange(store, call, { name, type: there.type, value: there.value }, 'update')
}

function remove(store: ShapeStore, call: ShapeCall, name: string): Answer {
  const key = keyIn(store, call, name)
  const there = store.resources.get(key)
  if (!there) return notFound(call, name)
  const user = userOf(store, call, key, there)
  if (user !== undefined) return inUse(call, name, user)
  const stays = own(own(models, call.api.api)?.stayDeleted ?? {}, there.type)
  if (stays) {
    there.value = touched(call, { ...there.value, ...stays })
    return answerOfChange(store, call, { name, type: there.type, value: there.value }, 'delete')
  }
  for (const each of [...store.resources.keys()])
    if (each === key || each.startsWith(`${key}/`)) {
      store.resources.delete(each)
      store.policies.delete(each)
    }
  return answerOfChange(store, call, { name, type: there.type, value: there.value }, 'delete')
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
