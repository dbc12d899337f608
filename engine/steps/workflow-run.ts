import { isJsonObject } from '../runbook/json.ts'
import type { BoundWorkflowRunStep, Observation, Reading } from './types.ts'
import type { World } from './world.ts'

/**
 * Reads a GitHub Actions workflow run (`GET /repos/{owner}/{repo}/actions/runs/{run_id}`): it must have completed with
 * success. A run that GitHub doesn't know is absent.
 */
export async function observeWorkflowRun(step: BoundWorkflowRunStep, world: World): Promise<Reading> {
  return { observation: await ask(step, world), expectation: { status: 'completed', conclusion: 'success' } }
}

async function ask({ repository, runId, timeoutMs }: BoundWorkflowRunStep, world: World): Promise<Observation> {
  const answer = await world.github(`/repos/${repository}/actions/runs/${runId}`, timeoutMs)
  if ('failed' in answer)
    return { state: 'unknown', cause: answer.cause, reason: `GitHub could not be asked: ${answer.failed}` }
  const { status, json } = answer
  if (status === 404) return { state: 'absent' }
  if (status === 401)
    return { state: 'unknown', cause: 'no-login', reason: 'GitHub refused the token (401); set GH_TOKEN to a good one' }
  if (status === 403 || status === 429)
    return { state: 'unknown', cause: 'denied', reason: `GitHub refused the request (${status})` }
  if (status !== 200 || !isJsonObject(json) || typeof json.status !== 'string')
    return {
      state: 'unknown',
      cause: 'other',
      reason: `GitHub answered ${status} with something that is not a workflow run`,
    }
  return {
    state: 'value',
    value: { name: json.name ?? null, status: json.status, conclusion: json.conclusion ?? null },
  }
}
