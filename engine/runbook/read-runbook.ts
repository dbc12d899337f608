import schema from '../../schemas/runbook.schema.json' with { type: 'json' }
import type { Json, JsonObject } from '../base/json.ts'
import type { GcloudKnowledge } from '../gcloud-grammar/command-tree.ts'
import type { Finding } from './lint/findings.ts'
import { lintCommands } from './lint/gcloud-commands.ts'
import { lintRunbook } from './lint/runbook.ts'
import { makeInterpreter, makeReader } from './reader.ts'
import { compiledAhead } from './schema/compiled.ts'
import type { Runbook, StepTemplate } from './types.ts'

const fits = await compiledAhead(schema)

/** Turns a runbook's text into a Runbook. */
export const readRunbook = makeReader(makeInterpreter(schema, fits, toRunbook, lint))

/** Interprets a runbook, and holds its commands against what is known of gcloud: for the person who writes it. */
export const runbookInterpreter = (knowledge: GcloudKnowledge) =>
  makeInterpreter(schema, fits, toRunbook, (runbook, file) => [
    ...lint(runbook, file),
    ...lintCommands(runbook, knowledge),
  ])

function lint(runbook: Runbook, file: string): Finding[] {
  return [...lintName(runbook, file), ...lintRunbook(runbook)]
}

/** A runbook is found by its file's name, on the command line and by gates, and goes by its own in the log. */
function lintName({ name }: Runbook, file: string): Finding[] {
  const called = file.replace(/^.*[\\/]/, '').replace(/\.ya?ml$/, '')
  if (called === name) return []
  const message = `the runbook is called \`${name}\`, and its file \`${called}\``
  return [{ path: ['metadata', 'name'], message, hint: `name the file ${name}.yaml, or the runbook as its file` }]
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

/** The key by which a step says of which kind it is; `observe` says it only where none of the others does. */
const KIND_KEYS: [string, StepTemplate['kind']][] = [
  ['manual', 'manual'],
  ['wait', 'wait'],
  ['approve', 'approve'],
  ['secret', 'secret'],
  ['http', 'http'],
  ['workflowRun', 'workflowRun'],
  ['script', 'script'],
  ['gate', 'gate'],
  ['observe', 'gcloud'],
]
