import { own } from '../base/own.ts'
import table from './api-methods.json' with { type: 'json' }

/** Maps each field of a query or message to its type: `string`, `bool`, `bytes`, `number`, `int32`, `int64`, `any`, `enum:A,B` or a message's name; `[]` marks a list and `{}` a map's values. */
export type Fields = Record<string, string>

/** Describes what a request to a method may contain; a method without `body` takes none. Errors call the body `bodyField`; the path already gives `pathFields`. */
export type RequestShape = { query: Fields; body?: string; bodyField?: string; pathFields?: string[] }

const methods: Record<string, Record<string, string>> = table.methods
const requests: Record<string, RequestShape> = table.requests
const types: Record<string, Fields> = table.types

/** The APIs whose methods the sandbox knows, simulated or not; gcloud's endpoints for them are set to the sandbox. */
export const knownApis = Object.keys(methods)

/** Returns the id that the SDK's own clients give the method at a verb and path, such as `run.projects.locations.workerPools.list`. */
export function methodIdAt(service: string, verb: string, path: string): string | undefined {
  const found = Object.entries(own(methods, service) ?? {}).filter(([asked]) => {
    const [itsVerb, pattern] = asked.split(' ') as [string, string]
    return itsVerb === verb && expressionOf(pattern).test(path)
  })
  return found.sort(([a], [b]) => parameters(a) - parameters(b))[0]?.[1]
}

const parameters = (pattern: string): number => pattern.split('{').length

/** Compiles a path pattern; a parameter named after the version matches several path segments. */
const expressionOf = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern
      .replaceAll('.', '\\.')
      .replaceAll(/\{v[0-9]\w*\}/g, '[^:]+')
      .replaceAll(/\{\w+\}/g, '[^/:]+')}$`,
  )

/** Returns what a request to a simulated method may contain. */
export const requestShape = (methodId: string): RequestShape | undefined => own(requests, methodId)

/** Returns the fields of a message. */
export const fieldsOf = (type: string): Fields | undefined => own(types, type)
