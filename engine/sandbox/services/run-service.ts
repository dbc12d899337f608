import type { Json, JsonObject } from '../../base/json.ts'
import { own } from '../../base/own.ts'
import { timestamp } from '../model/clock.ts'
import { projectHash, sha256 } from '../model/identifiers.ts'
import type { Project, Readiness, Revision, RunService, World } from '../model/world.ts'
import { servingPosture } from './posture.ts'
import { readyRevision, trafficJson } from './run-traffic.ts'

/** Annotations that Cloud Run sets itself, whatever a client sends. */
export const platformAnnotations = [
  'run.googleapis.com/ingress-status',
  'run.googleapis.com/operation-id',
  'run.googleapis.com/urls',
]

/** The region codes in services' URLs; for other regions, the first letters of their parts. */
const regionCodes: Record<string, string> = {
  'us-central1': 'uc',
  'us-east1': 'ue',
  'us-east4': 'uk',
  'us-west1': 'uw',
  'europe-west1': 'ew',
  'europe-west4': 'ez',
  'asia-northeast1': 'an',
  'asia-east1': 'de',
}

/** Returns the two hosts of a service, the one in its status first (cloud.google.com/run/docs/triggering/https-request). */
export function serviceHosts({ number }: Project, { name, region }: RunService): [string, string] {
  const code =
    own(regionCodes, region) ??
    region
      .split('-')
      .map((part) => part[0])
      .join('')
  return [`${name}-${projectHash(number)}-${code}.a.run.app`, `${name}-${number}.${region}.run.app`]
}

/** Returns a service as Cloud Run's Knative-style API does (cloud.google.com/run/docs/reference/rest/v1/namespaces.services#Service). */
export function serviceJson(world: World, project: Project, service: RunService): JsonObject {
  const hosts = serviceHosts(project, service).map((host) => `http://${host}`)
  return {
    apiVersion: 'serving.knative.dev/v1',
    kind: 'Service',
    metadata: {
      name: service.name,
      namespace: project.number,
      selfLink: `/apis/serving.knative.dev/v1/namespaces/${project.number}/services/${service.name}`,
      uid: service.uid,
      resourceVersion: service.resourceVersion,
      generation: service.generation,
      creationTimestamp: timestamp(service.created),
      labels: { ...service.labels, 'cloud.googleapis.com/location': service.region },
      annotations: {
        ...service.annotations,
        'run.googleapis.com/ingress-status': servingPosture(service, world.clock.now()).ingress,
        'run.googleapis.com/urls': JSON.stringify(hosts),
      },
    },
    spec: service.spec,
    status: statusJson(world, service, hosts[0]!),
  }
}

/** Returns a revision, with its image's digest, which clients pin when they change anything else. */
export function revisionJson(world: World, project: Project, service: RunService, revision: Revision): JsonObject {
  const { metadata, spec } = revision.template as { metadata?: JsonObject; spec?: JsonObject }
  const ready = conditions(['Ready'], revision.readiness, revision.readyAt, world.clock.now(), revision.created)
  return {
    apiVersion: 'serving.knative.dev/v1',
    kind: 'Revision',
    metadata: {
      name: revision.name,
      namespace: project.number,
      uid: revision.uid,
      resourceVersion: revision.uid.slice(0, 8),
      generation: 1,
      creationTimestamp: timestamp(revision.created),
      labels: {
        ...(metadata?.labels as JsonObject | undefined),
        'serving.knative.dev/configuration': service.name,
        'serving.knative.dev/service': service.name,
        'cloud.googleapis.com/location': service.region,
      },
      annotations: { ...(metadata?.annotations as JsonObject | undefined) },
    },
    spec: spec ?? {},
    status: { observedGeneration: 1, conditions: ready, imageDigest: imageDigest(spec) },
  }
}

function statusJson(world: World, service: RunService, url: string): JsonObject {
  const now = world.clock.now()
  const ready = readyRevision(service, now)?.name
  const types = ['Ready', 'ConfigurationsReady', 'RoutesReady']
  return {
    observedGeneration: service.generation,
    conditions: conditions(types, service.readiness, service.readyAt, now, service.changed),
    latestCreatedRevisionName: service.revisions.at(-1)!.name,
    ...(ready && { latestReadyRevisionName: ready, traffic: trafficJson(service, now, url) }),
    url,
    address: { url },
  }
}

function conditions(types: string[], readiness: Readiness, readyAt: number, now: number, changed: number): Json[] {
  const settled = readyAt <= now && readiness.kind !== 'stuck'
  const status = !settled ? 'Unknown' : readiness.kind === 'ready' ? 'True' : 'False'
  const message = settled && readiness.kind === 'failed' ? { reason: 'RevisionFailed', message: readiness.message } : {}
  return types.map((type) => ({
    type,
    status,
    ...message,
    lastTransitionTime: timestamp(settled ? readyAt : changed),
  }))
}

/** Returns the container that takes the requests: the one with a port, or the only one. */
export function ingressContainer(spec: JsonObject | undefined): JsonObject | undefined {
  const containers = (spec?.containers ?? []) as JsonObject[]
  return containers.find(({ ports }) => Array.isArray(ports) && ports.length > 0) ?? containers[0]
}

function imageDigest(spec: JsonObject | undefined): string {
  const image = String(ingressContainer(spec)?.image ?? '')
  if (image.includes('@sha256:')) return image
  return `${image.replace(/:[^:/]+$/, '')}@sha256:${sha256(Buffer.from(image))}`
}
