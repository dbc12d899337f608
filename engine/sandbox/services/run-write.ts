import { isJsonObject, type JsonObject, sameJson } from '../../base/json.ts'
import { refuse } from '../model/answer.ts'
import type { ConcurrentWrite } from '../model/fault.ts'
import { revisionSuffix, uuid } from '../model/identifiers.ts'
import type { CallEffects, Project, Readiness, Revision, RunService, World } from '../model/world.ts'
import { grants, policyInEffect } from './policy.ts'
import { iapAnnotation, ingressAnnotation, invokerAnnotation, propagate } from './posture.ts'
import { platformAnnotations } from './run-service.ts'
import { checkTraffic } from './run-traffic.ts'
import { computeAccount, missingEmail } from './service-accounts.ts'

const ingresses = ['all', 'internal', 'internal-and-cloud-load-balancing']

/** Replaces a service with a whole Service object, as PUT does; creates a revision only if the template changed. Returns whether anything changed. */
export function writeService(
  world: World,
  project: Project,
  service: RunService,
  body: JsonObject,
  effects: CallEffects = {},
): boolean {
  const { labels, annotations, spec } = accepted(world, project, service, body)
  const sameSpec = sameJson(spec, service.spec)
  if (sameSpec && sameJson(annotations, service.annotations) && sameJson(labels, service.labels)) return false
  const now = world.clock.now()
  const template = spec.template as JsonObject
  const made = sameJson(template, service.spec.template)
    ? []
    : [newRevision(world, project, service, template, now, effects.readiness)]
  const revisions = [...service.revisions, ...made]
  checkTraffic(
    spec,
    revisions.map(({ name }) => name),
  )
  service.revisions = revisions
  Object.assign(service, { labels, annotations, spec, changed: now, readyAt: now + service.readyAfterMs })
  service.generation += 1
  stampVersion(world, service)
  service.readiness = effects.readiness ?? service.revisions.at(-1)!.readiness
  propagate(service, now, effects.propagationMs)
  return true
}

/** Changes a service's annotations as a concurrent writer at the web console. */
export function replaceConcurrently(
  world: World,
  run: RunService,
  { ingress, invokerCheck, iap, annotations }: ConcurrentWrite,
): void {
  const { [iapAnnotation]: before, ...kept } = run.annotations
  const stays = iap ?? before !== undefined
  run.annotations = {
    ...kept,
    'run.googleapis.com/client-name': 'cloud-console',
    ...(ingress === undefined ? {} : { [ingressAnnotation]: ingress }),
    ...(invokerCheck === undefined ? {} : { [invokerAnnotation]: invokerCheck ? 'false' : 'true' }),
    ...(stays ? { [iapAnnotation]: 'true' } : {}),
    ...annotations,
  }
  run.generation += 1
  stampVersion(world, run)
  propagate(run, world.clock.now())
}

/** Gives a service a new resource version, as every write does. */
function stampVersion({ random }: World, service: RunService): void {
  service.resourceVersion = `AAY${Buffer.from(random(6)).toString('base64url')}`
}

/** Advances a pending update by one poll, so that waiting clients finish even if the clock stands still. */
export function passPoll({ clock }: World, service: RunService): void {
  const now = clock.now()
  for (const each of [service, ...service.revisions]) if (each.readyAt > now) each.readyAt -= pollMs
}

const pollMs = 500

/** Returns the parts of a Service object that are kept; refuses what Cloud Run refuses. */
function accepted(world: World, project: Project, service: RunService, body: JsonObject) {
  for (const [name, wanted] of Object.entries({ apiVersion: 'serving.knative.dev/v1', kind: 'Service' }))
    if (body[name] !== undefined && body[name] !== wanted)
      refuse(400, `${name}: Invalid value: '${body[name]}'. Expected '${wanted}'.`)
  const metadata = isJsonObject(body.metadata) ? body.metadata : {}
  const spec: JsonObject = isJsonObject(body.spec) ? structuredClone(body.spec) : {}
  if (!isJsonObject(spec.template) || !isJsonObject(spec.template.spec))
    refuse(400, 'spec.template.spec: should be non-empty.')
  const account = String(spec.template.spec.serviceAccountName || computeAccount(project.number))
  spec.template.spec.serviceAccountName = account
  if (missingEmail(world, account))
    refuse(403, `Permission 'iam.serviceaccounts.actAs' denied on service account ${account} (or it may not exist).`)
  if (!Array.isArray(spec.traffic) || spec.traffic.length === 0) spec.traffic = [{ percent: 100, latestRevision: true }]
  const given = isJsonObject(metadata.annotations) ? metadata.annotations : {}
  const ingress = String(given[ingressAnnotation] ?? 'all')
  if (!ingresses.includes(ingress))
    refuse(
      400,
      `metadata.annotations[${ingressAnnotation}]: Invalid value: '${ingress}'. Allowed: ${ingresses.join(', ')}.`,
    )
  const annotations: JsonObject = {
    ...Object.fromEntries(Object.entries(given).filter(([key]) => !platformAnnotations.includes(key))),
    [ingressAnnotation]: ingress,
  }
  const creator = service.annotations['serving.knative.dev/creator']
  if (creator !== undefined) annotations['serving.knative.dev/creator'] = creator
  const { 'cloud.googleapis.com/location': _, ...labels } = isJsonObject(metadata.labels) ? metadata.labels : {}
  return { labels, annotations, spec }
}

function newRevision(
  world: World,
  project: Project,
  service: RunService,
  template: JsonObject,
  now: number,
  readiness?: Readiness,
): Revision {
  const asked = isJsonObject(template.metadata) ? template.metadata.name : undefined
  const count = String(service.revisions.length + 1).padStart(5, '0')
  const name = typeof asked === 'string' && asked ? asked : `${service.name}-${count}-${revisionSuffix(world.random)}`
  if (service.revisions.some((revision) => revision.name === name))
    refuse(409, `Revision named '${name}' with different configuration already exists.`, 'ALREADY_EXISTS')
  const denied = deniedSecret(project, template, now)
  const failed: Readiness = {
    kind: 'failed',
    message: `Revision '${name}' is not ready and cannot serve traffic. ${denied}`,
  }
  return {
    name,
    uid: uuid(world.random),
    created: now,
    readyAt: now + service.readyAfterMs,
    readiness: readiness ?? (denied === undefined ? { kind: 'ready' } : failed),
    template,
  }
}

/** Returns why a revision can't read a secret that its environment uses, if it can't: its identity needs secretAccessor. */
function deniedSecret(project: Project, template: JsonObject, now: number): string | undefined {
  const policy = policyInEffect(project, now)
  const spec = template.spec as JsonObject
  const account = String(spec.serviceAccountName)
  const containers = (spec.containers ?? []) as { env?: { valueFrom?: { secretKeyRef?: JsonObject } }[] }[]
  const roles = ['roles/secretmanager.secretAccessor', 'roles/secretmanager.admin', 'roles/owner']
  for (const [i, { env }] of containers.entries())
    for (const [j, { valueFrom }] of (env ?? []).entries()) {
      const ref = valueFrom?.secretKeyRef
      if (ref === undefined) continue
      const at = `spec.template.spec.containers[${i}].env[${j}].value_from.secret_key_ref.name`
      const name = `projects/${project.number}/secrets/${ref.name}/versions/${ref.key}`
      if (!project.secrets.has(String(ref.name))) return `${at}: Secret ${name} was not found`
      if (!roles.some((role) => grants(policy, role, `serviceAccount:${account}`)))
        return `${at}: Permission denied on secret: ${name} for Revision service account ${account}. The service account used must be granted the 'Secret Manager Secret Accessor' role (roles/secretmanager.secretAccessor) at the secret, project or higher level.`
    }
  return undefined
}
