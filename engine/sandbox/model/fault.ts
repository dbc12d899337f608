import type { Method, Service } from './methods.ts'
import type { Duration, Ingress, ScenarioBinding } from './scenario-values.ts'

/** Which calls go wrong, and how. */
export type FaultRule = { on: FaultTarget; answer: Fault }

/** The calls that a fault meets: by method, and where given by the name of the service, secret, e-mail, API, workflow run or project that they are about, and by the project's id. */
export type FaultTarget = {
  service: Service
  method: Method
  resource?: string
  project?: string
  /** Which of the matching calls, counted from 1, a client's own retries included; the first one when left out. */
  calls?: number | number[] | { from: number; to?: number } | 'every'
}

/** Faults that the sandbox draws itself: the same seed gives the same ones. */
export type DrawnFaults = { seed: number; count?: number }

/** What befalls a call: the closed list, each told by its first key. */
export type Fault =
  /** An error in the API's own form; with `applied`, the change is made all the same. `reason` is the canonical status word. */
  | { status: number; reason?: string; message?: string; retryAfter?: Duration; applied?: boolean }
  /** The API isn't enabled in the project. */
  | { apiDisabled: true }
  /** An organization policy refuses the change: the constraint's name, such as `constraints/run.allowedIngress`. */
  | { orgPolicy: string }
  /** A web page with this status where JSON was due, as a captive portal gives; nothing is done. */
  | { html: number }
  /** The connection breaks, before or after the change is made. */
  | { drop: 'before' | 'after' }
  /** The change is made and the answer breaks off half-way. */
  | { truncate: true }
  /** No answer ever; nothing is done, or with `applied` all of it. */
  | { hang: true; applied?: boolean }
  /** The change takes effect only this much later, by the sandbox's clock; its client has no answer ever, or a broken connection. */
  | { late: Duration; reply: 'hang' | 'drop' }
  /** The change is made at once and the answer comes this much later. */
  | { slow: Duration }
  /** Somebody else writes the same object just before, so that the writer's etag is stale. */
  | { concurrentWriter: true | OtherWrite }
  /** The update is taken and the service then fails to become ready, with this message. */
  | { readyFalse: string }
  /** The update is taken and the service never settles. */
  | { readyUnknown: true }
  /** The change is taken, and reaches `ingress-status` and the URL, or the identities that it is about, only later. */
  | { propagation: Duration }
  /** The account is made, and others see it only later. */
  | { newAccount: NewAccountPace }
  /** The version is added, and `latest` still means the one before for a while; with `listToo`, lists lack it as long. */
  | { latestLags: Duration; listToo?: boolean }

/** What somebody else writes: of a service, of a policy, of a secret or an account; each method takes its own. */
export type OtherWrite = {
  ingress?: Ingress
  invokerCheck?: boolean
  iap?: boolean
  annotations?: Record<string, string>
  bind?: ScenarioBinding[]
  unbind?: ScenarioBinding[]
  /** The payload of another version. */
  text?: string
  /** Of an account that somebody else made. */
  displayName?: string
}

/** How others come to see a service account that was just made. */
export type NewAccountPace = {
  /** How long a created account still answers 404. */
  visibleAfter?: Duration
  /** How long after that every second read still answers 404. */
  flapsFor?: Duration
  /** How long policies that name it are refused, since it "does not exist"; as long as it is invisible when left out. */
  bindableAfter?: Duration
}
