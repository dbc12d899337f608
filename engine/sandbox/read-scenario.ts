import schema from '../../schemas/scenario.schema.json' with { type: 'json' }
import { makeReader } from '../runbook/reader.ts'
import type { Scenario } from './scenario.ts'
import { checkScenario } from './scenario-check.ts'

/** Turns a scenario's text into a Scenario. */
export const readScenario = makeReader(schema, (file) => file as unknown as Scenario, checkScenario)
