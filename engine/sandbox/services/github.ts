import type { JsonObject } from '../../base/json.ts'
import { type Answer, jsonAnswer, Refusal } from '../model/answer.ts'
import type { ApiMethod } from '../model/api.ts'
import type { Call } from '../model/call.ts'
import { sha256 } from '../model/identifiers.ts'
import type { MethodOf } from '../model/methods.ts'
import { durationMs } from '../model/scenario.ts'
import type { ScenarioRepository, ScenarioWorkflowRun } from '../model/scenario-github.ts'
import type { Repository, WorkflowRun, World } from '../model/world.ts'

/** GitHub's REST API: one workflow run (docs.github.com/rest/actions/workflow-runs#get-a-workflow-run). */
export const githubMethods: { [Each in MethodOf<'github'>]: ApiMethod } = {
  'runs.get': { verb: 'GET', path: '/repos/{owner}/{repo}/actions/runs/{run_id}', handleAll: getRun },
}

/** Returns an error in the JSON form of GitHub's REST API (docs.github.com/rest/using-the-rest-api/troubleshooting-the-rest-api). */
export const githubError = (status: number, message: string): Answer =>
  jsonAnswer(
    {
      message,
      documentation_url:
        status === 401
          ? 'https://docs.github.com/rest'
          : 'https://docs.github.com/rest/actions/workflow-runs#get-a-workflow-run',
      status: String(status),
    },
    status,
  )

/** Refuses a caller that doesn't send the sandbox's token under one of the schemes of docs.github.com/rest/authentication/authenticating-to-the-rest-api. */
export function requireGithubToken(authorization: string | undefined, token: string): void {
  const given = /^(?:Bearer|token) (.+)$/i.exec(authorization ?? '')?.[1]
  if (given !== token) throw new Refusal(githubError(401, 'Bad credentials'))
}

/** Creates a scenario's repositories by lower-case name; runs that complete later do so relative to `start`, in ms. */
export const seedRepositories = (given: Record<string, ScenarioRepository>, start: number): Map<string, Repository> =>
  new Map(
    Object.entries(given).map(([fullName, { workflowRuns }]) => [
      fullName.toLowerCase(),
      {
        fullName,
        runs: new Map(
          Object.entries(workflowRuns ?? {}).map(([id, run], i) => [id, seedRun(fullName, id, run, i + 1, start)]),
        ),
      },
    ]),
  )

/** Returns a run's current progress; a run that completes later is in progress until then. */
export const progressOf = ({ clock }: World, { status, conclusion, completes }: WorkflowRun) =>
  status === 'completed' && clock.now() < completes
    ? ({ status: 'in_progress', conclusion: null } as const)
    : { status, conclusion }

const queuedAgoMs = 600_000

const seedRun = (
  fullName: string,
  id: string,
  run: ScenarioWorkflowRun,
  number: number,
  start: number,
): WorkflowRun => ({
  id,
  name: run.name,
  status: run.status,
  conclusion: run.conclusion ?? null,
  attempt: run.attempt ?? 1,
  number,
  workflowId: Number.parseInt(sha256(Buffer.from(`${fullName} ${run.name}`)).slice(0, 7), 16),
  headSha: sha256(Buffer.from(`${fullName} ${id}`)).slice(0, 40),
  created: start - queuedAgoMs,
  updated: start,
  completes: start + durationMs(run.completesAfter),
})

function getRun(world: World, { params }: Call): JsonObject {
  const repository = world.repositories.get(`${params.owner}/${params.repo}`.toLowerCase())
  const run = repository?.runs.get(params.run_id!)
  if (!repository || !run) throw new Refusal(githubError(404, 'Not Found'))
  return runJson(world, repository, run)
}

function runJson(world: World, { fullName }: Repository, run: WorkflowRun): JsonObject {
  const { status, conclusion } = progressOf(world, run)
  return {
    id: Number(run.id),
    name: run.name,
    display_title: run.name,
    head_branch: 'main',
    head_sha: run.headSha,
    event: 'workflow_dispatch',
    status,
    conclusion,
    url: `https://api.github.com/repos/${fullName}/actions/runs/${run.id}`,
    html_url: `https://github.com/${fullName}/actions/runs/${run.id}`,
    run_number: run.number,
    run_attempt: run.attempt,
    created_at: time(run.created),
    run_started_at: time(run.created),
    updated_at: time(status === 'completed' ? run.completes : run.updated),
    workflow_id: run.workflowId,
    repository: { name: fullName.slice(fullName.indexOf('/') + 1), full_name: fullName },
  }
}

/** Formats a time as GitHub does, without fractions of a second. */
const time = (ms: number): string => new Date(ms).toISOString().replace(/\.[0-9]+Z$/, 'Z')
