import { isJsonObject, type Json } from '../../base/json.ts'
import { isText, isTextOrNull } from '../fields.ts'
import { onlyObserves, type StepKind } from '../kind.ts'
import type { BoundWorkflowRunStep, Observation } from '../types.ts'
import type { World } from '../world.ts'

const SUCCESS = { status: 'completed', conclusion: 'success' }

/**
 * Checks that a GitHub Actions workflow run succeeded (`GET /repos/{owner}/{repo}/actions/runs/{run_id}`). A run is
 * absent only if GitHub's 404 is about that run; any other 404 (a page, another path, another server) leaves it unknown.
 */
export const workflowRun: StepKind<BoundWorkflowRunStep> = {
  ...onlyObserves,
  observe: async (step, world) => ({ observation: await request(step, world), expectation: SUCCESS }),
  expectation: () => SUCCESS,
  fields: () => ({ name: isTextOrNull, status: isText, conclusion: isTextOrNull }),
  reads: () => [],
  content: (step) => step,
  identity: ({ repository, runId }) => [repository, runId],
}

/** Returns whether a 404 is about the run: GitHub links the page of the method that found nothing. */
const isRunMissing = (json: Json): boolean =>
  isJsonObject(json) &&
  json.message === 'Not Found' &&
  typeof json.documentation_url === 'string' &&
  json.documentation_url.endsWith('#get-a-workflow-run')

async function request({ repository, runId, timeoutMs }: BoundWorkflowRunStep, world: World): Promise<Observation> {
  const answer = await world.github(`/repos/${repository}/actions/runs/${runId}`, timeoutMs)
  if ('failed' in answer)
    return { state: 'unknown', cause: answer.cause, reason: `cannot reach GitHub: ${answer.failed}` }
  const { status, json } = answer
  if (status === 404 && isRunMissing(json)) return { state: 'absent' }
  if (status === 401)
    return {
      state: 'unknown',
      cause: 'no-login',
      reason: 'GitHub rejected the token (401); set GH_TOKEN to a valid one',
    }
  if (status === 403 || status === 429)
    return { state: 'unknown', cause: 'denied', reason: `GitHub refused the request (${status})` }
  if (status !== 200 || !isJsonObject(json) || typeof json.status !== 'string')
    return {
      state: 'unknown',
      cause: 'other',
      reason: `GitHub answered ${status}, but not with a workflow run`,
    }
  return {
    state: 'value',
    value: { name: json.name ?? null, status: json.status, conclusion: json.conclusion ?? null },
  }
}
