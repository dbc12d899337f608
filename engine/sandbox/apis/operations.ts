import type { JsonObject } from '../../base/json.ts'
import { own } from '../../base/own.ts'
import type { Fields } from '../api-methods.ts'
import { type Answer, jsonAnswer } from '../model/answer.ts'
import { notFound } from './errors.ts'
import { isoTime, linkTo, type Made, numericId } from './fields.ts'
import type { ShapeCall } from './shape-call.ts'
import { keyOf, type ShapeStore } from './store.ts'

type Kind = 'create' | 'update' | 'delete'

/** Returns whether a message is a long-running operation, by its fields. */
const isOperation = (fields: Fields): boolean =>
  ('done' in fields && 'response' in fields) || ('operationType' in fields && 'targetLink' in fields)

/** APIs that answer a change without a body. */
const NO_CONTENT = new Set(['bigquery', 'storage'])

/** Answers a change as the method does: with an operation, the resource or nothing. */
export function answerOfChange(store: ShapeStore, call: ShapeCall, made: Made, kind: Kind): Answer {
  const { response } = call.method
  const fields = own(call.api.types, response) ?? {}
  if (isOperation(fields)) return operationOf(store, call, made, kind)
  if (Object.keys(fields).length === 0)
    return NO_CONTENT.has(call.api.api) ? { status: 204, headers: {}, body: '' } : jsonAnswer({})
  if (response === made.type) return jsonAnswer(made.value)
  // Some responses hold the resource, or its operation, in a field.
  const parts = Object.entries(fields).flatMap(([field, type]): [string, JsonObject][] => {
    if (type === made.type) return [[field, made.value]]
    const started = isOperation(own(call.api.types, type) ?? {}) ? start(store, call, made, kind, type) : undefined
    return started ? [[field, started]] : []
  })
  return jsonAnswer({ ...own(call.api.defaults, response), ...Object.fromEntries(parts) })
}

/** Starts an operation for a change, in the form of the API's message. */
const operationOf = (store: ShapeStore, call: ShapeCall, made: Made, kind: Kind): Answer =>
  jsonAnswer(start(store, call, made, kind, call.method.response))

function start(store: ShapeStore, call: ShapeCall, made: Made, kind: Kind, type: string): JsonObject {
  const fields = own(call.api.types, type) ?? {}
  const { pending, done, name } = 'done' in fields ? longRunning(call, made, kind) : older(call, made, kind)
  store.operations.set(keyOf(call, name), done)
  return pending
}

/** Returns an operation, which is done when it is first read. */
export function operationAt(store: ShapeStore, call: ShapeCall, name: string): Answer {
  // The same operation can be read below its resource, too.
  const id = `/${name.split('/').at(-1)}`
  const other = () => [...store.operations].find(([key]) => key.startsWith(`${call.api.api}/`) && key.endsWith(id))?.[1]
  const done = store.operations.get(keyOf(call, name)) ?? other()
  return done ? jsonAnswer(done) : notFound(call, name)
}

const hex = ({ random }: ShapeCall, bytes: number): string => Buffer.from(random(bytes)).toString('hex')

/** Returns the prefix of an operation's name: the longest part of the resource's name that has operations, such as `projects/P/locations/L/`. */
function placeOf({ api }: ShapeCall, { name }: Made): string {
  const parts = name.split('/')
  for (let length = parts.length; length > 0; length -= 1) {
    const place = parts.slice(0, length).join('/')
    if (api.collectionAt(`${place}/operations`) !== undefined) return `${place}/`
  }
  return ''
}

/** Returns a google.longrunning.Operation. */
function longRunning(call: ShapeCall, made: Made, kind: Kind) {
  const { api, now } = call
  const place = placeOf(call, made)
  const name = `${place}operations/operation-${now}-${hex(call, 6)}-${hex(call, 4)}`
  const about = {
    '@type': `type.googleapis.com/google.cloud.${api.api}.${api.version}.OperationMetadata`,
    apiVersion: api.version,
    createTime: isoTime(now),
    requestedCancellation: false,
    target: made.name,
    verb: kind,
  }
  const response =
    kind === 'delete'
      ? { '@type': 'type.googleapis.com/google.protobuf.Empty' }
      : { '@type': `type.googleapis.com/google.cloud.${api.api}.${api.version}.${made.type}`, ...made.value }
  return {
    name,
    pending: { name, metadata: about, done: false } as JsonObject,
    done: { name, metadata: { ...about, endTime: isoTime(now) }, done: true, response } as JsonObject,
  }
}

/** Returns an operation in the form of Compute, Cloud SQL or GKE. */
function older(call: ShapeCall, made: Made, kind: Kind) {
  const { api, now, user } = call
  const isSql = api.api === 'sqladmin'
  const isContainer = api.api === 'container'
  const [, project = ''] = made.name.split('/')
  const scope = /^projects\/[^/]+\/((?:zones|regions|locations)\/[^/]+|global)\//.exec(made.name)?.[1]
  const id = isSql ? hex(call, 16) : `operation-${now}-${hex(call, 6)}-${hex(call, 4)}`
  const name = `projects/${project}/${isSql ? '' : `${scope ?? 'global'}/`}operations/${id}`
  const words: Record<Kind, string> = isSql
    ? { create: 'CREATE', update: 'UPDATE', delete: 'DELETE' }
    : { create: 'insert', update: 'update', delete: 'delete' }
  const rpc = call.method.id.split('.').at(-1) ?? ''
  const type = !isSql && !isContainer && kind === 'update' ? (rpc === 'update' ? 'update' : rpc) : words[kind]
  const common = {
    name: id,
    operationType: isContainer ? gkeType(made, kind) : type,
    selfLink: linkTo(call, name),
    targetLink: linkTo(call, made.name),
  }
  if (isContainer) {
    const zone = scope?.split('/')[1] ?? ''
    const begun = { ...common, startTime: isoTime(now), zone }
    return {
      name,
      pending: { ...begun, status: 'RUNNING' } as JsonObject,
      done: { ...begun, endTime: isoTime(now), status: 'DONE' } as JsonObject,
    }
  }
  if (isSql) {
    const begun = {
      ...common,
      kind: 'sql#operation',
      insertTime: isoTime(now),
      targetId: made.name.split('/')[3] ?? '',
      targetProject: project,
      user,
    }
    return {
      name,
      pending: { ...begun, status: 'PENDING' } as JsonObject,
      done: { ...begun, startTime: isoTime(now), endTime: isoTime(now), status: 'DONE' } as JsonObject,
    }
  }
  const [placeKind, place] = scope?.split('/') ?? []
  const begun = {
    ...common,
    id: numericId(call),
    kind: `${api.api}#operation`,
    insertTime: isoTime(now),
    startTime: isoTime(now),
    targetId: typeof made.value.id === 'string' ? made.value.id : numericId(call),
    user,
    ...(place ? { [placeKind!.slice(0, -1)]: linkTo(call, `projects/${project}/${scope}`) } : {}),
  }
  return {
    name,
    pending: { ...begun, progress: 0, status: 'RUNNING' } as JsonObject,
    done: { ...begun, progress: 100, endTime: isoTime(now), status: 'DONE' } as JsonObject,
  }
}

const gkeType = ({ type }: Made, kind: Kind): string => {
  const noun = type.replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => `_${letter}`).toUpperCase()
  return `${kind.toUpperCase()}_${noun}`
}
