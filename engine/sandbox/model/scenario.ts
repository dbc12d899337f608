import type { Json, JsonObject } from '../../base/json.ts'
import type { Expected } from '../../report/expected.ts'
import type { DrawnFaults, FaultRule, NewAccountPace } from './fault.ts'
import type { ScenarioRepository } from './scenario-github.ts'
import type { Duration, Ingress, ScenarioBinding } from './scenario-values.ts'

/** A scenario file: the initial Google Cloud of a sandbox, its faults, and what a rehearsal runs; mirrors `schemas/scenario.schema.json`. */
export type Scenario = {
  apiVersion: 'breakglass/v1'
  kind: 'Scenario'
  metadata: { name: string; title: string; description?: string }
  /** The scenario's inventory file, relative to the scenario file. */
  inventory?: string
  rehearsal?: Rehearsal
  /** How the rehearsal must end; `breakglass test` compares this with the result. */
  expected?: Expected
  /** Project id → the project's contents. */
  projects: Record<string, ScenarioProject>
  /** GitHub `owner/name` → the repository's contents. */
  github?: Record<string, ScenarioRepository>
  /** Resources of the described APIs. */
  resources?: ScenarioResource[]
  faults?: FaultRule[]
  drawnFaults?: DrawnFaults
}

/** A resource of an API that the SDK describes; `path` is its name in the API's URL, from behind the version on. */
export type ScenarioResource = { api: string; version?: string; path: string; body: JsonObject }

/** What a rehearsal of the scenario runs, as given on the command line. */
export type Rehearsal = {
  runbooks: string[]
  environment: string
  title?: string
  reason: string
  /** The checkout that the backfill is checked against: a folder relative to the scenario file. */
  repository?: string
  inputs?: Record<string, Json>
}

/** One project's initial state; only the number has no default. */
export type ScenarioProject = {
  /** The project number, in digits. */
  number: string
  /** Enabled APIs; defaults to those that the sandbox simulates. */
  apis?: string[]
  services?: Record<string, ScenarioService>
  secrets?: Record<string, ScenarioSecret>
  iamBindings?: ScenarioBinding[]
  /** Account id (before the `@`) → the service account; the Compute Engine default account always exists. */
  serviceAccounts?: Record<string, ScenarioServiceAccount>
  /** How the project's new accounts become visible. */
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
  /** Email; defaults to the project's Compute Engine default account. */
  serviceAccount?: string
  image?: string
  env?: Record<string, string>
  secretEnv?: Record<string, { secret: string; version: string }>
  annotations?: Record<string, string>
  /** Path → HTTP status of the service's own answer; defaults to 200 for `/` and 404 for other paths. */
  responds?: Record<string, number>
  /** How long after an update the service becomes ready. */
  readyAfter?: Duration
  /** How long a change of ingress, invoker check, IAP or policy takes to reach the URL. */
  propagation?: Duration
}

/** A secret and its versions, oldest first; version numbers start at 1. */
export type ScenarioSecret = { versions: ScenarioVersion[] }

/** One version's payload, as text or base64, and its state. */
export type ScenarioVersion = { text?: string; base64?: string; state?: 'enabled' | 'disabled' | 'destroyed' }

/** One service account and its keys. */
export type ScenarioServiceAccount = { displayName?: string; disabled?: boolean; keys?: ScenarioKey[] }

/** A key of a service account; a `user` key is a downloaded file, which teams want to get rid of. */
export type ScenarioKey = { type: 'user' | 'system'; created?: string; expires?: string; disabled?: boolean }

const unitMs: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** Converts a duration to milliseconds, or returns the fallback if there is none; throws on text that the schema would reject. */
export function durationMs(duration: Duration | undefined, fallback = 0): number {
  if (duration === undefined) return fallback
  const [, count, unit] = /^([0-9]+)(ms|s|m|h)$/.exec(duration) ?? []
  if (count === undefined || unit === undefined) throw new Error(`'${duration}' is not a duration`)
  return Number(count) * unitMs[unit]!
}
