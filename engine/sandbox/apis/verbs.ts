import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts'
import { own } from '../../base/own.ts'
import type { Fields } from '../api-methods.ts'
import { type Answer, jsonAnswer } from '../model/answer.ts'
import { patternOf } from './description.ts'
import { invalid, notFound, stale } from './errors.ts'
import { deep, filled, isStale, linkTo, madeOf, renewed, touched } from './fields.ts'
import { models } from './models/all.ts'
import type { Effect, Source } from './models/model.ts'
import { answerOfChange } from './operations.ts'
import type { ShapeCall } from './shape-call.ts'
import { keyIn, keyOf, type ShapeStore } from './store.ts'

/** The result of a verb. */
export type Acted = { answer: Answer; changed: boolean; modelled: boolean }

/** Applies a verb such as `:pause`, `/setLabels` or `/addRule` to a resource; returns undefined if nothing says what it does. */
export function act(store: ShapeStore, call: ShapeCall, name: string, verb: string): Acted | undefined {
  const type = typeAt(call)
  const rpc = call.method.id.split('.').at(-1) ?? ''
  const verbs = own(models, call.api.api)?.verbs ?? {}
  const modelled = own(verbs, `${shortType(type)}.${rpc}`)
  const effect = modelled ?? conventional(call, type, verb)
  if (effect === undefined) return undefined
  const done = (answer: Answer, changed = false): Acted => ({
    answer,
    changed: changed && answer.status < 400,
    modelled: modelled !== undefined,
  })
  if (effect.kind === 'create') return done(created(store, call, name, type, effect), true)
  const there = store.resources.get(keyIn(store, call, name))
  if (!there) return done(notFound(call, name))
  if (effect.kind === 'answer') return done(jsonAnswer(effect.value))
  if (effect.kind === 'get') {
    const found = itemsOf(there.value, effect.list).find((item) => isAt(item, effect.key, keyFor(call, effect)))
    return done(found ? jsonAnswer(found) : noItem(call, name, effect))
  }
  if (isStale(call, markedPart(there.value, effect))) return done(stale(call, name))
  if (effect.kind === 'refer') {
    const id = sourced(call, effect.id, 'string')
    const target = store.resources.get(keyOf(call, `${name}/${effect.collection}/${typeof id === 'string' ? id : ''}`))
    if (!target) return done(notFound(call, `${name}/${effect.collection}/${typeof id === 'string' ? id : ''}`))
    there.value = touched(call, { ...there.value, [effect.field]: target.value })
    return done(answerOfChange(store, call, { name, type: there.type, value: there.value }, 'update'), true)
  }
  const value = effectOn(call, there.value, own(call.api.types, there.type) ?? {}, effect)
  if (value === undefined) return done(noItem(call, name, effect))
  there.value = touched(call, value)
  return done(answerOfChange(store, call, { name, type: there.type, value: there.value }, 'update'), true)
}

/** Returns a message type without the prefix that some APIs give all of theirs: `GoogleCloudAiplatformV1beta1`. */
const shortType = (type: string): string => type.replace(/^Google\w*?V\d+(?:(?:alpha|beta)\d+)?(?=[A-Z])/, '')

/** Returns the message type of the resource that a method's verb follows. */
function typeAt({ api, method }: ShapeCall): string {
  const item = patternOf(method.path).replace(/[:/][A-Za-z]+$/, '')
  const found = api.collections.get(item) ?? api.collections.get(item.replace(/\/\{\}$/, ''))
  // Compute leaves `global` out of some paths.
  return (
    (found ?? api.collections.get(item.replace(/^projects\/\{\}\/(\w+)\/\{\}$/, 'projects/{}/global/$1')))?.type ?? ''
  )
}

/** The states that a verb leads to; the first one that a resource can be in is meant. */
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
}

/** Returns what a verb means by its name: a state, a field that is set, or an item of a list. */
function conventional(call: ShapeCall, type: string, verb: string): Effect | undefined {
  const { api, method, body } = call
  const fields = own(api.types, type) ?? {}
  if (verb === 'reset') return { kind: 'nothing' }
  const states = own(STATES, verb)
  if (states) {
    const field = ['state', 'status'].find((each) => own(fields, each)?.startsWith('enum:'))
    const state = field && states.find((each) => fields[field]!.slice('enum:'.length).split(',').includes(each))
    return field && state ? { kind: 'set', fields: { [field]: `=${state}` } } : undefined
  }
  const [, how = '', noun = ''] = /^(set|update|modify|add|remove|patch|get)([A-Z]\w*)$/.exec(verb) ?? []
  const named = noun.charAt(0).toLowerCase() + noun.slice(1)
  const list = [named, `${named}s`, `${named.replace(/y$/, 'ie')}s`, named.replace(/^.*(?=[A-Z])/, '').toLowerCase()]
    .concat(Object.keys(fields).filter((each) => named !== '' && each.toLowerCase().endsWith(`${noun.toLowerCase()}s`)))
    .find((each) => own(fields, each)?.startsWith('[]'))
  const isSetter = /^(set|update|modify)$/.test(how)
  if (list !== undefined && how !== '' && !(isSetter && (how === 'set' || list === named))) {
    const item = own(api.types, fields[list]!.slice('[]'.length)) ?? {}
    const key = ['priority', 'name', 'deviceName', 'id'].find((each) => each in item) ?? ''
    const kind = how === 'add' ? 'add' : how === 'remove' ? 'remove' : how === 'get' ? 'get' : 'change'
    return { kind, list, key }
  }
  if (!isSetter) return undefined
  if (own(fields, named) !== undefined && own(fields, named) === method.body)
    return { kind: 'set', fields: { [named]: 'body' } }
  const known = Object.keys(body).filter((field) => own(fields, field) !== undefined)
  if (known.length > 0) return { kind: 'set', fields: Object.fromEntries(known.map((each) => [each, `body.${each}`])) }
  return own(fields, named) === undefined ? undefined : { kind: 'set', fields: { [named]: 'body' } }
}

/** Returns the part of a resource that a call's fingerprint belongs to: the message that it sets, or the whole. */
function markedPart(value: JsonObject, effect: Effect): JsonObject {
  if (effect.kind !== 'set') return value
  const [field] = Object.entries(effect.fields).find(([, source]) => source === 'body') ?? []
  if (field === undefined) return value
  const part = value[field]
  return isJsonObject(part ?? null) ? (part as JsonObject) : {}
}

/** Returns a resource's value after an effect; undefined if it has no such item, or one at the same key already. */
function effectOn(call: ShapeCall, there: JsonObject, fields: Fields, effect: Effect): JsonObject | undefined {
  const value = { ...there }
  switch (effect.kind) {
    case 'nothing':
      return value
    case 'set':
      for (const [field, source] of Object.entries(effect.fields)) {
        const given = sourced(call, source, own(fields, field) ?? 'any')
        if (given === undefined) delete value[field]
        else value[field] = renewed(call, own(fields, field) ?? '', given)
      }
      return value
    case 'add':
    case 'change':
    case 'remove': {
      const items = itemsOf(there, effect.list)
      if ((fields[effect.list] ?? '').slice('[]'.length) === 'string') {
        const given = textsIn(call.body)
        const rest = items.filter((each) => !given.includes(each as unknown as string))
        value[effect.list] = effect.kind === 'remove' ? rest : [...rest, ...given]
        return value
      }
      const key = keyFor(call, effect)
      const at = items.findIndex((item) => isAt(item, effect.key, key))
      if (effect.kind === 'add' ? at >= 0 && key !== undefined : at < 0) return undefined
      const given = { ...itemIn(call, fields[effect.list]!.slice('[]'.length)) }
      if (effect.kind === 'add' && effect.named && key === undefined)
        given[effect.key] = `${effect.named}${items.length}`
      const rest = items.filter((_, each) => each !== at)
      const changed =
        effect.kind === 'add' ? [...items, given] : items.map((each, n) => (n === at ? deep(each, given) : each))
      value[effect.list] = effect.kind === 'remove' ? rest : ordered(changed, effect.key)
      return value
    }
    case 'answer':
    case 'get':
    case 'refer':
    case 'create':
      return value
  }
}

type ItemEffect = Extract<Effect, { list: string }>

const itemsOf = (value: JsonObject, list: string): JsonObject[] =>
  Array.isArray(value[list]) ? (value[list] as JsonObject[]) : []

const isAt = (item: JsonObject, key: string, at: string | undefined): boolean =>
  at !== undefined && String(item[key] ?? '') === at

const ordered = (items: JsonObject[], key: string): JsonObject[] =>
  key === 'priority' ? items.toSorted((a, b) => Number(a.priority) - Number(b.priority)) : items

/** Returns the key of the item that a call is about, from the query or the body. */
function keyFor(call: ShapeCall, { key }: ItemEffect): string | undefined {
  const inner = Object.values(call.body).find((each) => isJsonObject(each ?? null) && key in (each as JsonObject))
  const given = call.query.get(key) ?? call.body[key] ?? (inner as JsonObject | undefined)?.[key]
  return given === undefined || given === null ? undefined : String(given)
}

/** Returns the item in a body: the body itself, the field that holds it, or the fields of it that the body has. */
function itemIn({ api, method, body }: ShapeCall, type: string): JsonObject {
  if (method.body === type) return body
  const holder = Object.entries(own(api.types, method.body ?? '') ?? {}).find(([, each]) => each === type)?.[0]
  const held = holder === undefined ? undefined : body[holder]
  if (isJsonObject(held ?? null)) return held as JsonObject
  const fields = own(api.types, type) ?? {}
  return Object.fromEntries(Object.entries(body).filter(([name]) => own(fields, name) !== undefined))
}

/** Returns all texts in a body: the values that a list of texts gains or loses. */
const textsIn = (value: Json | undefined): string[] =>
  typeof value === 'string'
    ? [value]
    : typeof value === 'object' && value !== null
      ? Object.values(value).flatMap((each) => textsIn(each))
      : []

const noItem = (call: ShapeCall, name: string, effect: Effect): Answer => {
  const { key = '', list = '', kind } = effect as Partial<ItemEffect>
  const at = key && keyFor(call, effect as ItemEffect)
  return invalid(
    call,
    `'${name}' ${kind === 'add' ? 'already has' : 'has no'} ${list} at ${key} ${at ?? '(none given)'}.`,
  )
}

/** Returns a value from where an effect says, as its field's type; undefined if the request doesn't have it. */
function sourced({ body, query }: ShapeCall, source: Source, type: string): Json | undefined {
  if (source === 'body') return body
  const [from = '', ...path] = source.split('.')
  if (from === 'body')
    return path.reduce<Json | undefined>(
      (value, key) => (isJsonObject(value ?? null) ? (value as JsonObject)[key] : undefined),
      body,
    )
  const text = source.startsWith('=') ? source.slice(1) : query.get(path.join('.'))
  if (text === null) return undefined
  return type === 'bool' ? /^true$/i.test(text) : type === 'int32' ? Number(text) : text
}

function created(
  store: ShapeStore,
  call: ShapeCall,
  name: string,
  type: string,
  effect: Extract<Effect, { kind: 'create' }>,
): Answer {
  const given = effect.id && sourced(call, effect.id, 'string')
  const place = name.split('/').slice(0, 2).join('/')
  const source = effect.copies || effect.link ? store.resources.get(keyIn(store, call, name)) : undefined
  if ((effect.copies || effect.link) && !source) return notFound(call, name)
  const collection = effect.in ? `${place}/${effect.in}` : effect.copies ? name.split('/').slice(0, -1).join('/') : name
  const id = typeof given === 'string' ? given : undefined
  const made = madeOf(call, collection, { ...(id !== undefined && { id }), type: effect.type ?? type })
  if (made === undefined) return invalid(call, 'The resource has no name.')
  const key = keyOf(call, made.name)
  if (store.resources.has(key)) return invalid(call, `'${made.name}' already exists.`)
  const copied =
    source && effect.copies
      ? filled(call, made.name, made.name.split('/').at(-1) ?? '', made.type, source.value)
      : made.value
  const value = effect.link ? { ...copied, [effect.link]: linkTo(call, name) } : copied
  store.resources.set(key, { type: made.type, value })
  return answerOfChange(store, call, { ...made, value }, 'create')
}
