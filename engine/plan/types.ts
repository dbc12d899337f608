import type { JsonObject } from '../runbook/json.ts'
import type { Risk } from '../runbook/types.ts'
import type { Action, Difference, Expectation, Observation, Status, Undo } from '../steps/types.ts'

/** A bound step with what was seen of it, as plain data without any secret. */
export type PlannedStep = {
  key: string
  runbook: string
  id: string
  title: string
  description?: string
  subject: string
  risk: Risk
  observation: Observation
  expectation: Expectation
  status: Status
  differences: Difference[]
  apply?: Action
  undo?: Undo
  record?: string
}

/** What is to be done and why, as data; its digest is over its canonical JSON. */
export type Plan = {
  environment: { name: string; project: string; protected: boolean }
  runbooks: { name: string; title: string; digest: string }[]
  inventory: { name: string; digest: string }
  inputs: JsonObject
  steps: PlannedStep[]
  /** Keys and titles of the checks at the end. */
  checks: { key: string; runbook: string; title: string; group?: string }[]
}
