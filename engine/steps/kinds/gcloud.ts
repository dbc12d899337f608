import type { Json, JsonObject } from '../../base/json.ts'
import { UserError } from '../../base/problem.ts'
import { withVariables } from '../../runbook/expressions/cel-value.ts'
import { ExpressionError, fill, fillText } from '../../runbook/expressions/expression.ts'
import { RedactedError } from '../../runbook/expressions/redacted.ts'
import { bindWords } from '../arguments.ts'
import { finalIn } from '../final-state.ts'
import { type Read, readJson } from '../read.ts'
import { join, outsideOf, type Reach, reachOfAction } from '../target-projects.ts'
import type { BoundGcloudStep, BoundLook, Observation, Reading, Undo } from '../types.ts'
import type { World } from '../world.ts'

/** Runs the reads side by side and selects the values from what they print. */
export async function observeGcloud(look: BoundLook, timeoutMs: number, world: World): Promise<Reading> {
  const reads = await Promise.all(look.reads.map(({ command }) => readJson(world, command, timeoutMs)))
  const [only = [], ...more] = reads.map((read) => (read.state === 'value' ? read.targets : []))
  // Many steps may have read one list of many things: they share it.
  const targets = more.length === 0 ? only : [only, ...more].flat()
  const final = reads.flatMap((read) => (read.state === 'value' ? [finalIn(read.json)] : [])).find((said) => said)
  return { observation: select(look, reads), expectation: look.expect, targets, ...(final ? { final } : {}) }
}

function select(look: BoundLook, reads: Read[]): Observation {
  const unknown = reads.find((read) => read.state === 'unknown')
  if (unknown) return unknown
  if (reads.some((read) => read.state === 'absent')) return { state: 'absent' }
  const results = reads.map((read) => (read as { json: Json }).json)
  const named = look.reads.map(({ name }, index) => [name, results[index]] as const)
  const result = named[0]?.[0] === undefined ? (results[0] as Json) : (Object.fromEntries(named) as JsonObject)
  const variables = withVariables(look.variables, { result })
  try {
    const values = Object.entries(look.select).map(([name, expression]) => [name, fill(expression, variables)])
    return { state: 'value', value: Object.fromEntries(values) as JsonObject }
  } catch (error) {
    if (error instanceof ExpressionError)
      return {
        state: 'unknown',
        cause: 'other',
        reason:
          error.cause instanceof RedactedError
            ? error.message
            : `the answer has another form than the runbook expects: ${error.message}`,
      }
    throw error
  }
}

/** Says why a step's change would not set right what was observed, where its runbook knows that; undefined where it may be made. */
export function reasonAgainst({ cannotApply, variables }: BoundGcloudStep, observed: Observation): string | undefined {
  if (cannotApply === undefined || observed.state !== 'value') return undefined
  const known = withVariables(variables, { before: observed.value })
  try {
    const holds = fill(cannotApply.when, known)
    if (typeof holds !== 'boolean') throw new ExpressionError(`${JSON.stringify(holds)} is neither true nor false`)
    return holds ? fillText(cannotApply.reason, known) : undefined
  } catch (error) {
    if (error instanceof ExpressionError) return `whether its change would set it right is not known: ${error.message}`
    throw error
  }
}

/** What a step's own change is about: its project, and what its command names beyond that. */
const ownReach = ({ apply, project }: BoundGcloudStep): Reach =>
  join({ projects: [project], beyond: [] }, reachOfAction(apply, project))

/** How the step's change is undone, given what was seen before it: never by a command that reaches further than the change. */
export function undoGcloud(step: BoundGcloudStep, before: Observation): Undo | undefined {
  if (!step.undo) return undefined
  if ('cannotBeUndone' in step.undo) return { kind: 'none', reason: step.undo.cannotBeUndone }
  try {
    const seen = before.state === 'value' ? before.value : {}
    const argv = bindWords(step.undo.words, withVariables(step.variables, { before: seen }))
    const undo: Undo = { kind: 'gcloud', command: { argv, project: step.project } }
    const runtime = outsideOf(reachOfAction(undo, step.project), ownReach(step))
    return runtime.length === 0
      ? undo
      : { kind: 'none', reason: `the undo would change ${runtime.join(' and ')}, which the change itself does not` }
  } catch (error) {
    if (error instanceof ExpressionError || error instanceof UserError)
      return { kind: 'none', reason: `what was there before can't be put into the undo command: ${error.message}` }
    throw error
  }
}
