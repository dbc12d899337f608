import type { JsonObject } from '../../base/json.ts'
import { own } from '../../base/own.ts'
import { refuse } from '../model/answer.ts'
import { type AuditNaming, auditedResource, type GoogleApi } from '../model/api.ts'
import { uniqueId } from '../model/identifiers.ts'
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
        return doneOperation('EnableServiceResponse', { service: apiJson(project, params.api!) })
      },
      audited: audit('EnableService'),
    },
    'services.batchEnable': {
      verb: 'POST',
      path: `${path}:batchEnable`,
      handle(_, project, { body }) {
        const names = Array.isArray(body.serviceIds) ? body.serviceIds.map(String) : []
        for (const name of names) project.apis.add(name)
        return doneOperation('BatchEnableServicesResponse', { services: names.map((name) => apiJson(project, name)) })
      },
      audited: audit('BatchEnableServices'),
    },
    'services.disable': {
      verb: 'POST',
      path: `${path}/{api}:disable`,
      handle(_, project, { params }) {
        const name = params.api!
        if (!project.apis.delete(name)) refuse(400, `Service ${name} is not enabled.`, 'FAILED_PRECONDITION')
        return doneOperation('DisableServiceResponse', { service: apiJson(project, name) })
      },
      audited: audit('DisableService'),
    },
    'services.generateServiceIdentity': {
      verb: 'POST',
      path: '/v1beta1/projects/{project}/services/{api}:generateServiceIdentity',
      handle({ random }, { number }, { params }) {
        const email = `service-${number}@gcp-sa-${params.api!.split('.')[0]}.iam.gserviceaccount.com`
        const response = {
          '@type': 'type.googleapis.com/google.api.serviceusage.v1beta1.ServiceIdentity',
          ...{ email, uniqueId: uniqueId(random) },
        }
        return { name: 'operations/finished.DONE_OPERATION', done: true, response }
      },
      audited: audit('GenerateServiceIdentity'),
    },
  },
  permission: (method) => `serviceusage.${method}`,
  denied: ({ method, resource, number }) => ({
    message: /able$/i.test(method)
      ? `Permission denied to ${method.replace('services.', '')} service [${resource}]`
      : `Permission denied to list services for consumer container [projects/${number}]`,
  }),
  seed(_, project, { apis }) {
    project.apis = new Set(apis ?? Object.keys(defaultApis))
  },
  snapshot: (_, { apis }) => ({ apis: [...apis].sort() }),
}

/** Returns an operation that is over at once, as it is where little is to be done. */
const doneOperation = (type: string, response: JsonObject): JsonObject => ({
  name: 'operations/noop.DONE_OPERATION',
  done: true,
  response: { '@type': `type.googleapis.com/google.api.serviceusage.v1.${type}`, ...response },
})

function audit(name: string): AuditNaming {
  return ({ id, number }, { params }) => {
    const methodName = `google.api.serviceusage.v1.ServiceUsage.${name}`
    const resourceName = `projects/${number}${params.api === undefined ? '' : `/services/${params.api}`}`
    return { methodName, resourceName, resource: auditedResource(id, 'serviceusage', methodName) }
  }
}

const apiJson = ({ apis, number }: Project, name: string): JsonObject => ({
  name: `projects/${number}/services/${name}`,
  config: { name, title: own(defaultApis, name) ?? name },
  state: apis.has(name) ? 'ENABLED' : 'DISABLED',
  parent: `projects/${number}`,
})
