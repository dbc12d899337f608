import type { Duration } from './scenario-values.ts'

/** One GitHub repository, with workflow runs by numeric id. */
export type ScenarioRepository = { workflowRuns?: Record<string, ScenarioWorkflowRun> }

/** One run of a GitHub Actions workflow; `name` is the workflow's. */
export type ScenarioWorkflowRun = {
  name: string
  status: RunStatus
  /** How the run ended; required for a completed run and not allowed otherwise. */
  conclusion?: RunConclusion
  /** The attempt number, from 1; defaults to 1. */
  attempt?: number
  /** The run is in progress until the sandbox has run this long. */
  completesAfter?: Duration
}

/** The status of a run (docs.github.com/rest/actions/workflow-runs). */
export type RunStatus = 'queued' | 'in_progress' | 'completed' | 'waiting' | 'requested' | 'pending'

/** The conclusion of a completed run, from the same page. */
export type RunConclusion =
  | 'success'
  | 'failure'
  | 'cancelled'
  | 'timed_out'
  | 'skipped'
  | 'neutral'
  | 'action_required'
  | 'stale'
  | 'startup_failure'
