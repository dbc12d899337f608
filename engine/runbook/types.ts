import type { Json, JsonObject } from '../base/json.ts'
import type { Argument } from '../gcloud-grammar/argument.ts'

/** How much harm a wrong change could do; shown before consent. */
export type Risk = 'low' | 'medium' | 'high'

/** A valid runbook as its file has it; texts may still contain `${{ }}` expressions. */
export type Runbook = {
  name: string
  title: string
  description: string
  risk: Risk
  /** JSON Schemas that inputs can refer to as `#/types/NAME`. */
  types: Record<string, JsonObject>
  /** A JSON Schema for each input; its `default` may be an expression. */
  inputs: Record<string, JsonObject>
  steps: StepTemplate[]
  /** Steps that only observe, to check the result, whoever changed it. */
  verify: StepTemplate[]
  /** What the repository must contain, or the next deploy reverts the fix. */
  backfill: BackfillTemplate[]
}

/** A file of the repository and what it must contain. */
export type BackfillTemplate = {
  when?: string
  forEach?: Record<string, string>
  file: string
  points: PointTemplate[]
}

/**
 * A text or value that must be in force in a file, or (`without`) must not be; `says` is its sentence for the record.
 */
export type PointTemplate = { says: string } & (
  | { text: string }
  | { without: string }
  | { yaml: (string | number)[]; value: Json }
)

/** The members of every kind of step. Durations are texts such as `90s`, `5m`. */
type StepCommon = {
  id: string
  title: string
  description?: string
  risk?: Risk
  /** An expression: if false, the step is left out. */
  when?: string
  /** Variable → expression of a list; later ones can use earlier ones, like nested loops. */
  forEach?: Record<string, string>
  /** What the step is about, in a word or two: `frontend-app`. */
  subject?: string
  timeout?: string
  /** Its repetitions may run in parallel if nobody is asked. */
  parallel?: boolean
  /**
   * The ids of steps that must run first; it may run in parallel with others that have `dependsOn`, if nobody is asked.
   */
  dependsOn?: string[]
  /** How often, and how far apart, to try an apply again that the read-back shows as not applied. */
  retry?: { attempts: number; every: string }
  /** How the read-back waits: how many conformant reads in a row, how far apart, within how long. */
  settle?: { reads?: number; every?: string; within?: string }
  /** The record's heading for a check. */
  group?: string
  /** The sentence of the record; `changed` is the changed subjects. Steps with the same sentence share it. */
  record?: string
}

/** The arguments of one gcloud read, or of several by name. */
export type GcloudRead = Argument[] | Record<string, Argument[]>

/** What is read with gcloud, and what the selected values must be. */
export type ObserveTemplate = {
  observe: { gcloud: GcloudRead; project?: string; select: Record<string, string> }
  expect: Json
}

/** Nothing to read, or everything that a read needs. */
type MaybeObserve = ObserveTemplate | { observe?: undefined; expect?: undefined }

/** A step that reads with gcloud, compares, and changes with gcloud. */
export type GcloudStepTemplate = StepCommon &
  ObserveTemplate & {
    kind: 'gcloud'
    apply?: { gcloud: Argument[] }
    cannotApply?: CannotApply
    undo?: UndoTemplate
  }

/** When a step's change would not fix it, as an expression over `before`, and what to tell the person. */
export type CannotApply = { when: string; reason: string }

/** A step that makes a secret equal to the same secret in its reference environments. */
export type SecretStepTemplate = StepCommon & {
  kind: 'secret'
  secret: { name: string; references: Json; trust?: string; environment?: string }
}

/** A check of a URL's response; the URL may come from a gcloud read. */
export type HttpStepTemplate = StepCommon & {
  kind: 'http'
  http: { from?: Argument[]; url: string; status: number }
}

/** A check of a GitHub Actions workflow run. */
export type WorkflowRunStepTemplate = StepCommon & {
  kind: 'workflowRun'
  workflowRun: { repository: string; run: string }
}

/**
 * A team's own script, which only observes; `exitCodes` says which exit codes mean pass and drift, all others mean
 * failure.
 */
export type ScriptStepTemplate = StepCommon & {
  kind: 'script'
  script: { run: string[]; environment?: Record<string, string>; exitCodes: { pass?: number[]; drift: number[] } }
}

/** Another runbook, used read-only. */
export type GateStepTemplate = StepCommon & {
  kind: 'gate'
  gate: { runbook: string; inputs?: Record<string, Json> }
}

/** A step that a person does by hand; a read can show whether it was done. */
export type ManualStepTemplate = StepCommon &
  MaybeObserve & {
    kind: 'manual'
    manual: { instructions: string; evidence?: string }
  }

/** A wait after a change: for a time, or until a condition holds. */
export type WaitStepTemplate = StepCommon &
  MaybeObserve & {
    kind: 'wait'
    wait: { for: string } | { within: string; every?: string }
  }

/** A question to answer before later steps change anything. */
export type ApproveStepTemplate = StepCommon & {
  kind: 'approve'
  approve: { question: string }
}

/** How an apply is undone, or why it can't be. */
export type UndoTemplate = { gcloud: Argument[] } | { cannotBeUndone: string }

/** A step of a runbook before it is bound to an environment; the closed list of kinds. */
export type StepTemplate =
  | GcloudStepTemplate
  | SecretStepTemplate
  | HttpStepTemplate
  | WorkflowRunStepTemplate
  | ScriptStepTemplate
  | GateStepTemplate
  | ManualStepTemplate
  | WaitStepTemplate
  | ApproveStepTemplate
