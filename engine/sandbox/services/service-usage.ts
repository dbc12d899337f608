import type { JsonObject } from '../../base/json.ts'
import { own } from '../../base/own.ts'
import { auditedResource, type GoogleApi } from '../model/api.ts'
import type { GoogleService } from '../model/methods.ts'
import type { Project } from '../model/world.ts'

/** The console title of each API that a project has enabled by default; undefined for an API that it has not. */
const titles: Record<GoogleService | 'iap', string | undefined> = {
  cloudresourcemanager: 'Cloud Resource Manager API',
  iam: 'Identity and Access Management (IAM) API',
  iap: 'Cloud Identity-Aware Proxy API',
  logging: undefined,
  run: 'Cloud Run Admin API',
  secretmanager: 'Secret Manager API',
  serviceusage: 'Service Usage API',
}

/** APIs that are enabled in a project by default, with their console titles. */
export const defaultApis: Record<string, string> = Object.fromEntries(
  Object.entries(titles).flatMap(([name, title]) => (title === undefined ? [] : [[`${name}.googleapis.com`, title]])),
)

const path = '/v1/projects/{project}/services'

/** Service Usage: which APIs are enabled in a project (cloud.google.com/service-usage/docs/reference/rest). */
export const serviceUsageApi: GoogleApi<'serviceusage'> = {
  methods: {
    'services.list': {
      verb: 'GET',
      path,
      handle(_, project, { query }) {
        const state = /^state:(ENABLED|DISABLED)$/.exec(query.get('filter') ?? '')?.[1]
        const names = [...new Set([...Object.keys(defaultApis), ...project.apis])].sort()
        const services = names.map((name) => apiJson(project, name))
        return { services: services.filter((api) => state === undefined || api.state === state) }
      },
    },
    'services.get': {
      verb: 'GET',
      path: `${path}/{api}`,
      handle: (_, project, { params }) => apiJson(project, params.api!),
    },
    'services.enable': {
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
      audited({ id, number }, { params }) {
        const methodName = 'google.api.serviceusage.v1.ServiceUsage.EnableService'
        const resourceName = `projects/${number}/services/${params.api}`
        return { methodName, resourceName, resource: auditedResource(id, 'serviceusage', methodName) }
      },
    },
  },
  permission: (method) => `serviceusage.${method}`,
  denied: ({ method, resource, number }) => ({
    message:
      method === 'services.enable'
        ? `Permission denied to enable service [${resource}]`
        : `Permission denied to list services for consumer container [projects/${number}]`,
  }),
  seed(_, project, { apis }) {
    project.apis = new Set(apis ?? Object.keys(defaultApis))
  },
  snapshot: (_, { apis }) => ({ apis: [...apis].sort() }),
}

const apiJson = ({ apis, number }: Project, name: string): JsonObject => ({
  name: `projects/${number}/services/${name}`,
  config: { name, title: own(defaultApis, name) ?? name },
  state: apis.has(name) ? 'ENABLED' : 'DISABLED',
  parent: `projects/${number}`,
})
