import type { JsonObject } from '../../base/json.ts'
import type { Api } from './api.ts'
import { ApiError } from './api-error.ts'

/** The URLs of a service, its revisions and its IAM policy. */
export type ServiceUrls = { region: string; service: string; revisions: (namespace: string) => string; policy: string }

/** Returns the base URL of a region's Knative-style API. */
export const knative = (region: string, namespace: string): string =>
  `http://${region}-run.sandbox/apis/serving.knative.dev/v1/namespaces/${namespace}`

/** Returns the URLs of a service. */
export const serviceUrls = (project: string, region: string, name: string): ServiceUrls => ({
  region,
  service: `${knative(region, project)}/services/${name}`,
  revisions: (namespace) => `${knative(region, namespace)}/revisions`,
  policy: `http://run.sandbox/v1/projects/${project}/locations/${region}/services/${name}`,
})

/** Reads a service; undefined if it doesn't exist. */
export async function readService(api: Api, url: string): Promise<JsonObject | undefined> {
  try {
    return await api.call('GET', url)
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return undefined
    throw error
  }
}
