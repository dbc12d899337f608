import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, test } from 'vitest'
import { isJsonObject, type Json, type JsonObject } from '../../engine/base/json.ts'
import { withReferences } from '../../engine/runbook/schema/schema.ts'
import { root } from '../incident/cli.ts'

const FILES = ['runbook', 'inventory', 'scenario']

const schemaOf = (name: string): JsonObject => JSON.parse(readFileSync(`${root}schemas/${name}.schema.json`, 'utf8'))

/** Returns the schema of every key by JSON pointer. */
function keysOf(schema: Json, pointer = ''): { pointer: string; schema: JsonObject }[] {
  if (Array.isArray(schema)) return schema.flatMap((item, index) => keysOf(item, `${pointer}/${index}`))
  if (!isJsonObject(schema)) return []
  return Object.entries(schema).flatMap(([key, value]) => {
    const at = `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`
    if (DATA.has(key)) return []
    const own = key === 'properties' && isJsonObject(value) ? Object.entries(value) : []
    const described = own.flatMap(([name, each]) =>
      isJsonObject(each) ? [{ pointer: `${at}/${name}`, schema: each }] : [],
    )
    return [...described, ...keysOf(value, at)]
  })
}

const DATA = new Set(['default', 'const', 'enum', 'examples', 'required', 'dependentRequired'])

/** Returns whether a key takes a free string or number, which needs an example. */
const isFree = (parts: JsonObject[]): boolean =>
  parts.some(({ type }) => type === 'string' || type === 'integer' || type === 'number') &&
  !parts.some((part) => 'enum' in part || 'const' in part)

test.each(FILES)(
  'every key of the %s schema has a title, a description, and an example or a default where it is free',
  (name) => {
    const whole = schemaOf(name)
    const keys = keysOf(whole)
    expect(keys.length).toBeGreaterThan(20)
    const lacking = keys.flatMap(({ pointer, schema }) => {
      const parts = withReferences(whole, schema)
      const has = (keyword: string) => parts.some((part) => keyword in part)
      const wanted = ['title', 'description'].filter((keyword) => !has(keyword))
      const example = isFree(parts) && !has('examples') && !has('default') ? ['examples'] : []
      return [...wanted, ...example].map((keyword) => `${pointer} lacks ${keyword}`)
    })
    expect(lacking).toEqual([])
  },
)

test.each(FILES)('every example and default in the %s schema is valid for its key', (name) => {
  const whole = schemaOf(name)
  const ajv = new Ajv2020({ strict: false }).addSchema(whole, 'whole')
  const wrong = keysOf(whole).flatMap(({ pointer, schema }) => {
    const values = [
      ...(Array.isArray(schema.examples) ? schema.examples : []),
      ...('default' in schema ? [schema.default ?? null] : []),
    ]
    const validate = ajv.getSchema(`whole#${encodeURI(pointer)}`)
    return values.filter((value) => validate?.(value) !== true).map((value) => `${pointer}: ${JSON.stringify(value)}`)
  })
  expect(wrong).toEqual([])
})
