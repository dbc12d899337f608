import type { JsonObject } from '../../base/json.ts'
import type { Fields } from '../api-methods.ts'

/** A method of an API as the Cloud SDK's client defines it; `path` is flat: every `{name}` is one segment. */
export type ApiMethod = {
  id: string
  verb: string
  path: string
  /** The fields of the request message that the path gives: `parent`. */
  pathFields: string[]
  query: Fields
  body?: string
  /** The name of the body in Google's error messages, if it has one. */
  bodyField?: string
  response: string
  /** Whether a resource's `name` is its full path (`projects/P/topics/T`) instead of the last part. */
  fullNames: boolean
}

/** An API as the installed Cloud SDK knows it. Messages are by name, each field with its type as in `Fields`. */
export type ApiDescription = {
  api: string
  version: string
  /** All versions of the API that the SDK has. */
  versions: string[]
  methods: ApiMethod[]
  types: Record<string, Fields>
  /** The documented properties of fields. */
  marks: Record<string, Partial<Record<'output' | 'required' | 'immutable', string[]>>>
  /** Default values of fields, such as `kind`. */
  defaults: Record<string, JsonObject>
}

/** A collection's item type, the path parameter that names an item, and whether an item's `name` is its full path. */
export type Collection = { type: string; param: string; fullNames: boolean }

/** A description with indexes for lookups. */
export type IndexedApi = ApiDescription & {
  /** The method at a verb and path, with the values of the path's parameters. */
  methodAt(verb: string, path: string): { method: ApiMethod; params: Record<string, string> } | undefined
  /** Collections by path pattern (`projects/{}/topics`). */
  collections: ReadonlyMap<string, Collection>
  /** The pattern of the collection at a name (`projects/p/topics`), if the API has one. */
  collectionAt(name: string): string | undefined
}

/** Indexes a description by the paths of its methods. */
export function indexApi(description: ApiDescription): IndexedApi {
  const compiled = description.methods
    .map((method) => ({ method, pattern: expressionOf(method.path), params: method.path.split('{').length }))
    .sort((a, b) => a.params - b.params)
  const collections = new Map<string, Collection>()
  for (const { verb, path, response, fullNames } of description.methods) {
    const parts = patternOf(path).split('/')
    const param = /\{([^{}]+)\}$/.exec(path)?.[1]
    if (verb === 'GET' && param !== undefined && parts.length > 1)
      collections.set(parts.slice(0, -1).join('/'), { type: response, param: param.replace(/^\+/, ''), fullNames })
  }
  return {
    ...description,
    collections,
    collectionAt(name) {
      const parts = name.split('/').map((part, at) => (at % 2 === 1 ? '{}' : part))
      const pattern = parts.join('/')
      // Some paths have `global` where others have a location.
      const global = name.split('/').map((part, at) => (at % 2 === 1 && part !== 'global' ? '{}' : part))
      return [pattern, global.join('/')].find((each) => collections.has(each))
    },
    methodAt(verb, path) {
      for (const { method, pattern } of compiled) {
        if (method.verb !== verb) continue
        const match = pattern.exec(path)
        if (match) return { method, params: match.groups ?? {} }
      }
      return undefined
    },
  }
}

/** Returns a method's path without its service path and version, and with its parameters unnamed: `projects/{}/topics`. */
export const patternOf = (path: string): string => withoutVersion(path).replaceAll(/\{[^{}]+\}/g, '{}')

/** Returns a path from behind its version on, so that all versions of an API share one state. */
export function withoutVersion(path: string): string {
  const parts = path.replace(/^\//, '').split('/')
  const at = parts.findIndex((part) => /^(v\d+\w*|alpha|beta)$/.test(part))
  return parts.slice(at >= 0 && at < 4 ? at + 1 : 0).join('/')
}

function expressionOf(path: string): RegExp {
  let n = 0
  const source = path
    .replaceAll(/[.*+?^$()|[\]\\]/g, '\\$&')
    .replaceAll(/\{\\?\+?([^{}]+)\}/g, (_, name: string) => `(?<p${n++}_${name.replaceAll(/\W/g, '_')}>[^/:]+)`)
  return new RegExp(`^${source}$`)
}
