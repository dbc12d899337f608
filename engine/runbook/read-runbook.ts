import schema from '../../schemas/runbook.schema.json' with { type: 'json' }
import type { Json, JsonObject } from '../base/json.ts'
import type { GcloudKnowledge } from '../gcloud-grammar/command-tree.ts'
import type { Finding } from './lint/findings.ts'
import { lintCommands } from './lint/gcloud-commands.ts'
import { lintRunbook } from './lint/runbook.ts'
import { makeInterpreter, makeReader } from './reader.ts'
import { compiledAhead } from './schema/compiled.ts'
import { kindIn } from './step-kinds.ts'
import type { Runbook, StepTemplate } from './types.ts'

const fits = await compiledAhead(schema)

/** Reads a runbook's text. */
export const readRunbook = makeReader(makeInterpreter(schema, fits, toRunbook, lint))

/** Reads a runbook and also checks its commands against the known gcloud, for its author. */
export const runbookInterpreter = (knowledge: GcloudKnowledge) =>
  makeInterpreter(schema, fits, toRunbook, (runbook, file) => [
    ...lint(runbook, file),
    ...lintCommands(runbook, knowledge),
  ])

function lint(runbook: Runbook, file: string): Finding[] {
  return [...lintName(runbook, file), ...lintRunbook(runbook)]
}

/**
 * Checks that the file is named like the runbook: commands and gates find it by file name, and the log has its own
 * name.
 */
function lintName({ name }: Runbook, file: string): Finding[] {
  const called = file.replace(/^.*[\\/]/, '').replace(/\.ya?ml$/, '')
  if (called === name) return []
  const message = `the runbook is called \`${name}\`, but its file is \`${called}\``
  return [{ path: ['metadata', 'name'], message, hint: `rename the file to ${name}.yaml, or change \`name\`` }]
}

/** Converts a file to a runbook: the shapes are equal except for the step kinds, which a file says by key. */
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

const toSteps = (steps: Json | undefined): StepTemplate[] =>
  ((steps ?? []) as JsonObject[]).map((step) => ({ ...step, kind: kindIn(step) }) as unknown as StepTemplate)
