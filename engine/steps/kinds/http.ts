import { withVariables } from '../../runbook/expressions/cel-value.ts'
import { ExpressionError, fillText } from '../../runbook/expressions/expression.ts'
import { readJson } from '../read.ts'
import type { BoundHttpStep, Observation, Reading } from '../types.ts'
import type { World } from '../world.ts'

/** Asks the URL and takes its status; the URL may come from a gcloud read. */
export async function observeHttp(step: BoundHttpStep, world: World): Promise<Reading> {
  return { observation: await ask(step, world), expectation: { status: step.status } }
}

async function ask(step: BoundHttpStep, world: World): Promise<Observation> {
  const read = step.from ? await readJson(world, step.from, step.timeoutMs) : undefined
  if (read && read.state !== 'value') return read
  try {
    const url = fillText(step.url, withVariables(step.variables, read ? { result: read.json } : {}))
    const answer = await world.http(url, step.timeoutMs)
    if ('failed' in answer) return { state: 'unknown', cause: answer.cause, reason: `${url}: ${answer.failed}` }
    return { state: 'value', value: { status: answer.status, url } }
  } catch (error) {
    if (error instanceof ExpressionError)
      return { state: 'unknown', cause: 'other', reason: `the URL could not be made: ${error.message}` }
    throw error
  }
}
