import schema from '../../schemas/scenario.schema.json' with { type: 'json' }
import { compiledAhead } from '../runbook/compiled-ahead.ts'
import { makeInterpreter, makeReader } from '../runbook/reader.ts'
import type { Scenario } from './scenario.ts'
import { checkScenario } from './scenario-check.ts'

const fits = await compiledAhead(schema)

/** Turns a document into a Scenario. */
export const interpretScenario = makeInterpreter(schema, fits, (file) => file as unknown as Scenario, checkScenario)

/** Turns a scenario's text into a Scenario. */
export const readScenario = makeReader(interpretScenario)
