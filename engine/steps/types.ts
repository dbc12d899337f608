import type { Json, JsonObject } from '../base/json.ts'
import type { Argument } from '../gcloud-grammar/argument.ts'
import type { Variables } from '../runbook/expressions/cel-value.ts'
import type { CannotApply, Risk } from '../runbook/types.ts'

/** Why something could not be read, sorted by what a person would do about it. */
export type UnreadableCause =
  | 'denied'
  | 'no-login'
  | 'network'
  | 'timeout'
  | 'disabled-api'
  | 'no-gcloud'
  | 'undecided'
  | 'other'

/** What was read from the world. `unknown` is never `absent`, never drift, never conformant; `unseen` is what there is nothing to read of. */
export type Observation =
  | { state: 'value'; value: JsonObject }
  | { state: 'absent' }
  | { state: 'unseen' }
  | { state: 'unknown'; cause: UnreadableCause; reason: string }

/** What an observation must be: these values, or not there at all. */
export type Expectation = JsonObject | 'absent'

/** An observation held against its expectation; of what is `unseen`, nothing is said. */
export type Status = 'conformant' | 'drift' | 'unknown' | 'unseen'

/** One value that is not what it must be; `current` is left out where there is none. */
export type Difference = { name: string; current?: Json; wanted?: Json }

/** One gcloud command without what the engine adds: its words and the project it is for. */
export type GcloudCommand = { argv: string[]; project: string }

/** One version of a secret. */
export type SecretVersion = { project: string; secret: string; version: string }

/** Versions of a secret that one change made beside the one in use, with the same value. */
export type Duplicates = { project: string; secret: string; inUse: string; versions: string[] }

/** A thing that was read, by the command that printed it, and the marks that change whenever the thing does. */
export type Target = { read: string; project: string; marks: Record<string, string> }

/** What observing a step gives: what is, what must be, what it was read from, and for a secret which version is the right one. */
export type Reading = {
  observation: Observation
  expectation: Expectation
  /** What a person should know beside that. */
  note?: string
  targets?: Target[]
  source?: SecretVersion
  /** What the resource itself says of its last change, where that has failed for good. */
  final?: string
}

/** A change that the engine can make: a gcloud command, or a secret's version piped into a new version of another secret. */
export type Change =
  | { kind: 'gcloud'; command: GcloudCommand }
  | { kind: 'copy-secret'; from: SecretVersion; to: { project: string; secret: string } }

/** How long is waited: so long, or until what is read holds, at most so long. */
export type Waiting = { forMs: number } | { everyMs: number; withinMs: number }

/** What happens in a step, as data: a change, what a person does by hand, a question, or a wait. */
export type Action =
  | Change
  | { kind: 'by-hand'; instructions: string; evidence?: string }
  | { kind: 'ask'; question: string }
  | { kind: 'wait'; waiting: Waiting }

/** How a change is taken back, or why it can't be. */
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
  /** How long a read may take, where its change may take longer. */
  readTimeoutMs?: number
  /** Whether its repetitions may be changed side by side. */
  parallel?: true
  /** The ids of the steps of its runbook that its change comes after; beside others that say so too. Left out: after all before it. */
  dependsOn?: string[]
  retry: { attempts: number; everyMs: number }
  settle: { reads: number; everyMs: number; withinMs: number }
  /** The heading of the record under which a check stands. */
  group?: string
  /** The sentence of the record, with CHANGED where the changed subjects go. */
  record?: string
  /** The environment's project: what a change is for. */
  project: string
}

/** What is read with gcloud and what that must be, with its words bound; `select` waits for what is read. */
export type BoundLook = {
  /** One read without a name, or several with one. */
  reads: { name?: string; command: GcloudCommand }[]
  select: Record<string, string>
  expect: Expectation
  variables: Variables
}

/** A gcloud step; `undo` waits for what is read. */
export type BoundGcloudStep = BoundCommon &
  BoundLook & {
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
  /** The team says that a value which is too short to be masked does no harm. */
  mayBeShort?: boolean
}

/** An HTTP check whose URL may wait for a read. */
export type BoundHttpStep = BoundCommon & {
  kind: 'http'
  from?: GcloudCommand
  url: string
  status: number
  variables: Variables
}

/** A check of a GitHub Actions workflow run. */
export type BoundWorkflowRunStep = BoundCommon & { kind: 'workflowRun'; repository: string; runId: string }

/** A team's own script, which only observes: its words, its variables, and which exit codes stand for what. */
export type BoundScriptStep = BoundCommon & {
  kind: 'script'
  argv: string[]
  environment: Record<string, string>
  exitCodes: { pass: number[]; drift: number[] }
}

/** Another runbook's steps and checks, only to be observed. */
export type BoundGateStep = BoundCommon & { kind: 'gate'; gate: string; steps: BoundStep[] }

/** A step that a person does by hand, and what tells that it was done, where there is something to read. */
export type BoundManualStep = BoundCommon & {
  kind: 'manual'
  manual: { instructions: string; evidence?: string }
  proof?: BoundLook
}

/** A wait for so long, or until something that is read holds. */
export type BoundWaitStep = BoundCommon & { kind: 'wait'; waiting: Waiting; until?: BoundLook }

/** A question that is answered before later steps change anything. */
export type BoundApproveStep = BoundCommon & { kind: 'approve'; question: string }

/** The taking back of a change that a step made in an earlier run: what was seen before it, and the undo that its intent named. */
export type BoundUndoStep = BoundCommon & {
  kind: 'undo'
  of: BoundStep
  undoes: { run: string; step: string }
  before: Observation
  /** Left out where the change can't be taken back. */
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
