import type { JsonObject } from '../../base/json.ts'
import type { ShapeStore } from '../apis/store.ts'
import type { AuditEntry } from './audit-entry.ts'
import type { Clock } from './clock.ts'
import type { NewAccountPace } from './fault.ts'
import type { Random } from './identifiers.ts'
import type { RunConclusion, RunStatus } from './scenario-github.ts'
import type { Ingress } from './scenario-values.ts'

/** The simulated cloud: its state, its time and its source of random ids. Methods change the state in place. */
export type World = {
  projects: Project[]
  /** GitHub's, by full name in lower case. */
  repositories: Map<string, Repository>
  clock: Clock
  random: Random
  /** What was asked for and takes effect only at a moment to come, the next one first. */
  late: { due: number; effect: () => void }[]
  /** What the APIs that are answered by shape have. */
  shapes: ShapeStore
}

/** One project. */
export type Project = {
  id: string
  number: string
  created: number
  apis: Set<string>
  policy: Policy
  /** The policy that still decides until then: what was written since takes effect only later. */
  policyBefore?: { policy: Policy; until: number }
  services: Map<string, RunService>
  secrets: Map<string, Secret>
  /** By e-mail. */
  accounts: Map<string, ServiceAccount>
  newAccounts: NewAccountPace
  /** Its Admin Activity log, oldest first. */
  auditLog: AuditEntry[]
}

/** How what a call starts goes on, where a fault has a say in it. */
export type RunProgress = {
  readiness?: Readiness
  propagationMs?: number
  newAccount?: NewAccountPace
  latestLagMs?: number
  listLagMs?: number
}

/** An IAM policy; bindings are kept in order of role, members sorted. */
export type Policy = { version: number; etag: string; bindings: Binding[] }

/** One role of a policy and who has it. */
export type Binding = { role: string; members: string[]; condition?: JsonObject }

/** A Cloud Run service: what was last written, and what the platform made of it. */
export type RunService = {
  name: string
  region: string
  uid: string
  created: number
  generation: number
  resourceVersion: string
  labels: JsonObject
  annotations: JsonObject
  spec: JsonObject
  policy: Policy
  /** Oldest first; the last one is the latest created. */
  revisions: Revision[]
  /** When the last update began and when it settles. */
  changed: number
  readyAt: number
  readiness: Readiness
  /** What the URL has obeyed since when, oldest first; the last one may be yet to come. */
  postures: (Posture & { from: number })[]
  responds: Record<string, number>
  readyAfterMs: number
  propagationMs: number
}

/** How an update ends once it settles. */
export type Readiness = { kind: 'ready' } | { kind: 'failed'; message: string } | { kind: 'stuck' }

/** What decides who gets through to a service's URL. */
export type Posture = { ingress: Ingress; invokerCheck: boolean; iap: boolean; allUsersInvoke: boolean }

/** One immutable revision. */
export type Revision = {
  name: string
  uid: string
  created: number
  readyAt: number
  readiness: Readiness
  template: JsonObject
}

/** A secret and its versions, oldest first: number n is at index n - 1. */
export type Secret = {
  name: string
  created: number
  labels: JsonObject
  replication: JsonObject
  etag: string
  versions: SecretVersion[]
}

/** One version; a destroyed one has lost its payload. */
export type SecretVersion = {
  created: number
  state: 'ENABLED' | 'DISABLED' | 'DESTROYED'
  payload: Buffer
  etag: string
  checksumGiven: boolean
  /** When `latest` comes to mean it, and when lists come to have it. */
  latestFrom: number
  listedFrom: number
  destroyed?: number
}

/** A service account; `reads` counts the reads since it became visible, for flapping. */
export type ServiceAccount = {
  email: string
  uniqueId: string
  displayName: string
  description: string
  disabled: boolean
  etag: string
  visibleAt: number
  flapsUntil: number
  /** When policies come to take it. */
  bindableAt: number
  reads: number
  keys: AccountKey[]
}

/** A key of a service account, with its times as the API writes them. */
export type AccountKey = { id: string; type: 'user' | 'system'; created: string; expires: string; disabled: boolean }

/** A GitHub repository and its workflow runs by id. */
export type Repository = { fullName: string; runs: Map<string, WorkflowRun> }

/** A workflow run as it will be once it `completes`; times in ms. */
export type WorkflowRun = {
  id: string
  name: string
  status: RunStatus
  conclusion: RunConclusion | null
  attempt: number
  number: number
  workflowId: number
  headSha: string
  created: number
  updated: number
  completes: number
}
