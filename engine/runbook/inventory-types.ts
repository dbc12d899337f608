/** A team's environments and what they must look like: the parity contract, for machines. */
export type Inventory = {
  name: string
  repository: Repository
  environments: Record<string, Environment>
}

/** One Google Cloud project that the team runs in, and what must be true of it. */
export type Environment = {
  name: string
  project: string
  region: string
  /** A change here asks for more care than elsewhere: production. */
  protected: boolean
  /** The environment that releases come from, where the team says so. */
  promotesFrom?: string
  services: Service[]
  identities: Identity[]
  secrets: Secret[]
  apis: string[]
}

/** A Cloud Run service and its expected posture. */
export type Service = {
  name: string
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
}
