import { withVariables } from '../../runbook/expressions/cel-value.ts'
import { ExpressionError, fillText } from '../../runbook/expressions/expression.ts'
import { isInteger, isText } from '../fields.ts'
import { onlyObserves, type StepKind } from '../kind.ts'
import { readJson } from '../read.ts'
import type { BoundHttpStep, Observation } from '../types.ts'
import type { World } from '../world.ts'

/** Checks the status of a URL, which may come from a gcloud read. */
export const http: StepKind<BoundHttpStep> = {
  ...onlyObserves,
  observe: async (step, world) => ({
    observation: await request(step, world),
    expectation: { status: step.status },
  }),
  expectation: ({ status }) => ({ status }),
  fields: () => ({ status: isInteger, url: isText }),
  reads: () => [],
  content: (step) => ({ ...step, variables: undefined }),
  identity: ({ from, url, status }) => [from, url, status],
}

async function request(step: BoundHttpStep, world: World): Promise<Observation> {
  const read = step.from ? await readJson(world, step.from, step.timeoutMs) : undefined
  if (read && read.state !== 'value') return read
  try {
    const url = fillText(step.url, withVariables(step.variables, read ? { result: read.json } : {}))
    const answer = await world.http(url, step.timeoutMs)
    if ('failed' in answer) return { state: 'unknown', cause: answer.cause, reason: `${url}: ${answer.failed}` }
    return { state: 'value', value: { status: answer.status, url } }
  } catch (error) {
    if (error instanceof ExpressionError)
      return { state: 'unknown', cause: 'other', reason: `cannot evaluate the URL: ${error.message}` }
    throw error
  }
}
