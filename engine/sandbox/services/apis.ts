import { own } from '../../base/own.ts'
import type { ApiMethod, GoogleApi, Route } from '../model/api.ts'
import type { ApiService, GoogleService, Method } from '../model/methods.ts'
import { githubMethods } from './github.ts'
import { iamApi } from './iam.ts'
import { loggingApi } from './logging.ts'
import { resourceManagerApi } from './resource-manager.ts'
import { runApi } from './run.ts'
import { secretManagerApi } from './secret-manager.ts'
import { serviceUsageApi } from './service-usage.ts'

/** Google's APIs that the sandbox simulates, in the order in which they fill a project: a service account exists before anything names it. */
export const apis: { [Service in GoogleService]: GoogleApi<Service> } = {
  iam: iamApi,
  cloudresourcemanager: resourceManagerApi,
  serviceusage: serviceUsageApi,
  secretmanager: secretManagerApi,
  run: runApi,
  logging: loggingApi,
}

/** The same APIs as a list. */
export const googleApis = Object.values(apis)

/** Returns one of these APIs by name; undefined for any other service. */
export const googleApi = (service: string): (typeof googleApis)[number] | undefined =>
  own<(typeof googleApis)[number]>(apis, service)

const methodsOf = (service: string): Record<string, ApiMethod> =>
  service === 'github' ? githubMethods : (googleApi(service)?.methods ?? {})

/** Returns what the sandbox knows of a method; undefined for a service's own URL and for an unknown method. */
export const apiMethod = (service: string, method: string): ApiMethod | undefined => own(methodsOf(service), method)

/** Every simulated method of every API, at each of its paths. */
export const routes: Route[] = ([...Object.keys(apis), 'github'] as ApiService[]).flatMap((service) =>
  Object.entries(methodsOf(service)).flatMap(([method, each]) =>
    [each.path].flat().map((path) => ({ ...each, service, method: method as Method, path })),
  ),
)
