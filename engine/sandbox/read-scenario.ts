import schema from '../../schemas/scenario.schema.json' with { type: 'json' }
import { parseDocument } from '../runbook/document.ts'
import { diagnose } from '../runbook/findings.ts'
import type { Reading } from '../runbook/read-runbook.ts'
import { compileSchema, validateDocument } from '../runbook/schema-errors.ts'
import type { Source } from '../runbook/source.ts'
import type { Scenario } from './scenario.ts'
import { checkScenario } from './scenario-check.ts'

const validate = compileSchema(schema)

/** Turns a scenario's text into a Scenario: syntax, then schema, then meaning. */
export function readScenario(source: Source): Reading<Scenario> {
  const parsed = parseDocument(source)
  if (!parsed.ok) return parsed
  const { document } = parsed
  const problems = validateDocument(document, validate)
  if (problems.length > 0) return { ok: false, diagnostics: problems }
  const scenario = document.value as unknown as Scenario
  const findings = checkScenario(scenario)
  return findings.length > 0 ? { ok: false, diagnostics: diagnose(document, findings) } : { ok: true, value: scenario }
}
