import schema from '../../../schemas/scenario.schema.json' with { type: 'json' }
import { makeInterpreter, makeReader } from '../../runbook/reader.ts'
import { compiledAhead } from '../../runbook/schema/compiled.ts'
import type { Scenario } from '../model/scenario.ts'
import { checkScenario } from './check.ts'

const fits = await compiledAhead(schema)

/** Interprets a document as a Scenario. */
export const interpretScenario = makeInterpreter(schema, fits, (file) => file as unknown as Scenario, checkScenario)

/** Reads a Scenario from text. */
export const readScenario = makeReader(interpretScenario)
