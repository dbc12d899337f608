import type { JsonObject } from '../../base/json.ts'
import { own } from '../../base/own.ts'
import type { Route } from '../model/call.ts'
import type { Project } from '../model/world.ts'

/** APIs that are enabled in a project by default, with their console titles. */
export const knownApis: Record<string, string> = {
  'cloudresourcemanager.googleapis.com': 'Cloud Resource Manager API',
  'iam.googleapis.com': 'Identity and Access Management (IAM) API',
  'iap.googleapis.com': 'Cloud Identity-Aware Proxy API',
  'run.googleapis.com': 'Cloud Run Admin API',
  'secretmanager.googleapis.com': 'Secret Manager API',
  'serviceusage.googleapis.com': 'Service Usage API',
}

const path = '/v1/projects/{project}/services'

/** Service Usage: which APIs are enabled in a project (cloud.google.com/service-usage/docs/reference/rest). */
export const serviceUsageRoutes: Route[] = [
  {
    service: 'serviceusage',
    method: 'services.list',
    verb: 'GET',
    path,
    handle(_, project, { query }) {
      const state = /^state:(ENABLED|DISABLED)$/.exec(query.get('filter') ?? '')?.[1]
      const names = [...new Set([...Object.keys(knownApis), ...project.apis])].sort()
      const services = names.map((name) => apiJson(project, name))
      return { services: services.filter((api) => state === undefined || api.state === state) }
    },
  },
  {
    service: 'serviceusage',
    method: 'services.get',
    verb: 'GET',
    path: `${path}/{api}`,
    handle: (_, project, { params }) => apiJson(project, params.api!),
  },
  {
    service: 'serviceusage',
    method: 'services.enable',
    verb: 'POST',
    path: `${path}/{api}:enable`,
    handle(_, project, { params }) {
      project.apis.add(params.api!)
      return {
        name: 'operations/noop.DONE_OPERATION',
        done: true,
        response: {
          '@type': 'type.googleapis.com/google.api.serviceusage.v1.EnableServiceResponse',
          service: apiJson(project, params.api!),
        },
      }
    },
  },
]

const apiJson = ({ apis, number }: Project, name: string): JsonObject => ({
  name: `projects/${number}/services/${name}`,
  config: { name, title: own(knownApis, name) ?? name },
  state: apis.has(name) ? 'ENABLED' : 'DISABLED',
  parent: `projects/${number}`,
})
