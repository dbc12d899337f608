import type { JsonObject } from '../base/json.ts'
import type { AccessUsed } from '../runbook/access.ts'
import type { Action, BoundCommon, Difference, Expectation, Observation, Status, Target, Undo } from '../steps/types.ts'

/** What a plan tells of a bound step beside what was seen of it. */
type Told = Pick<
  BoundCommon,
  'key' | 'runbook' | 'id' | 'title' | 'description' | 'subject' | 'risk' | 'parallel' | 'dependsOn' | 'record'
>

/** A bound step with what was seen of it, as plain data without any secret. */
export type PlannedStep = Told & {
  observation: Observation
  expectation: Expectation
  status: Status
  differences: Difference[]
  /** What a person should know beside that: what to do first, what differs elsewhere. */
  note?: string
  /** What a drifted step's change is for, as it was when it was observed. */
  targets?: Target[]
  apply?: Action
  undo?: Undo
  /** The step of an earlier run that it takes back. */
  undoes?: { run: string; step: string }
}

/** Which cloud a plan is for; a rehearsal is a run in the sandbox. Each sandbox that is started has an id of its own. */
export type CloudName = { kind: 'live' } | { kind: 'sandbox'; scenario: string; id?: string }

/**
 * Something that a plan's changes reach beside its environment: another environment of the inventory, or what no
 * environment of it is named for (another project, an organization, a folder).
 */
export type Reached = { project: string; environment?: string; protected: boolean }

/** What is to be done and why, as data; its digest is over its canonical JSON. */
export type Plan = {
  environment: { name: string; project: string; protected: boolean }
  /** What else its changes reach; left out where they stay in the environment's project. */
  reaches?: Reached[]
  runbooks: { name: string; title: string; digest: string }[]
  inventory: { name: string; digest: string }
  inputs: JsonObject
  steps: PlannedStep[]
  /** Keys and titles of the checks at the end. */
  checks: { key: string; runbook: string; title: string; group?: string }[]
}

/** A file that a plan was made from: its path from the workspace's folder, and the SHA-256 of its text. */
export type PlanSource = { what: 'runbook' | 'gate' | 'inventory'; name: string; path: string; digest: string }

/** All that a saved plan says, beside the digest over it. */
export type SavedContent = {
  apiVersion: 'breakglass/v1'
  kind: 'Plan'
  /** Random; a plan is carried out once. */
  id: string
  /** ISO times. */
  madeAt: string
  expiresAt: string
  madeBy: string
  /** The Breakglass that made it. */
  engine: string
  cloud: CloudName
  /** How the real one is reached, where anything was named for that. */
  access?: AccessUsed
  sources: PlanSource[]
  /** The inputs as they were given, by which the same plan can be bound again. */
  given: JsonObject
  /** What each step and check was bound to, as digests by key. */
  bound: Record<string, string>
  plan: Plan
}

/** A plan as a file holds it: for one cloud, for one use, for a while. */
export type SavedPlan = SavedContent & { digest: string }
