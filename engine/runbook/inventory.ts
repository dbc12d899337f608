import type { Access } from './access.ts'
import type { Risk } from './types.ts'

/** A team's environments and their expected state. */
export type Inventory = {
  name: string
  repository: Repository
  environments: Record<string, Environment>
  /** Who must approve a plan in addition to the operator, if anyone. */
  policy?: Policy
  notices: Webhook[]
  knownDifferences: KnownDifference[]
}

/** The approval policy: who must approve a plan, and their keys. Paths are relative to the inventory's folder. */
export type Policy = {
  allowedSigners: string
  revokedKeys?: string
  /** Principals by group. */
  approvers: Record<string, string[]>
  approvals: PolicyRule[]
}

/** The number of approvals per group for plans of a risk (and higher) in some environments. */
export type PolicyRule = { environments?: string[]; risk: Risk; from: Record<string, number> }

/** The kinds of notices that a webhook can receive. */
export type NoticeKind = 'opened' | 'needs-approval' | 'applied' | 'failed' | 'solo-override' | 'closed'

/** A webhook and the notices it receives. */
export type Webhook = {
  address: { url: string } | { urlFrom: string }
  form: 'json' | 'slack'
  on: NoticeKind[]
}

/** Accepted drift: the step (`*` matches any text), the environment, the reason, and the last day (UTC) on which it is accepted. */
export type KnownDifference = { step: string; environment: string; reason: string; expires: string }

/** A Google Cloud project and its expected state. */
export type Environment = {
  name: string
  project: string
  region: string
  /** Whether changes need extra confirmation, as in production. */
  protected: boolean
  /** The environment that releases come from, if any. */
  promotesFrom?: string
  /** How to reach Google Cloud, if not with gcloud's own configuration. */
  access?: Access
  services: Service[]
  identities: Identity[]
  secrets: Secret[]
  apis: string[]
}

/** A Cloud Run service and its expected posture. */
export type Service = {
  name: string
  /** The region of the service; by default, that of the environment. */
  region: string
  /** `public` receives traffic from anywhere without an IAM check; `internal` does not. */
  posture: 'public' | 'internal'
  /** Whether Identity-Aware Proxy must protect the service; undefined if it is not checked. */
  iap?: boolean
  /** The name of the identity that the service runs as; undefined if it is not checked. */
  identity?: string
  /** A path that answers 200 if the service is healthy: `/api/health`. */
  health?: string
  /** The identity-related environment variables of the service. */
  environmentKeys: { required: string[]; deprecated: string[] }
}

/** The repository that deploys the services: `owner/name` on GitHub, or empty, and paths by name. */
export type Repository = { name: string; files: Record<string, string> }

/** A service account and exactly the roles it needs on its project. */
export type Identity = {
  /** The part of the email address before the `@`. */
  name: string
  displayName: string
  roles: string[]
  /** Whether the account may have user-managed keys. */
  userManagedKeys: boolean
}

/** A Secret Manager secret and the environments whose value it must equal. */
export type Secret = {
  name: string
  references: string[]
  /** Allows a value that is too short to mask. */
  mayBeShort?: boolean
  /** Allows data that contains the value, because it equals a public name or number. */
  mayBeShown?: boolean
}
