import type { Ingress } from '../model/scenario-values.ts'
import type { Posture, RunService } from '../model/world.ts'
import { grants } from './policy.ts'

/** The annotation that sets the ingress. */
export const ingressAnnotation = 'run.googleapis.com/ingress'

/** The annotation that turns the invoker check off; clients write `True` or `true`. */
export const invokerAnnotation = 'run.googleapis.com/invoker-iam-disabled'

/** The annotation that puts Identity-Aware Proxy in front of a service. */
export const iapAnnotation = 'run.googleapis.com/iap-enabled'

/** Returns the posture that a service's annotations and policy ask for. */
export function desiredPosture({ annotations, policy }: RunService): Posture {
  const on = (key: string) => String(annotations[key] ?? '').toLowerCase() === 'true'
  return {
    ingress: (annotations[ingressAnnotation] ?? 'all') as Ingress,
    invokerCheck: !on(invokerAnnotation),
    iap: on(iapAnnotation),
    allUsersInvoke: grants(policy, 'roles/run.invoker', 'allUsers'),
  }
}

/** Schedules the desired posture to reach the URL after the service's propagation time. */
export function propagate(service: RunService, now: number, afterMs = service.propagationMs): void {
  service.postures = [
    ...service.postures.filter(
      (posture, i) => i >= service.postures.length - 1 || posture.from > now - Math.max(afterMs, service.propagationMs),
    ),
    { from: service.postures.length === 0 ? now : now + afterMs, ...desiredPosture(service) },
  ]
}

/** Returns the posture that the URL enforces now. */
export const servingPosture = ({ postures }: RunService, now: number): Posture =>
  postures.findLast(({ from }) => from <= now) ?? postures[0]!
