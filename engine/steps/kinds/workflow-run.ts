import { isJsonObject, type Json } from '../../base/json.ts'
import type { BoundWorkflowRunStep, Observation, Reading } from '../types.ts'
import type { World } from '../world.ts'

/**
 * Reads a GitHub Actions workflow run (`GET /repos/{owner}/{repo}/actions/runs/{run_id}`): it must have completed with
 * success. A run that GitHub doesn't know is absent; a 404 of anything else (a page, another path, another server) says nothing of it.
 */
export async function observeWorkflowRun(step: BoundWorkflowRunStep, world: World): Promise<Reading> {
  return { observation: await ask(step, world), expectation: { status: 'completed', conclusion: 'success' } }
}

/** GitHub names in its 404 the method that found nothing, by the page that documents it. */
const tellsRunMissing = (json: Json): boolean =>
  isJsonObject(json) &&
  json.message === 'Not Found' &&
  typeof json.documentation_url === 'string' &&
  json.documentation_url.endsWith('#get-a-workflow-run')

async function ask({ repository, runId, timeoutMs }: BoundWorkflowRunStep, world: World): Promise<Observation> {
  const answer = await world.github(`/repos/${repository}/actions/runs/${runId}`, timeoutMs)
  if ('failed' in answer)
    return { state: 'unknown', cause: answer.cause, reason: `GitHub could not be asked: ${answer.failed}` }
  const { status, json } = answer
  if (status === 404 && tellsRunMissing(json)) return { state: 'absent' }
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
