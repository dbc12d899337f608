import type { Duration, Ingress, ScenarioBinding } from './scenario-values.ts'

/** Which calls fail, and how. */
export type FaultRule = { on: FaultTarget; answer: Fault }

/**
 * The calls that a fault applies to: by method and, optionally, by the resource they concern (a service, secret, email,
 * API, workflow run or project) and by project id. The service is one that the sandbox simulates itself, with a method of
 * its list, or any API of the SDK, with the id that the SDK gives the method (`compute.instances.stop`).
 */
export type FaultTarget = {
  service: string
  method: string
  resource?: string
  project?: string
  /** Which of the matching calls, counted from 1 and including a client's own retries; defaults to the first. */
  calls?: number | number[] | { from: number; to?: number } | 'every'
}

/** Faults that the sandbox draws from a seed; the same seed draws the same faults. */
export type DrawnFaults = { seed: number; count?: number }

/** What happens to a call; the first key is the kind of fault. */
export type Fault =
  /** An error in the API's own form; with `applied`, the change is still made. `reason` is the canonical status code. */
  | { status: number; reason?: string; message?: string; retryAfter?: Duration; applied?: boolean }
  /** The API isn't enabled in the project. */
  | { apiDisabled: true }
  /** An organization policy refuses the change; the value is the constraint's name, such as `constraints/run.allowedIngress`. */
  | { orgPolicy: string }
  /** A web page with this status instead of JSON, as from a captive portal; nothing is changed. */
  | { html: number }
  /** The connection breaks before or after the change is made. */
  | { drop: 'before' | 'after' }
  /** The change is made and the answer breaks off halfway. */
  | { truncate: true }
  /** No answer ever; nothing is changed or, with `applied`, everything is. */
  | { hang: true; applied?: boolean }
  /** The change takes effect this much later by the sandbox's clock; the client gets no answer, or a broken connection. */
  | { late: Duration; reply: 'hang' | 'drop' }
  /** The change is made at once and the answer comes this much later. */
  | { slow: Duration }
  /** Someone else writes the same resource just before, so that the caller's etag is stale. */
  | { concurrentWriter: true | ConcurrentWrite }
  /** The update is accepted, then the service fails to become ready with this message. */
  | { readyFalse: string }
  /** The update is accepted and the service never settles. */
  | { readyUnknown: true }
  /** The change is accepted but reaches `ingress-status`, the URL or the identities concerned only later. */
  | { propagation: Duration }
  /** The account is created but becomes visible only later. */
  | { newAccount: NewAccountPace }
  /** The version is added but `latest` still means the previous one for a while; with `listToo`, lists omit it as long. */
  | { latestLags: Duration; listToo?: boolean }

/** What the concurrent writer changes in a service, policy, secret or account; each method takes its own keys. */
export type ConcurrentWrite = {
  ingress?: Ingress
  invokerCheck?: boolean
  iap?: boolean
  annotations?: Record<string, string>
  bind?: ScenarioBinding[]
  unbind?: ScenarioBinding[]
  /** The payload of another version. */
  text?: string
  /** The display name of an account that someone else created. */
  displayName?: string
}

/** How a service account that was just created becomes visible. */
export type NewAccountPace = {
  /** How long reads of the account return 404. */
  visibleAfter?: Duration
  /** How long after that every second read still returns 404. */
  flapsFor?: Duration
  /** How long policies that name it are refused because it "does not exist"; defaults to `visibleAfter`. */
  bindableAfter?: Duration
}
