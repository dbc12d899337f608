import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Json } from '../../engine/base/json.ts'
import { compiledAhead } from '../../engine/runbook/schema/compiled.ts'
import { compileSchema } from '../../engine/runbook/schema/schema.ts'
import { parseDocument } from '../../engine/runbook/yaml/document.ts'
import inventory from '../../schemas/inventory.schema.json' with { type: 'json' }
import runbook from '../../schemas/runbook.schema.json' with { type: 'json' }
import scenario from '../../schemas/scenario.schema.json' with { type: 'json' }
import { root } from '../incident/cli.ts'
import { changed, marked } from '../samples/samples.ts'
import { INVENTORY, RUNBOOK, SCENARIO } from './corpus/bases.ts'
import { INVENTORY_MISTAKES } from './corpus/inventories.ts'
import type { Mistake } from './corpus/mistake.ts'
import { RUNBOOK_MISTAKES } from './corpus/runbooks.ts'
import { SCENARIO_MISTAKES } from './corpus/scenarios.ts'

const KINDS = [
  { kind: 'runbook', schema: runbook, folder: 'runbooks', base: RUNBOOK, mistakes: RUNBOOK_MISTAKES },
  { kind: 'inventory', schema: inventory, folder: 'runbooks', base: INVENTORY, mistakes: INVENTORY_MISTAKES },
  { kind: 'scenario', schema: scenario, folder: 'runbooks/scenarios', base: SCENARIO, mistakes: SCENARIO_MISTAKES },
]

const jsonOf = (text: string): Json[] => {
  const parsed = parseDocument({ name: 'it.yaml', text })
  return parsed.ok ? [parsed.document.value] : []
}

const broken = (base: string, [, from, to, , at]: Mistake): string =>
  at === undefined ? marked(base, from, to).text : changed(base, from, to)

/** Returns a value with the part that a number selects removed, duplicated or of another type. */
function mutate(value: Json, at: number, how: number): Json {
  const parts: [holder: Json[] | { [key: string]: Json }, key: string][] = []
  const collect = (inner: Json) => {
    if (typeof inner !== 'object' || inner === null) return
    for (const [key, item] of Object.entries(inner)) {
      parts.push([inner as never, key])
      collect(item)
    }
  }
  const copy = structuredClone(value)
  collect(copy)
  const [holder, key] = parts[at % parts.length] ?? [{}, '']
  const there = holder as { [key: string]: Json }
  if (how === 0) delete there[key]
  else there[key] = [null, 7, '', [], {}, [there[key] ?? null]][how - 1] ?? null
  return copy
}

test.each(KINDS)(
  'a $kind fits the code that was made of its schema exactly where it fits the schema',
  async ({ schema, folder, base, mistakes }) => {
    const fits = await compiledAhead(schema)
    if (!fits) throw new Error('The schemas were not compiled, or have changed since: run `npm run prepare`.')
    const validate = compileSchema(schema)
    const shipped = readdirSync(root + folder).filter((name) => name.endsWith('.yaml'))
    const values = [
      ...shipped.flatMap((name) => jsonOf(readFileSync(`${root}${folder}/${name}`, 'utf8'))),
      ...[base, ...mistakes.map((mistake) => broken(base, mistake))].flatMap(jsonOf),
    ]
    const judged = values.map((value) => fits(value))
    expect(judged).toEqual(values.map((value) => validate(value)))
    expect(new Set(judged)).toEqual(new Set([true, false]))
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.nat(6), (which, at, how) => {
        const value = mutate(values[which % values.length] ?? null, at, how)
        expect(fits(value)).toBe(validate(value))
      }),
      { numRuns: 500 },
    )
  },
)

test('a compiled validator is not used after its schema has changed', async () => {
  expect(await compiledAhead({ ...runbook, title: 'Another' } as typeof runbook)).toBeUndefined()
  expect(await compiledAhead({ $id: 'https://example.com/other.schema.json' })).toBeUndefined()
})
