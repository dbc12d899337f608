import type { Access } from './access.ts'
import type { Risk } from './types.ts'

/** A team's environments and what they must look like: the parity contract, for machines. */
export type Inventory = {
  name: string
  repository: Repository
  environments: Record<string, Environment>
  /** Who must consent beside the operator, where the team says so. */
  policy?: Policy
  notices: Webhook[]
  knownDifferences: KnownDifference[]
}

/** How many others must approve a plan, who they are, and by which keys they are known. Paths are from the inventory's folder. */
export type Policy = {
  allowedSigners: string
  revokedKeys?: string
  /** Principals by group. */
  approvers: Record<string, string[]>
  approvals: PolicyRule[]
}

/** What plans of a risk (and higher) in some environments need: how many approvals of each group. */
export type PolicyRule = { environments?: string[]; risk: Risk; from: Record<string, number> }

/** What a webhook can be told of. */
export type NoticeKind = 'opened' | 'needs-approval' | 'applied' | 'failed' | 'solo-override' | 'closed'

/** Where notices go, and which. */
export type Webhook = {
  address: { url: string } | { urlFrom: string }
  form: 'json' | 'slack'
  on: NoticeKind[]
}

/** Drift that the team knows of: which step (`*` stands for any text), where, why, and the last day (UTC) on which it is known. */
export type KnownDifference = { step: string; environment: string; reason: string; expires: string }

/** One Google Cloud project that the team runs in, and what must be true of it. */
export type Environment = {
  name: string
  project: string
  region: string
  /** A change here asks for more care than elsewhere: production. */
  protected: boolean
  /** The environment that releases come from, where the team says so. */
  promotesFrom?: string
  /** How Google Cloud is reached from where people work, where that has to be said. */
  access?: Access
  services: Service[]
  identities: Identity[]
  secrets: Secret[]
  apis: string[]
}

/** A Cloud Run service and its expected posture. */
export type Service = {
  name: string
  /** Where it is: the environment's region, unless the file says another. */
  region: string
  /** `public`: takes traffic from everywhere without an IAM check. `internal`: it doesn't. */
  posture: 'public' | 'internal'
  /** Whether Identity-Aware Proxy stands before it, where the team says so. */
  iap?: boolean
  /** The name of the identity that it runs as, where the team says so. */
  identity?: string
  /** A path that answers 200 when the service is well: `/api/health`. */
  health?: string
  /** Its identity-related environment variables. */
  environmentKeys: { required: string[]; deprecated: string[] }
}

/** The repository that deploys the services: `owner/name` on GitHub (empty where the team names none), and paths by a name of the team's. */
export type Repository = { name: string; files: Record<string, string> }

/** A service account and exactly the roles that it needs on its project. */
export type Identity = {
  /** The part of the e-mail before the `@`. */
  name: string
  displayName: string
  roles: string[]
  /** Whether it may have keys that people made and keep. */
  userManagedKeys: boolean
}

/** A Secret Manager secret and the environments whose value it must equal. */
export type Secret = {
  name: string
  references: string[]
  /** A value which is too short to be masked is no reason to stop. */
  mayBeShort?: boolean
  /** A value that equals a public name or number is no reason to refuse data that holds it. */
  mayBeShown?: boolean
}
