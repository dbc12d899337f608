import schema from '../../schemas/runbook.schema.json' with { type: 'json' }
import type { Diagnostic } from './diagnostic.ts'
import { parseDocument } from './document.ts'
import { diagnose } from './findings.ts'
import type { Json, JsonObject } from './json.ts'
import { lintRunbook } from './lint.ts'
import { compileSchema, validateDocument } from './schema-errors.ts'
import type { Source } from './source.ts'
import type { Runbook, StepTemplate } from './types.ts'

/** What reading a file gives: the thing, or every problem at once. */
export type Reading<T> = { ok: true; value: T } | { ok: false; diagnostics: Diagnostic[] }

const validate = compileSchema(schema)

/** Turns a runbook's text into a Runbook: syntax, then schema, then meaning. */
export function readRunbook(source: Source): Reading<Runbook> {
  const parsed = parseDocument(source)
  if (!parsed.ok) return parsed
  const { document } = parsed
  const problems = validateDocument(document, validate)
  if (problems.length > 0) return { ok: false, diagnostics: problems }
  const runbook = toRunbook(document.value as JsonObject)
  const findings = lintRunbook(runbook)
  return findings.length > 0 ? { ok: false, diagnostics: diagnose(document, findings) } : { ok: true, value: runbook }
}

/** The file's shape is the type's shape but for the step kinds, which the file says by the key that it uses. */
function toRunbook(file: JsonObject): Runbook {
  const { metadata, types, inputs, steps, verify, backfill } = file
  return {
    ...(metadata as object),
    types: types ?? {},
    inputs: inputs ?? {},
    steps: toSteps(steps),
    verify: toSteps(verify),
    backfill: backfill ?? [],
  } as unknown as Runbook
}

const toSteps = (steps: Json | undefined): StepTemplate[] => ((steps ?? []) as JsonObject[]).map(toStep)

function toStep(step: JsonObject): StepTemplate {
  const kind = KIND_KEYS.find(([key]) => key in step)?.[1]
  return { ...step, kind } as unknown as StepTemplate
}

/** The key by which a step says of which kind it is. */
const KIND_KEYS: [string, StepTemplate['kind']][] = [
  ['observe', 'gcloud'],
  ['secret', 'secret'],
  ['http', 'http'],
  ['workflowRun', 'workflowRun'],
  ['gate', 'gate'],
]
