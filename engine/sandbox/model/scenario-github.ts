import type { Duration } from './scenario-values.ts'

/** One GitHub repository: workflow run id, in digits → the run. */
export type ScenarioRepository = { workflowRuns?: Record<string, ScenarioWorkflowRun> }

/** One run of a GitHub Actions workflow, by the workflow's name. */
export type ScenarioWorkflowRun = {
  name: string
  status: RunStatus
  /** How it ended: for a completed run, and only for one. */
  conclusion?: RunConclusion
  /** Counts the re-runs from 1, which is the default. */
  attempt?: number
  /** It is in progress until the sandbox has run this long. */
  completesAfter?: Duration
}

/** What a run is at (docs.github.com/rest/actions/workflow-runs). */
export type RunStatus = 'queued' | 'in_progress' | 'completed' | 'waiting' | 'requested' | 'pending'

/** How a completed run ended, from the same page. */
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
