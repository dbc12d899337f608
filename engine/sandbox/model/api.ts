import type { Json, JsonObject } from '../../base/json.ts'
import type { Call } from './call.ts'
import type { ConcurrentWrite } from './fault.ts'
import type { ApiService, GoogleService, Method, MethodOf, ReadMethod } from './methods.ts'
import type { ScenarioProject } from './scenario.ts'
import type { Project, World } from './world.ts'

/** Everything the sandbox knows about one of Google's APIs. */
export type GoogleApi<Service extends GoogleService> = {
  methods: { [Each in MethodOf<Service>]: Each extends ReadMethod ? ApiMethod : ApiMethod & { audited: AuditNaming } }
  /** Its host may start with a region: `us-central1-run.sandbox`. */
  regional?: true
  /** Returns the permission that a method requires (cloud.google.com/iam/docs/permissions-reference). */
  permission(method: Method): string
  /** Words a denied permission as the API does. */
  denied(subject: ErrorSubject, permission: string): ErrorText
  /** Finds the project of a call whose path doesn't name one; undefined if it does. */
  impliedProject?(world: World, params: Record<string, string>): Project | undefined
  /** The API's error for a project that doesn't exist, if it has its own. */
  noProject?: string
  /** Fills a project with the initial resources of a scenario. */
  seed?(world: World, project: Project, given: ScenarioProject): void
  /** Returns the project's resources of this API for comparison before and after. */
  snapshot?(world: World, project: Project): JsonObject
}

/** One method of an API: the requests it matches, what it does, and which faults apply to it. It returns the answer's JSON or throws a `Refusal`. */
export type ApiMethod = {
  verb: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** `/v1/projects/{project}/secrets/{secret}`, or several such paths. */
  path: string | string[]
  /** Returns the audit log name of a call; every method that changes something has one. */
  audited?: AuditNaming
  /** The faults that apply, besides those that apply to any method. */
  faults?: readonly MethodFault[]
  /** How a concurrent writer changes the call's resource, if one can. */
  concurrentWriter?: ConcurrentWriter
} & (
  | { handle: (world: World, project: Project, call: Call) => Json }
  /** For the few methods that don't belong to a project. */
  | { handleAll: (world: World, call: Call) => Json }
)

/** A method at one of its paths. */
export type Route = ApiMethod & { service: ApiService; method: Method; path: string }

/** A route whose path matched, with its path parameters. */
export type Match = { route: Route; params: Record<string, string> }

/** The kinds of fault that apply only to the methods that list them. */
export type MethodFault = 'orgPolicy' | 'readyFalse' | 'readyUnknown' | 'propagation' | 'newAccount' | 'latestLags'

/** What a concurrent writer can change, and how; `accountId` names the account to create. */
export type ConcurrentWriter = {
  keys: readonly (keyof ConcurrentWrite)[]
  write(world: World, project: Project, target: { resource: string; accountId: string }, change: ConcurrentWrite): void
}

/** The call that an error answers: its method and resource, and the project's id and number. */
export type ErrorSubject = {
  service: string
  method: string
  resource: string
  project?: string
  number: string
}

/** An error's message and details, without its status. */
export type ErrorText = { message: string; details?: JsonObject[] }

/** A mutating call, as far as its audit log name depends on it; `params` are its path parameters. */
export type ChangingCall = {
  service: GoogleService
  method: Method
  params: Record<string, string>
  body: JsonObject
}

/** A call's name in the audit log: its method, resource name and monitored resource. */
export type AuditName = { methodName: string; resourceName: string; resource: { type: string; labels: JsonObject } }

/** Names a call in the audit log, as listed on its API's page on audit logging. */
export type AuditNaming = (project: Project, call: ChangingCall) => AuditName

/** Returns the monitored resource of APIs without one of their own. */
export const auditedResource = (project: string, service: string, method: string): AuditName['resource'] => ({
  type: 'audited_resource',
  labels: { method, project_id: project, service: `${service}.googleapis.com` },
})
