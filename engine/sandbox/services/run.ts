import { isJsonObject, type JsonObject } from '../../base/json.ts'
import { refuse } from '../model/answer.ts'
import type { Call, Route } from '../model/call.ts'
import type { Project, RunService, World } from '../model/world.ts'
import { policyJson, replacedPolicy, requestedVersion } from './policy.ts'
import { propagate } from './posture.ts'
import { listRevisions, newService, revisionOf } from './run-lookup.ts'
import { serviceJson } from './run-service.ts'
import { passPoll, writeService } from './run-write.ts'

const knative = '/apis/serving.knative.dev/v1/namespaces/{project}'
const services = '/v1/projects/{project}/locations/{location}/services'
const one = `${services}/{service}`
const service = 'run'

/** Cloud Run Admin API v1, in its Knative form and its project form (cloud.google.com/run/docs/reference/rest/v1). */
export const runRoutes: Route[] = [
  { service, method: 'services.list', verb: 'GET', path: `${knative}/services`, handle: listServices },
  { service, method: 'services.list', verb: 'GET', path: services, handle: listServices },
  { service, method: 'services.create', verb: 'POST', path: `${knative}/services`, handle: createService },
  { service, method: 'services.get', verb: 'GET', path: `${knative}/services/{service}`, handle: getService },
  { service, method: 'services.replace', verb: 'PUT', path: `${knative}/services/{service}`, handle: replaceService },
  { service, method: 'services.delete', verb: 'DELETE', path: `${knative}/services/{service}`, handle: deleteService },
  { service, method: 'services.getIamPolicy', verb: 'GET', path: `${one}:getIamPolicy`, handle: getPolicy },
  { service, method: 'services.setIamPolicy', verb: 'POST', path: `${one}:setIamPolicy`, handle: setPolicy },
  {
    service,
    method: 'services.testIamPermissions',
    verb: 'POST',
    path: `${one}:testIamPermissions`,
    handle(_, project, call) {
      serviceOf(project, call)
      return { permissions: call.body.permissions ?? [] }
    },
  },
  { service, method: 'revisions.list', verb: 'GET', path: `${knative}/revisions`, handle: listRevisions },
  { service, method: 'revisions.get', verb: 'GET', path: `${knative}/revisions/{revision}`, handle: revisionOf },
  {
    service,
    method: 'locations.list',
    verb: 'GET',
    path: '/v1/projects/{project}/locations',
    handle: (_, { id, services }) => ({
      locations: [...new Set([...services.values()].map(({ region }) => region))].map((region) => ({
        name: `projects/${id}/locations/${region}`,
        locationId: region,
      })),
    }),
  },
]

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
