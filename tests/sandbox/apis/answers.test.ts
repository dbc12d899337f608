import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isJsonObject, type Json } from '../../../engine/base/json.ts'
import { own } from '../../../engine/base/own.ts'
import { findGcloud } from '../../../engine/gcloud/find.ts'
import type { ApiMethod, IndexedApi } from '../../../engine/sandbox/apis/description.ts'
import type { DescribeApi } from '../../../engine/sandbox/apis/load.ts'
import { describeFrom } from '../../../engine/sandbox/apis/sdk.ts'
import { isOfSimulated } from '../../../engine/sandbox/routing.ts'
import { scenarioWith, startBox } from '../proxy-client.ts'

const packageFolder = new URL('../../../', import.meta.url).pathname

let cache: string
let describeApi: DescribeApi

beforeAll(() => {
  cache = mkdtempSync(join(tmpdir(), 'apis-'))
  const installed = findGcloud(process.env.PATH)
  if (installed === undefined) throw new Error('There is no gcloud on PATH: its SDK is what describes the APIs.')
  describeApi = describeFrom(installed, { packageFolder, environment: { XDG_CACHE_HOME: cache } }).describe!
})
afterAll(() => rmSync(cache, { recursive: true, force: true }))

/** Returns where a value is not what its type in the SDK says: unknown fields, unknown enum values, other types. */
function unlike(api: IndexedApi, type: string, value: Json, at: string): string[] {
  if (value === null || type === 'any') return []
  if (type.startsWith('[]'))
    return Array.isArray(value)
      ? value.flatMap((each, i) => unlike(api, type.slice(2), each, `${at}[${i}]`))
      : [`${at}: no list`]
  if (type.startsWith('{}'))
    return isJsonObject(value)
      ? Object.entries(value).flatMap(([key, each]) => unlike(api, type.slice(2), each, `${at}.${key}`))
      : [`${at}: no map`]
  if (type.startsWith('enum:')) return type.slice(5).split(',').includes(String(value)) ? [] : [`${at}: ${value}`]
  const fields = own(api.types, type)
  if (fields === undefined) return typeof value === 'object' ? [`${at}: ${type} is an object`] : []
  if (!isJsonObject(value)) return [`${at}: no ${type}`]
  return Object.entries(value).flatMap(([name, each]) => {
    const itsType = own(fields, name)
    // The metadata and the response of an operation name their own types.
    if (itsType === undefined && name !== '@type') return [`${at}.${name}: unknown`]
    const isAny = (name === 'metadata' || name === 'response') && isJsonObject(each) && '@type' in each
    return isAny ? [] : unlike(api, itsType ?? 'any', each, `${at}.${name}`)
  })
}

const apis: [api: string, version: string][] = [
  ['compute', 'v1'],
  ['sqladmin', 'v1beta4'],
  ['container', 'v1'],
  ['pubsub', 'v1'],
  ['dns', 'v1'],
  ['cloudscheduler', 'v1'],
  ['cloudtasks', 'v2'],
  ['storage', 'v1'],
  ['cloudkms', 'v1'],
  ['redis', 'v1'],
  ['privilegedaccessmanager', 'v1'],
  ['artifactregistry', 'v1'],
  ['cloudfunctions', 'v2'],
  ['monitoring', 'v3'],
  ['logging', 'v2'],
  ['spanner', 'v1'],
  ['alloydb', 'v1'],
  ['run', 'v2'],
  ['iam', 'v1'],
  ['orgpolicy', 'v2'],
]

/** Returns the URL of a method in the project of the scenario. */
const urlOf = (api: string, { path, query, verb }: ApiMethod): string => {
  const filled = path.replaceAll(/\{([^}]+)\}/g, (_, name: string) => (/^projects?/.test(name) ? 'acme-prod' : 'x'))
  const id = verb === 'POST' ? Object.keys(query).find((name) => /Id$/.test(name) && name !== 'requestId') : undefined
  return `http://${api}.sandbox${filled}${id === undefined ? '' : `?${id}=x`}`
}

describe.each(apis)('%s %s', (name, version) => {
  test('every answer has the form that the SDK expects', { timeout: 120_000 }, async () => {
    const { ask } = await startBox(scenarioWith(), undefined, describeApi)
    const api = (await describeApi(name, version))!
    const asked = new Set<string>()
    const wrong: string[] = []
    // Creates first, then everything that reads, then changes and verbs, and last deletions.
    const rank = ({ verb, id }: ApiMethod) =>
      verb === 'DELETE' ? 3 : /\.(insert|create)$/.test(id) ? 0 : verb === 'GET' ? 1 : 2
    for (const method of api.methods.toSorted((a, b) => rank(a) - rank(b))) {
      if (isOfSimulated(name, method) || /^(PUT|PATCH)$/.test(method.verb) || !/projects|\/b\//.test(method.path))
        continue
      const named = own(own(api.types, method.body ?? '') ?? {}, 'name') === 'string'
      const body = method.body === undefined ? undefined : rank(method) === 0 && named ? { name: 'x' } : {}
      const { status, body: text } = await ask(method.verb, urlOf(name, method), body)
      if (status >= 300 || text === '') continue
      asked.add(method.id)
      wrong.push(...unlike(api, method.response, JSON.parse(text) as Json, method.id))
    }
    expect(wrong).toEqual([])
    expect(asked.size).toBeGreaterThan(2)
  })
})
