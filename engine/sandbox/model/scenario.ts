import type { Json } from '../../base/json.ts'
import type { Expected } from '../../report/expected.ts'
import type { DrawnFaults, FaultRule, NewAccountPace } from './fault.ts'
import type { ScenarioRepository } from './scenario-github.ts'
import type { Duration, Ingress, ScenarioBinding } from './scenario-values.ts'

/** A scenario file: the Google Cloud that a sandbox starts with, what goes wrong in it, and what a rehearsal runs; mirrors `schemas/scenario.schema.json`. */
export type Scenario = {
  apiVersion: 'breakglass/v1'
  kind: 'Scenario'
  metadata: { name: string; title: string; description?: string }
  /** The inventory file that the scenario belongs to, relative to the scenario's own file. */
  inventory?: string
  rehearsal?: Rehearsal
  /** How its rehearsal must end: what `breakglass test` holds it against. */
  expected?: Expected
  /** Project id → what is in the project. */
  projects: Record<string, ScenarioProject>
  /** GitHub's `owner/name` → what is in the repository. */
  github?: Record<string, ScenarioRepository>
  faults?: FaultRule[]
  drawnFaults?: DrawnFaults
}

/** What a rehearsal of the scenario runs, as a person would have asked for it on the command line. */
export type Rehearsal = {
  runbooks: string[]
  environment: string
  title?: string
  reason: string
  /** The checkout that the backfill is checked against: a folder relative to the scenario's own file. */
  repository?: string
  inputs?: Record<string, Json>
}

/** One project at the start; everything but its number has a default. */
export type ScenarioProject = {
  /** The project number, in digits. */
  number: string
  /** APIs enabled in it; the ones that the sandbox simulates when left out. */
  apis?: string[]
  services?: Record<string, ScenarioService>
  secrets?: Record<string, ScenarioSecret>
  iamBindings?: ScenarioBinding[]
  /** Account id (before the `@`) → the service account; the Compute Engine default account is always there. */
  serviceAccounts?: Record<string, ScenarioServiceAccount>
  /** The usual pace of the project's new accounts. */
  newServiceAccounts?: NewAccountPace
}

/** One Cloud Run service with a single ready revision. */
export type ScenarioService = {
  region: string
  ingress?: Ingress
  /** False: anyone may invoke it, as after `--no-invoker-iam-check`. */
  invokerCheck?: boolean
  /** Members of roles/run.invoker in the service's own IAM policy. */
  invokers?: string[]
  iap?: boolean
  /** E-mail; the project's Compute Engine default account when left out. */
  serviceAccount?: string
  image?: string
  env?: Record<string, string>
  secretEnv?: Record<string, { secret: string; version: string }>
  annotations?: Record<string, string>
  /** Path → HTTP status of the service's own answer; `/` answers 200 and other paths 404 where it doesn't say. */
  responds?: Record<string, number>
  /** How long an update takes until the service is ready again. */
  readyAfter?: Duration
  /** How long a change of ingress, invoker check, IAP or policy takes to reach the URL. */
  propagation?: Duration
}

/** A secret and its versions, oldest first; version numbers count from 1. */
export type ScenarioSecret = { versions: ScenarioVersion[] }

/** One version's payload, as text or as base64, and its state. */
export type ScenarioVersion = { text?: string; base64?: string; state?: 'enabled' | 'disabled' | 'destroyed' }

/** One service account and its keys. */
export type ScenarioServiceAccount = { displayName?: string; disabled?: boolean; keys?: ScenarioKey[] }

/** A key of a service account: `user` ones are the downloaded files that teams want to be rid of. */
export type ScenarioKey = { type: 'user' | 'system'; created?: string; expires?: string; disabled?: boolean }

const unitMs: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** A duration in milliseconds, or the fallback where none is given; throws on text that the schema would have refused. */
export function durationMs(duration: Duration | undefined, fallback = 0): number {
  if (duration === undefined) return fallback
  const [, count, unit] = /^([0-9]+)(ms|s|m|h)$/.exec(duration) ?? []
  if (count === undefined || unit === undefined) throw new Error(`'${duration}' is not a duration`)
  return Number(count) * unitMs[unit]!
}
