import type { Json, JsonObject } from '../base/json.ts'
import { withVariables } from '../runbook/expressions/cel-value.ts'
import { ExpressionError, fill } from '../runbook/expressions/expression.ts'
import { RedactedError } from '../runbook/expressions/redacted.ts'
import { type Fields, selectedFields } from './fields.ts'
import { finalIn } from './final-state.ts'
import { type Read, readJson } from './read.ts'
import type { BoundObserve, Observation, Reading } from './types.ts'
import type { World } from './world.ts'

/** Runs the reads in parallel, and selects values from what they print. */
export async function observeGcloud(look: BoundObserve, timeoutMs: number, world: World): Promise<Reading> {
  const reads = await Promise.all(look.reads.map(({ command }) => readJson(world, command, timeoutMs)))
  const [only = [], ...more] = reads.map((read) => (read.state === 'value' ? read.targets : []))
  // Steps that read the same list share its targets.
  const targets = more.length === 0 ? only : [only, ...more].flat()
  const final = reads.flatMap((read) => (read.state === 'value' ? [finalIn(read.json)] : [])).find((said) => said)
  return { observation: select(look, reads), expectation: look.expect, targets, ...(final ? { final } : {}) }
}

function select(look: BoundObserve, reads: Read[]): Observation {
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
            : `the output doesn't have the form that the runbook expects: ${error.message}`,
      }
    throw error
  }
}

/** Returns what each selected field may hold. */
export const fieldsOf = ({ select, expect }: BoundObserve): Fields =>
  selectedFields(select, expect === 'absent' ? {} : expect)
