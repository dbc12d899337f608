import type { Fault } from '../model/fault.ts'
import { type Method, mutates, type Service } from '../model/methods.ts'

/** The key that names the kind of a fault; other keys are its parameters. */
export type FaultKind = Exclude<KeyOf<Fault>, 'reason' | 'message' | 'retryAfter' | 'applied' | 'listToo' | 'reply'>

type KeyOf<Each> = Each extends Each ? keyof Each : never

/** Which methods a kind of fault fits, and how to say so in an error. */
type Applicability = { fits(service: Service, method: Method): boolean; needs: string }

const anywhere: Applicability = { fits: () => true, needs: 'any method' }
const on = (...wanted: Method[]): Applicability => ({
  fits: (service, method) => service !== 'web' && wanted.includes(method),
  needs: wanted.join(', '),
})
const settling = on('services.replace')

/** Maps each kind of fault to the methods it fits. */
const applicability: Record<FaultKind, Applicability> = {
  status: anywhere,
  html: anywhere,
  drop: anywhere,
  truncate: anywhere,
  late: { fits: (service, method) => service !== 'web' && mutates(method), needs: 'methods that change something' },
  hang: anywhere,
  slow: anywhere,
  apiDisabled: { fits: (service) => service !== 'web' && service !== 'github', needs: "methods of Google's APIs" },
  orgPolicy: on('services.replace', 'services.setIamPolicy', 'projects.setIamPolicy', 'serviceAccounts.create'),
  concurrentWriter: on(
    'services.replace',
    'services.setIamPolicy',
    'projects.setIamPolicy',
    'versions.add',
    'serviceAccounts.create',
  ),
  readyFalse: settling,
  readyUnknown: settling,
  propagation: on('services.replace', 'services.setIamPolicy', 'projects.setIamPolicy'),
  newAccount: on('serviceAccounts.create'),
  latestLags: on('versions.add'),
}

/** Returns the kind of a fault. */
export const kindOf = (fault: Fault): FaultKind => Object.keys(applicability).find((kind) => kind in fault) as FaultKind

/** Returns whether a fault fits a method. */
export const appliesTo = (fault: Fault, service: Service, method: Method): boolean =>
  applicability[kindOf(fault)].fits(service, method)

/** Names the methods that a fault fits, for people. */
export const describeMethods = (fault: Fault): string => applicability[kindOf(fault)].needs

/** Lists the faults that a call of a method can meet in real life; seeds draw from them, and the fault sweep tries each. */
export function plausibleFaults(service: Service, method: Method): Fault[] {
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
