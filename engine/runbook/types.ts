import type { Json, JsonObject } from '../base/json.ts'
import type { Argument } from '../gcloud-grammar/argument.ts'

/** How much harm a wrong change could do; shown before consent. */
export type Risk = 'low' | 'medium' | 'high'

/** A runbook as its file says it, valid by schema and meaning; texts may still hold `${{ }}` expressions. */
export type Runbook = {
  name: string
  title: string
  description: string
  risk: Risk
  /** JSON Schemas that inputs may refer to as `#/types/NAME`. */
  types: Record<string, JsonObject>
  /** One JSON Schema an input; its `default` may be an expression. */
  inputs: Record<string, JsonObject>
  steps: StepTemplate[]
  /** What must hold at the end, whoever changed it: steps that only observe. */
  verify: StepTemplate[]
  /** What the repository must say, or the next deploy undoes the fix. */
  backfill: BackfillTemplate[]
}

/** A file of the repository and what it must hold, in points. */
export type BackfillTemplate = {
  when?: string
  forEach?: Record<string, string>
  file: string
  points: PointTemplate[]
}

/** One thing that must be in force in a file, or (`without`) must not be; `says` is its sentence for the record. */
export type PointTemplate = { says: string } & (
  | { text: string }
  | { without: string }
  | { yaml: (string | number)[]; value: Json }
)

/** What every kind of step has. Durations are texts such as `90s`, `5m`. */
type StepCommon = {
  id: string
  title: string
  description?: string
  risk?: Risk
  /** An expression: false leaves the step out. */
  when?: string
  /** Variable → expression of a list; later ones may use earlier ones, as in nested loops. */
  forEach?: Record<string, string>
  /** What the step is about, in a word or two: `frontend-app`. */
  subject?: string
  timeout?: string
  /** Whether its repetitions may be changed side by side where nobody is asked. */
  parallel?: boolean
  /** The ids of the steps that its change must come after; where nobody is asked it may go beside others that say so too. */
  dependsOn?: string[]
  /** How often and how far apart an apply that the read-back shows as not applied is tried again. */
  retry?: { attempts: number; every: string }
  /** How the read-back waits: so many conformant reads in a row, so far apart, within so long. */
  settle?: { reads?: number; every?: string; within?: string }
  /** The heading of the record under which a check stands. */
  group?: string
  /** The sentence of the record; `changed` stands for the subjects that were changed. Steps with the same sentence share it. */
  record?: string
}

/** One gcloud read (its words), or several by name. */
export type GcloudRead = Argument[] | Record<string, Argument[]>

/** What is read with gcloud, and what the values selected from it must be. */
export type LookTemplate = {
  observe: { gcloud: GcloudRead; project?: string; select: Record<string, string> }
  expect: Json
}

/** Nothing to look at, or all that a look needs. */
type PerhapsLook = LookTemplate | { observe?: undefined; expect?: undefined }

/** A step that reads with gcloud, compares, and changes with gcloud. */
export type GcloudStepTemplate = StepCommon &
  LookTemplate & {
    kind: 'gcloud'
    apply?: { gcloud: Argument[] }
    cannotApply?: CannotApply
    undo?: UndoTemplate
  }

/** Where a step's change would not set it right, as an expression over `before`, and what the person is told instead. */
export type CannotApply = { when: string; reason: string }

/** A step that makes a secret equal to the same secret of its reference environments. */
export type SecretStepTemplate = StepCommon & {
  kind: 'secret'
  secret: { name: string; references: Json; trust?: string; environment?: string }
}

/** A check of what a URL answers; the URL may come from a gcloud read. */
export type HttpStepTemplate = StepCommon & {
  kind: 'http'
  http: { from?: Argument[]; url: string; status: number }
}

/** A check of a GitHub Actions workflow run. */
export type WorkflowRunStepTemplate = StepCommon & {
  kind: 'workflowRun'
  workflowRun: { repository: string; run: string }
}

/** A team's own script, which only observes; `exitCodes` says what its exit codes stand for, all others that it failed. */
export type ScriptStepTemplate = StepCommon & {
  kind: 'script'
  script: { run: string[]; environment?: Record<string, string>; exitCodes: { pass?: number[]; drift: number[] } }
}

/** Another runbook, used read-only. */
export type GateStepTemplate = StepCommon & {
  kind: 'gate'
  gate: { runbook: string; inputs?: Record<string, Json> }
}

/** A step that a person does by hand; where there is something to look at, that tells whether it was done. */
export type ManualStepTemplate = StepCommon &
  PerhapsLook & {
    kind: 'manual'
    manual: { instructions: string; evidence?: string }
  }

/** A wait after a change: for so long, or until what is looked at holds. */
export type WaitStepTemplate = StepCommon &
  PerhapsLook & {
    kind: 'wait'
    wait: { for: string } | { within: string; every?: string }
  }

/** A question that is answered before the steps after it change anything. */
export type ApproveStepTemplate = StepCommon & {
  kind: 'approve'
  approve: { question: string }
}

/** How an apply is taken back, or why it can't be. */
export type UndoTemplate = { gcloud: Argument[] } | { cannotBeUndone: string }

/** One step of a runbook before it is bound to an environment; the closed list of kinds. */
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
