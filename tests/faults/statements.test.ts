import { expect, test } from 'vitest'
import { kindOf } from '../../engine/sandbox/faults/applicability.ts'
import { describeRule } from '../../engine/sandbox/faults/faults.ts'
import type { FaultRule } from '../../engine/sandbox/model/fault.ts'
import { drifts } from '../gates/drifts.ts'
import { servings } from './serving-cases.ts'
import { compareStatements, type Outcome, scenarioNamed } from './statements.ts'
import { drawn, everyFault } from './sweep.ts'

// `STATEMENTS=all` plays each fault at each call of the incident; otherwise, a fixed sample.
const limit = { timeout: process.env.STATEMENTS === 'all' ? 3_600_000 : 240_000 }
function expectTrue({ wrong, compared }: Outcome, least = 50): void {
  expect(wrong).toEqual([])
  expect(compared).toBeGreaterThan(least)
}

test("every statement of the incident matches the sandbox's state", limit, async () => {
  const outcome = await compareStatements(await scenarioNamed('incident-2026-02-27'))
  expectTrue(outcome, 100)
  expect(outcome.ending).toBe('done')
})

test.each(drifts)(
  'so is every statement where there is $what ($gate)',
  limit,
  async ({ gate, environment, change }) => {
    const scenario = await scenarioNamed('conformant')
    change(scenario)
    const outcome = await compareStatements(scenario)
    expectTrue(outcome)
    expect(outcome.drifted.filter((key) => key.startsWith(`${gate}/`) && key.includes(environment))).not.toEqual([])
  },
)

test.each(servings)(
  'so does every statement with $what',
  limit,
  async ({ drifted, ending, prepare, scenario: change }) => {
    const scenario = await scenarioNamed('conformant')
    change?.(scenario)
    const outcome = await compareStatements(scenario, prepare)
    expectTrue(outcome)
    expect(outcome.drifted.filter((key) => drifted.includes(key)).toSorted()).toEqual(drifted.toSorted())
    if (drifted.length === 0) expect(outcome.drifted).toEqual([])
    expect(outcome.ending).toBe(ending)
  },
)

/** Faults that cost real time, and those of a URL, which then really answers so; the sweep plays them. */
const isElsewhere = ({ on, answer }: FaultRule): boolean =>
  'hang' in answer || 'slow' in answer || on.service === 'web' || on.service === 'github'

test(
  'and under faults at the calls of the incident',
  async () => {
    const scenario = await scenarioNamed('incident-2026-02-27')
    const { calls } = await compareStatements(scenario)
    const rules = everyFault({ calls, effects: [] }).filter((faults) => !faults.some(isElsewhere))
    const result = process.env.STATEMENTS === 'all' ? rules : drawn(rules, 6, 'statements')
    let compared = 0
    for (const faults of result) {
      const outcome = await compareStatements({ ...scenario, faults })
      expect({ faults: faults.map(describeRule), wrong: outcome.wrong }).toMatchObject({ wrong: [] })
      compared += outcome.compared
    }
    const kinds = new Set(result.flatMap((faults) => faults.map(({ answer }) => kindOf(answer))))
    console.log(`${compared} statements compared, under ${result.length} faults of ${kinds.size} kinds`)
  },
  limit.timeout,
)
