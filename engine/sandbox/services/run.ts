import { isJsonObject, type JsonObject } from '../../base/json.ts'
import { refuse } from '../model/answer.ts'
import type { AuditNaming, GoogleApi } from '../model/api.ts'
import type { Call } from '../model/call.ts'
import type { Project, RunService, World } from '../model/world.ts'
import { concurrentPolicy, policyJson, policyState, replacedPolicy, requestedVersion } from './policy.ts'
import { propagate } from './posture.ts'
import { listRevisions, newService, revisionOf } from './run-lookup.ts'
import { seedService } from './run-seed.ts'
import { serviceJson } from './run-service.ts'
import { sharesOf } from './run-traffic.ts'
import { passPoll, replaceConcurrently, writeService } from './run-write.ts'

const knative = '/apis/serving.knative.dev/v1/namespaces/{project}'
const services = '/v1/projects/{project}/locations/{location}/services'
const one = `${services}/{service}`

/** Cloud Run Admin API v1, in its Knative form and its project form (cloud.google.com/run/docs/reference/rest/v1). */
export const runApi: GoogleApi<'run'> = {
  methods: {
    'services.list': { verb: 'GET', path: [`${knative}/services`, services], handle: listServices },
    'services.create': {
      verb: 'POST',
      path: `${knative}/services`,
      handle: createService,
      audited: serviceAudit('CreateService'),
    },
    'services.get': { verb: 'GET', path: `${knative}/services/{service}`, handle: getService },
    'services.replace': {
      verb: 'PUT',
      path: `${knative}/services/{service}`,
      handle: replaceService,
      audited: serviceAudit('ReplaceService'),
      faults: ['orgPolicy', 'readyFalse', 'readyUnknown', 'propagation'],
      concurrentWriter: {
        keys: ['ingress', 'invokerCheck', 'iap', 'annotations'],
        write(world, project, { resource }, change) {
          const service = project.services.get(resource)
          if (service) replaceConcurrently(world, service, change)
        },
      },
    },
    'services.delete': {
      verb: 'DELETE',
      path: `${knative}/services/{service}`,
      handle: deleteService,
      audited: serviceAudit('DeleteService'),
    },
    'services.getIamPolicy': { verb: 'GET', path: `${one}:getIamPolicy`, handle: getPolicy },
    'services.setIamPolicy': {
      verb: 'POST',
      path: `${one}:setIamPolicy`,
      handle: setPolicy,
      audited: serviceAudit('SetIamPolicy'),
      faults: ['orgPolicy', 'propagation'],
      concurrentWriter: {
        keys: ['bind', 'unbind'],
        write(world, project, { resource }, change) {
          const service = project.services.get(resource)
          if (!service) return
          service.policy = concurrentPolicy(world, service.policy, change)
          propagate(service, world.clock.now())
        },
      },
    },
    'services.testIamPermissions': {
      verb: 'POST',
      path: `${one}:testIamPermissions`,
      handle(_, project, call) {
        serviceOf(project, call)
        return { permissions: call.body.permissions ?? [] }
      },
    },
    'revisions.list': { verb: 'GET', path: `${knative}/revisions`, handle: listRevisions },
    'revisions.get': { verb: 'GET', path: `${knative}/revisions/{revision}`, handle: revisionOf },
    'locations.list': {
      verb: 'GET',
      path: '/v1/projects/{project}/locations',
      handle: (_, { id, services }) => ({
        locations: [...new Set([...services.values()].map(({ region }) => region))].map((region) => ({
          name: `projects/${id}/locations/${region}`,
          locationId: region,
        })),
      }),
    },
  },
  regional: true,
  permission: (method) => `run.${method.replace(/\.replace$/, '.update')}`,
  denied: ({ project, resource }, permission) => ({
    message: `Permission '${permission}' denied on resource 'namespaces/${project}/services/${resource}' (or resource may not exist).`,
  }),
  seed(world, project, given) {
    for (const [name, service] of Object.entries(given.services ?? {}))
      project.services.set(name, seedService(world, project, name, service))
  },
  snapshot: (world, project) => ({
    services: Object.fromEntries(
      [...project.services].map(([name, service]) => [
        name,
        {
          object: serviceJson(world, project, service),
          iamPolicy: policyState(service.policy),
          revisions: service.revisions.map(({ name }) => name),
          serving: sharesOf(service, world.clock.now())
            .filter(({ percent }) => percent > 0)
            .map(({ revision, percent }) => ({ percent, spec: (revision.template.spec ?? {}) as JsonObject })),
        },
      ]),
    ),
  }),
}

/** Names a call about a service: under Knative's namespace, except its policy, which is under a location. */
function serviceAudit(methodName: string): AuditNaming {
  return ({ id, services }, { method, params, body }) => {
    const named = params.service ?? (isJsonObject(body.metadata) ? String(body.metadata.name ?? '') : '')
    const location = services.get(named)?.region ?? params.location ?? ''
    return {
      methodName: `google.cloud.run.v1.Services.${methodName}`,
      resourceName:
        method === 'services.setIamPolicy'
          ? `projects/${id}/locations/${location}/services/${named}`
          : `namespaces/${id}/services/${named}`,
      resource: {
        type: 'cloud_run_revision',
        labels: { configuration_name: '', location, project_id: id, revision_name: '', service_name: named },
      },
    }
  }
}

function serviceOf(project: Project, { params, region }: Call): RunService {
  const found = project.services.get(params.service!)
  const where = params.location ?? region
  if (found === undefined || (where !== undefined && where !== '-' && found.region !== where))
    refuse(
      404,
      `Resource '${params.service}' of kind 'SERVICE' in region '${where}' in project '${project.id}' does not exist.`,
    )
  return found
}

function listServices(world: World, project: Project, { params, region }: Call): JsonObject {
  const where = params.location ?? region ?? '-'
  const found = [...project.services.values()].filter((each) => where === '-' || each.region === where)
  return {
    apiVersion: 'serving.knative.dev/v1',
    kind: 'ServiceList',
    metadata: {},
    items: found.map((each) => serviceJson(world, project, each)),
  }
}

function getService(world: World, project: Project, call: Call): JsonObject {
  const found = serviceOf(project, call)
  passPoll(world, found)
  return serviceJson(world, project, found)
}

function replaceService(world: World, project: Project, call: Call): JsonObject {
  const found = serviceOf(project, call)
  const given = isJsonObject(call.body.metadata) ? call.body.metadata.resourceVersion : undefined
  if (given && given !== found.resourceVersion)
    refuse(
      409,
      `Conflict for resource '${found.name}': version '${given}' was specified but current version is '${found.resourceVersion}'.`,
    )
  writeService(world, project, found, call.body, call.effects)
  return serviceJson(world, project, found)
}

function createService(world: World, project: Project, call: Call): JsonObject {
  const metadata = isJsonObject(call.body.metadata) ? call.body.metadata : {}
  const name = String(metadata.name ?? '')
  if (!/^[a-z]([-a-z0-9]{0,47}[a-z0-9])?$/.test(name) || call.region === undefined)
    refuse(
      400,
      `metadata.name: '${name}' must be lowercase letters, digits and hyphens, and the request must go to a regional host.`,
    )
  if (project.services.has(name)) refuse(409, `Resource '${name}' already exists.`, 'ALREADY_EXISTS')
  const created = newService(world, { name, region: call.region })
  writeService(world, project, created, call.body, call.effects)
  project.services.set(name, created)
  return serviceJson(world, project, created)
}

function deleteService(_: World, project: Project, call: Call): JsonObject {
  project.services.delete(serviceOf(project, call).name)
  return { apiVersion: 'v1', kind: 'Status', metadata: {}, status: 'Success' }
}

function getPolicy(_: World, project: Project, call: Call): JsonObject {
  return policyJson(serviceOf(project, call).policy, requestedVersion(call.body, call.query))
}

function setPolicy(world: World, project: Project, call: Call): JsonObject {
  const found = serviceOf(project, call)
  found.policy = replacedPolicy(world, found.policy, call.body)
  propagate(found, world.clock.now(), call.effects?.propagationMs)
  return policyJson(found.policy, 3)
}
