import { beforeAll, expect, test } from 'vitest'
import { describeRule } from '../../engine/sandbox/faults/faults.ts'
import { type Calm, calmRun, drawn, everyFault, pairs, tryFaults } from './sweep.ts'

/** A fixed sample; `npm run faults` tries each fault at each call, and pairs from any seed. */
const SEED = 'sample'
let calm: Calm

beforeAll(async () => {
  calm = await calmRun()
}, 240_000)

test('with a fault at any call, the incident succeeds or stops with a cause, and can be resumed to the end', async () => {
  const all = everyFault(calm)
  expect(all.length).toBeGreaterThan(1000)
  for (const faults of [...drawn(all, 6, SEED), ...pairs(calm, 3, SEED)]) {
    const { wrong } = await tryFaults(faults, calm)
    expect({ faults: faults.map(describeRule), wrong }).toMatchObject({ wrong: [] })
  }
}, 240_000)
