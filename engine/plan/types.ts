import type { JsonObject } from '../base/json.ts'
import type { AccessUsed } from '../runbook/access.ts'
import type { Action, BoundCommon, Difference, Expectation, Observation, Status, Target, Undo } from '../steps/types.ts'

/** The members of a bound step that its plan shows. */
type Told = Pick<
  BoundCommon,
  'key' | 'runbook' | 'id' | 'title' | 'description' | 'subject' | 'risk' | 'parallel' | 'dependsOn' | 'record'
>

/** A bound step with its observation, as plain data without any secret. */
export type PlannedStep = Told & {
  observation: Observation
  expectation: Expectation
  status: Status
  differences: Difference[]
  /** A note for people: what to do first, what differs elsewhere. */
  note?: string
  /** What a drifted step's change is for, as it was when observed. */
  targets?: Target[]
  apply?: Action
  undo?: Undo
  /** The step of an earlier run that it undoes. */
  undoes?: { run: string; step: string }
}

/** The cloud that a plan is for; a rehearsal runs in the sandbox. Each started sandbox has its own id. */
export type CloudName = { kind: 'live' } | { kind: 'sandbox'; scenario: string; id?: string }

/**
 * Something that a plan affects besides its environment: another environment of the inventory, or another project, an
 * organization or a folder.
 */
export type Reached = { project: string; environment?: string; protected: boolean }

/** What to do and why, as data; its digest is over its canonical JSON. */
export type Plan = {
  environment: { name: string; project: string; protected: boolean }
  /** What else its changes affect; left out if only the environment's project. */
  reaches?: Reached[]
  runbooks: { name: string; title: string; digest: string }[]
  inventory: { name: string; digest: string }
  inputs: JsonObject
  steps: PlannedStep[]
  /** The checks at the end. */
  checks: { key: string; runbook: string; title: string; group?: string }[]
}

/** A file that a plan was made from: its path in the workspace, and the SHA-256 of its text. */
export type PlanSource = { what: 'runbook' | 'gate' | 'inventory'; name: string; path: string; digest: string }

/** The content of a saved plan. */
export type SavedContent = {
  apiVersion: 'breakglass/v1'
  kind: 'Plan'
  /** Random; a plan runs only once. */
  id: string
  /** ISO times. */
  madeAt: string
  expiresAt: string
  madeBy: string
  /** The version of Breakglass that made it. */
  engine: string
  cloud: CloudName
  /** How the real cloud is reached, if anything was configured. */
  access?: AccessUsed
  sources: PlanSource[]
  /** The inputs as given, by which the plan is bound again. */
  given: JsonObject
  /** Digests of each bound step and check, by key. */
  bound: Record<string, string>
  plan: Plan
}

/** A saved plan: for one cloud, one use, and a limited time. */
export type SavedPlan = SavedContent & { digest: string }
