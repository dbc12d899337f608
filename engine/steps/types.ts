import type { Json, JsonObject } from '../base/json.ts'
import type { Argument } from '../gcloud-grammar/argument.ts'
import type { Variables } from '../runbook/expressions/cel-value.ts'
import type { CannotApply, Risk } from '../runbook/types.ts'

/** Why something could not be read, by what a person would do about it. */
export type UnreadableCause =
  | 'denied'
  | 'no-login'
  | 'network'
  | 'timeout'
  | 'disabled-api'
  | 'no-gcloud'
  | 'undecided'
  | 'other'

/**
 * What was read from the world. `unknown` is never `absent`, never drift, never conformant; `unseen`: there is nothing
 * to read.
 */
export type Observation =
  | { state: 'value'; value: JsonObject }
  | { state: 'absent' }
  | { state: 'unseen' }
  | { state: 'unknown'; cause: UnreadableCause; reason: string }

/** What an observation must be: these values, or absent. */
export type Expectation = JsonObject | 'absent'

/** An observation compared with its expectation; `unseen` if there is nothing to compare. */
export type Status = 'conformant' | 'drift' | 'unknown' | 'unseen'

/** One value that differs; `current` is left out if there is none. */
export type Difference = { name: string; current?: Json; wanted?: Json }

/** A gcloud command without what the engine adds: its argv and its project. */
export type GcloudCommand = { argv: string[]; project: string }

/** One version of a secret. */
export type SecretVersion = { project: string; secret: string; version: string }

/** Versions of a secret that one change added besides the one in use, with the same value. */
export type Duplicates = { project: string; secret: string; inUse: string; versions: string[] }

/** A resource that was read, by the command that printed it, with the markers that change whenever it does. */
export type Target = { read: string; project: string; marks: Record<string, string> }

/**
 * The result of observing a step: what is, what must be, what it was read from, and for a secret the version to copy.
 */
export type Reading = {
  observation: Observation
  expectation: Expectation
  /** A note for people. */
  note?: string
  targets?: Target[]
  source?: SecretVersion
  /** What the resource reports about its last change, if that failed for good. */
  final?: string
}

/**
 * A change that the engine can make: a gcloud command, or a secret's version copied into a new version of another
 * secret.
 */
export type Change =
  | { kind: 'gcloud'; command: GcloudCommand }
  | { kind: 'copy-secret'; from: SecretVersion; to: { project: string; secret: string } }

/** How long to wait: for a time, or until a condition holds. */
export type Waiting = { forMs: number } | { everyMs: number; withinMs: number }

/** What happens in a step: a change, manual work, a question, or a wait. */
export type Action =
  | Change
  | { kind: 'by-hand'; instructions: string; evidence?: string }
  | { kind: 'ask'; question: string }
  | { kind: 'wait'; waiting: Waiting }

/** How a change is undone, or why it can't be. */
export type Undo = Change | { kind: 'none'; reason: string }

/** What every bound step has. */
export type BoundCommon = {
  /** Unique within a plan: `access-posture/iap-off[frontend-app]`. */
  key: string
  runbook: string
  id: string
  title: string
  description?: string
  subject: string
  risk: Risk
  timeoutMs: number
  /** How long a read may take, if its change may take longer. */
  readTimeoutMs?: number
  /** Its repetitions may run in parallel. */
  parallel?: true
  /**
   * The ids of the steps of its runbook that must run first; it may run in parallel with others that have `dependsOn`.
   * Left out: after all steps before it.
   */
  dependsOn?: string[]
  retry: { attempts: number; everyMs: number }
  settle: { reads: number; everyMs: number; withinMs: number }
  /** The record's heading for a check. */
  group?: string
  /** The sentence of the record, with CHANGED in place of the changed subjects. */
  record?: string
  /** The environment's project, which the change is for. */
  project: string
}

/** What is read with gcloud and what that must be, bound; `select` is evaluated on what is read. */
export type BoundObserve = {
  /** One read without a name, or several with names. */
  reads: { name?: string; command: GcloudCommand }[]
  select: Record<string, string>
  expect: Expectation
  variables: Variables
}

/** A gcloud step; `undo` is evaluated on what is read. */
export type BoundGcloudStep = BoundCommon &
  BoundObserve & {
    kind: 'gcloud'
    apply?: Change
    cannotApply?: CannotApply
    undo?: { words: Argument[] } | { cannotBeUndone: string }
  }

/** A secret parity step with its references resolved to projects. */
export type BoundSecretStep = BoundCommon & {
  kind: 'secret'
  secret: string
  references: { environment: string; project: string }[]
  trust?: string
  /** The team says that revealing such a short value does no harm. */
  mayBeShort?: boolean
}

/** An HTTP check whose URL may depend on a read. */
export type BoundHttpStep = BoundCommon & {
  kind: 'http'
  from?: GcloudCommand
  url: string
  status: number
  variables: Variables
}

/** A check of a GitHub Actions workflow run. */
export type BoundWorkflowRunStep = BoundCommon & { kind: 'workflowRun'; repository: string; runId: string }

/** A team's own script, which only observes: its argv, its environment, and what its exit codes mean. */
export type BoundScriptStep = BoundCommon & {
  kind: 'script'
  argv: string[]
  environment: Record<string, string>
  exitCodes: { pass: number[]; drift: number[] }
}

/** Another runbook's steps and checks, only observed. */
export type BoundGateStep = BoundCommon & { kind: 'gate'; gate: string; steps: BoundStep[] }

/** A step that a person does by hand, and the read that proves it, if there is one. */
export type BoundManualStep = BoundCommon & {
  kind: 'manual'
  manual: { instructions: string; evidence?: string }
  proof?: BoundObserve
}

/** A wait for a time, or until a condition holds. */
export type BoundWaitStep = BoundCommon & { kind: 'wait'; waiting: Waiting; until?: BoundObserve }

/** A question that is answered before later steps change anything. */
export type BoundApproveStep = BoundCommon & { kind: 'approve'; question: string }

/** The undo of a change of an earlier run: what was observed before it, and the undo of its intent. */
export type BoundUndoStep = BoundCommon & {
  kind: 'undo'
  of: BoundStep
  undoes: { run: string; step: string }
  before: Observation
  /** Left out if the change can't be undone. */
  action?: Change
}

/** A step of a runbook bound to an environment, or the undo of one; the closed list of kinds. */
export type BoundStep =
  | BoundGcloudStep
  | BoundSecretStep
  | BoundHttpStep
  | BoundWorkflowRunStep
  | BoundScriptStep
  | BoundGateStep
  | BoundManualStep
  | BoundWaitStep
  | BoundApproveStep
  | BoundUndoStep
