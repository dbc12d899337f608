import { own } from '../base/own.ts'
import table from './api-methods.json' with { type: 'json' }

/** The fields of a query or a message, each with its type: `string`, `bool`, `bytes`, `number`, `int32`, `int64`, `any`, `enum:A,B`, a message's name, `[]` before what is repeated and `{}` before the values of a map. */
export type Fields = Record<string, string>

/** What a request of a method may say; a method without `body` takes none. `bodyField` is what errors call the body. */
export type RequestShape = { query: Fields; body?: string; bodyField?: string }

const methods: Record<string, Record<string, string>> = table.methods
const requests: Record<string, RequestShape> = table.requests
const types: Record<string, Fields> = table.types

/** Whether an API is one of those that clients are pointed at the sandbox for. */
export const isKnownApi = (service: string): boolean => own(methods, service) !== undefined

/** The id of the API method at a verb and path, by the SDK's own clients: `run.projects.locations.workerPools.list`. */
export function methodIdAt(service: string, verb: string, path: string): string | undefined {
  const found = Object.entries(own(methods, service) ?? {}).filter(([asked]) => {
    const [itsVerb, pattern] = asked.split(' ') as [string, string]
    return itsVerb === verb && expressionOf(pattern).test(path)
  })
  return found.sort(([a], [b]) => parameters(a) - parameters(b))[0]?.[1]
}

const parameters = (pattern: string): number => pattern.split('{').length

/** A pattern as an expression; a parameter that is named after the version stands for several parts of a path. */
const expressionOf = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern
      .replaceAll('.', '\\.')
      .replaceAll(/\{v[0-9]\w*\}/g, '[^:]+')
      .replaceAll(/\{\w+\}/g, '[^/:]+')}$`,
  )

/** What a request of a method that is simulated may say. */
export const requestShape = (methodId: string): RequestShape | undefined => own(requests, methodId)

/** The fields of a message. */
export const fieldsOf = (type: string): Fields | undefined => own(types, type)
