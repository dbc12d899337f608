import type { JsonObject } from '../../base/json.ts'
import type { ShapeStore } from '../apis/store.ts'
import type { AuditEntry } from './audit-entry.ts'
import type { Clock } from './clock.ts'
import type { NewAccountPace } from './fault.ts'
import type { Random } from './identifiers.ts'
import type { RunConclusion, RunStatus } from './scenario-github.ts'
import type { Ingress } from './scenario-values.ts'

/** The simulated cloud: its state, time and source of random ids. Methods change the state in place. */
export type World = {
  projects: Project[]
  /** GitHub's, by full name in lower case. */
  repositories: Map<string, Repository>
  clock: Clock
  random: Random
  /** Accepted changes that take effect later, the next one first. */
  late: { due: number; effect: () => void }[]
  /** The state of the described APIs. */
  shapes: ShapeStore
}

/** One project. */
export type Project = {
  id: string
  number: string
  created: number
  /** Its display name. */
  name: string
  state: 'ACTIVE' | 'DELETE_REQUESTED'
  labels: JsonObject
  parent?: { type: string; id: string }
  apis: Set<string>
  policy: Policy
  /** The policy that stays in effect until a time, because the current one takes effect only then. */
  policyBefore?: { policy: Policy; until: number }
  services: Map<string, RunService>
  secrets: Map<string, Secret>
  /** By email. */
  accounts: Map<string, ServiceAccount>
  newAccounts: NewAccountPace
  /** Its Admin Activity log, oldest first. */
  auditLog: AuditEntry[]
}

/** What a fault changes about the effects of a call. */
export type CallEffects = {
  readiness?: Readiness
  propagationMs?: number
  newAccount?: NewAccountPace
  latestLagMs?: number
  listLagMs?: number
}

/** An IAM policy; bindings are sorted by role, and their members too. */
export type Policy = { version: number; etag: string; bindings: Binding[] }

/** One role of a policy and its members. */
export type Binding = { role: string; members: string[]; condition?: JsonObject }

/** A Cloud Run service: what was last written, and its resulting state. */
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
  /** What the URL enforces from which time on, oldest first; the last one may lie ahead. */
  postures: (Posture & { from: number })[]
  responds: Record<string, number>
  readyAfterMs: number
  propagationMs: number
}

/** How an update ends once it settles. */
export type Readiness = { kind: 'ready' } | { kind: 'failed'; message: string } | { kind: 'stuck' }

/** What decides who can reach a service's URL. */
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

/** One version; a destroyed version has no payload. */
export type SecretVersion = {
  created: number
  state: 'ENABLED' | 'DISABLED' | 'DESTROYED'
  payload: Buffer
  etag: string
  checksumGiven: boolean
  /** When `latest` starts to mean this version, and when lists start to include it. */
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
  /** When policies start to accept it. */
  bindableAt: number
  reads: number
  keys: AccountKey[]
}

/** A key of a service account, with times as the API writes them. */
export type AccountKey = { id: string; type: 'user' | 'system'; created: string; expires: string; disabled: boolean }

/** A GitHub repository and its workflow runs by id. */
export type Repository = { fullName: string; runs: Map<string, WorkflowRun> }

/** A workflow run in its final state, reached at `completes`; times in ms. */
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
