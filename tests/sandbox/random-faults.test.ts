import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { appliesTo } from '../../engine/sandbox/faults/applicability.ts'
import { describeDrawn, drawFaults, faultsOf } from '../../engine/sandbox/faults/random-faults.ts'
import type { Scenario } from '../../engine/sandbox/model/scenario.ts'
import { checkScenario } from '../../engine/sandbox/scenario/check.ts'
import { scenarioWith, startBox } from './proxy-client.ts'

const incident: Scenario = parse(
  readFileSync(new URL('../../runbooks/scenarios/incident-2026-02-27.yaml', import.meta.url), 'utf8'),
)
const drawing = fc.record({ seed: fc.nat(), count: fc.integer({ min: 1, max: 100 }) })

test('the same seed draws the same faults, in the requested number, each for a method it applies to', () => {
  fc.assert(
    fc.property(drawing, (drawn) => {
      const faults = drawFaults(incident, drawn)
      expect(drawFaults(incident, { ...drawn })).toEqual(faults)
      expect(faults).toHaveLength(drawn.count)
      expect(faults.filter(({ on, answer }) => !appliesTo(answer, on.service, on.method))).toEqual([])
      expect(checkScenario({ ...incident, faults })).toEqual([])
    }),
    { numRuns: 50 },
  )
})

test('no two faults are drawn for the same call', () => {
  fc.assert(
    fc.property(drawing, (drawn) => {
      const applicability = drawFaults(incident, drawn).map(({ on }) => JSON.stringify(on))
      expect(new Set(applicability).size).toBe(applicability.length)
    }),
    { numRuns: 50 },
  )
})

test('a higher count keeps the faults of a lower one', () => {
  const all = drawFaults(incident, { seed: 7, count: 9 })
  expect(all.slice(0, 4)).toEqual(drawFaults(incident, { seed: 7, count: 4 }))
})

test('other seeds draw other faults', () => {
  const drawn = Array.from({ length: 20 }, (_, seed) => JSON.stringify(drawFaults(incident, { seed })))
  expect(new Set(drawn).size).toBe(20)
})

test('the drawn faults are listed with the flags that repeat them', async () => {
  const scenario: Scenario = { ...scenarioWith(), drawnFaults: { seed: 11, count: 2 } }
  const [first, ...lines] = describeDrawn(scenario)
  expect(first).toContain('--fault-seed 11 --faults 2')
  expect(lines).toHaveLength(2)
  const box = await startBox(scenario)
  expect((await box.control('GET', '/sandbox')).json).toMatchObject({ drawn: [first, ...lines] })
  expect(describeDrawn(scenarioWith())).toEqual([])
})

test('the scripted faults of a scenario come first', () => {
  const scripted = { on: { service: 'web', method: 'get' }, answer: { hang: true } } as const
  expect(faultsOf({ ...scenarioWith({}, [scripted]), drawnFaults: { seed: 1 } })).toHaveLength(4)
  expect(faultsOf({ ...scenarioWith({}, [scripted]), drawnFaults: { seed: 1 } })[0]).toEqual(scripted)
})
