import fc from 'fast-check'
import { expect, test } from 'vitest'
import { differencesOf, sameObservation, statusOf } from '../../engine/steps/compare.ts'
import type { Expectation, Observation } from '../../engine/steps/types.ts'

const unknown: Observation = { state: 'unknown', cause: 'denied', reason: 'no' }
const absent: Observation = { state: 'absent' }
const value = (value: Record<string, never> | Record<string, string | number | null | string[]>): Observation => ({
  state: 'value',
  value,
})

test.each<[Observation, Expectation, string]>([
  [value({ a: 'x', other: 1 }), { a: 'x' }, 'conformant'],
  [value({ a: 'y' }), { a: 'x' }, 'drift'],
  [value({}), { a: 'x' }, 'drift'],
  [value({ a: '1' }), { a: 1 }, 'drift'],
  [value({ a: null }), { a: 'x' }, 'drift'],
  [value({ a: ['x', 'y'] }), { a: ['y', 'x'] }, 'drift'],
  [value({ a: ['x'] }), { a: ['x'] }, 'conformant'],
  [absent, { a: 'x' }, 'drift'],
  [absent, {}, 'drift'],
  [absent, 'absent', 'conformant'],
  [value({ a: 1 }), 'absent', 'drift'],
  [value({}), 'absent', 'drift'],
  [unknown, { a: 'x' }, 'unknown'],
  [unknown, {}, 'unknown'],
  [unknown, 'absent', 'unknown'],
])('%j against %j is %s', (observation, expectation, status) => {
  expect(statusOf(observation, expectation)).toBe(status)
  if (status !== 'drift') expect(differencesOf(observation, expectation)).toEqual([])
})

test('an unreadable observation is never conformant, never drift, and the same as nothing', () => {
  const json = fc.dictionary(fc.string(), fc.jsonValue()) as fc.Arbitrary<Record<string, never>>
  fc.assert(
    fc.property(json, fc.oneof(json, fc.constant('absent' as const)), (read, expectation) => {
      expect(statusOf(unknown, expectation)).toBe('unknown')
      expect(sameObservation(unknown, unknown)).toBe(false)
      expect(sameObservation(unknown, value(read))).toBe(false)
      expect(sameObservation(value(read), value(structuredClone(read)))).toBe(true)
      expect(sameObservation(value(read), absent)).toBe(false)
      expect(statusOf(value(read), read)).toBe('conformant')
    }),
  )
})

test('differences name each value that differs, and leave out missing ones', () => {
  expect(differencesOf(value({ a: 1, b: 2 }), { a: 1, b: 3, c: 4 })).toEqual([
    { name: 'b', current: 2, wanted: 3 },
    { name: 'c', wanted: 4 },
  ])
  expect(differencesOf(absent, { a: 1 })).toEqual([{ name: 'a', wanted: 1 }])
  expect(differencesOf(value({ a: 1 }), 'absent')).toEqual([{ name: 'a', current: 1 }])
})
