import type { JsonObject } from '../../base/json.ts'
import { durationMs, type ScenarioService } from '../model/scenario.ts'
import type { Project, RunService, World } from '../model/world.ts'
import { newPolicy } from './policy.ts'
import { iapAnnotation, ingressAnnotation, invokerAnnotation } from './posture.ts'
import { defaultReadyAfterMs, newService } from './run-lookup.ts'
import { writeService } from './run-write.ts'
import { iapAgent } from './service-accounts.ts'

/** Creates a service of a scenario, ready from the start. */
export function seedService(world: World, project: Project, name: string, given: ScenarioService): RunService {
  const service = newService(world, { name, region: given.region })
  service.responds = { ...service.responds, ...given.responds }
  service.readyAfterMs = 0
  const invokers = [...(given.invokers ?? []), ...(given.iap ? [iapAgent(project.number)] : [])]
  if (invokers.length > 0) service.policy = newPolicy(world.random, [{ role: 'roles/run.invoker', members: invokers }])
  writeService(world, project, service, serviceBody(name, given), { readiness: { kind: 'ready' } })
  service.readyAfterMs = durationMs(given.readyAfter, defaultReadyAfterMs)
  service.propagationMs = durationMs(given.propagation)
  return service
}

/** Returns the Service object of an earlier deployment. */
function serviceBody(name: string, given: ScenarioService): JsonObject {
  const env: JsonObject[] = [
    ...Object.entries(given.env ?? {}).map(([key, value]) => ({ name: key, value })),
    ...Object.entries(given.secretEnv ?? {}).map(([key, { secret, version }]) => ({
      name: key,
      valueFrom: { secretKeyRef: { name: secret, key: version } },
    })),
  ]
  const client = { 'run.googleapis.com/client-name': 'gcloud' }
  const container: JsonObject = {
    image: given.image ?? `us-docker.pkg.dev/cloudrun/container/${name}:latest`,
    ports: [{ name: 'http1', containerPort: 8080 }],
    ...(env.length > 0 && { env }),
    resources: { limits: { cpu: '1000m', memory: '512Mi' } },
  }
  return {
    metadata: {
      annotations: {
        ...client,
        'serving.knative.dev/creator': 'deployer@example.com',
        'serving.knative.dev/lastModifier': 'deployer@example.com',
        [ingressAnnotation]: given.ingress ?? 'all',
        ...(given.invokerCheck === false && { [invokerAnnotation]: 'true' }),
        ...(given.iap && { [iapAnnotation]: 'true' }),
        ...given.annotations,
      },
    },
    spec: {
      template: {
        metadata: { annotations: client },
        spec: {
          containerConcurrency: 80,
          timeoutSeconds: 300,
          ...(given.serviceAccount && { serviceAccountName: given.serviceAccount }),
          containers: [container],
        },
      },
      traffic: [{ percent: 100, latestRevision: true }],
    },
  }
}
