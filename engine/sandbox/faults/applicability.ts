import type { ApiMethod, MethodFault } from '../model/api.ts'
import type { Fault } from '../model/fault.ts'
import { mutates } from '../model/methods.ts'
import { apiMethod, routes } from '../services/apis.ts'

/** The key that names the kind of a fault; other keys are its parameters. */
export type FaultKind = Exclude<KeyOf<Fault>, 'reason' | 'message' | 'retryAfter' | 'applied' | 'listToo' | 'reply'>

type KeyOf<Each> = Each extends Each ? keyof Each : never

/** Which methods a kind of fault applies to, and how to say so in an error. */
type Applicability = { fits(service: string, method: string): boolean; needs: string }

const anywhere: Applicability = { fits: () => true, needs: 'any method' }

/** Returns the methods whose API says that a fault applies to them. */
const declared = (isDeclared: (method: ApiMethod | undefined) => boolean): Applicability => ({
  fits: (service, method) => isDeclared(apiMethod(service, method)),
  needs: routes.flatMap((route) => (isDeclared(route) ? [route.method] : [])).join(', '),
})
const byMethod = (kind: MethodFault): Applicability => declared((method) => method?.faults?.includes(kind) === true)

/** Maps each kind of fault to the methods it applies to. */
const applicability: Record<FaultKind, Applicability> = {
  status: anywhere,
  html: anywhere,
  drop: anywhere,
  truncate: anywhere,
  late: { fits: (service, method) => service !== 'web' && mutates(method), needs: 'methods that change something' },
  hang: anywhere,
  slow: anywhere,
  apiDisabled: { fits: (service) => service !== 'web' && service !== 'github', needs: "methods of Google's APIs" },
  orgPolicy: byMethod('orgPolicy'),
  concurrentWriter: declared((method) => method?.concurrentWriter !== undefined),
  readyFalse: byMethod('readyFalse'),
  readyUnknown: byMethod('readyUnknown'),
  propagation: byMethod('propagation'),
  newAccount: byMethod('newAccount'),
  latestLags: byMethod('latestLags'),
}

/** Returns the kind of a fault. */
export const kindOf = (fault: Fault): FaultKind => Object.keys(applicability).find((kind) => kind in fault) as FaultKind

/** Returns whether a fault fits a method. */
export const appliesTo = (fault: Fault, service: string, method: string): boolean =>
  applicability[kindOf(fault)].fits(service, method)

/** Names the methods that a fault fits, for people. */
export const describeMethods = (fault: Fault): string => applicability[kindOf(fault)].needs

/** Lists the faults that a call of a method can meet in real life; seeds draw from them, and the fault sweep tries each. */
export function plausibleFaults(service: string, method: string): Fault[] {
  const candidates: Fault[] = mutates(method) ? [...onEveryCall, ...onChanges] : onEveryCall
  return candidates.filter((fault) => appliesTo(fault, service, method))
}

const onEveryCall: Fault[] = [
  { status: 403 },
  { status: 401 },
  { status: 429, retryAfter: '2s' },
  { status: 500 },
  { status: 503 },
  { apiDisabled: true },
  { html: 200 },
  { drop: 'before' },
  { truncate: true },
  { slow: '300ms' },
]

const onChanges: Fault[] = [
  { drop: 'after' },
  { status: 503, applied: true },
  { orgPolicy: 'constraints/custom.forbidden' },
  { concurrentWriter: true },
  { readyFalse: 'The user-provided container failed to start and listen on the port.' },
  { propagation: '7m' },
  { newAccount: { visibleAfter: '30s', flapsFor: '10s' } },
  { newAccount: { bindableAfter: '40s' } },
  { latestLags: '2m' },
  { latestLags: '2m', listToo: true },
]
