import type { JsonObject } from '../../base/json.ts'
import { own } from '../../base/own.ts'
import { type Answer, errorAnswer, errorInfo, statusWord } from '../model/answer.ts'
import type { ErrorSubject, ErrorText } from '../model/api.ts'
import type { Fault } from '../model/fault.ts'
import type { Method } from '../model/methods.ts'
import { durationMs } from '../model/scenario.ts'
import { googleApi } from './apis.ts'
import { defaultApis } from './service-usage.ts'

/** Returns the API's full name. */
export const apiOf = (service: string): string => `${service}.googleapis.com`

/** Returns an error that a scenario asks for, with the API's own message and details if the scenario gives none. */
export function faultyStatus(fault: Extract<Fault, { status: number }>, subject: ErrorSubject): Answer {
  const { status, reason = statusWord(status), message } = fault
  const usual = fault.reason === undefined ? usualError(status, subject) : undefined
  const answer = errorAnswer(
    status,
    message ?? usual?.message ?? `The call failed with ${reason}.`,
    reason,
    message === undefined ? usual?.details : undefined,
  )
  if (status === 401)
    answer.headers['www-authenticate'] = 'Bearer realm="https://accounts.google.com/", error="invalid_token"'
  return withRetryAfter(answer, fault)
}

/** Adds a Retry-After header in whole seconds to an error. */
export function withRetryAfter(answer: Answer, { retryAfter }: Extract<Fault, { status: number }>): Answer {
  if (retryAfter === undefined) return answer
  return { ...answer, headers: { ...answer.headers, 'retry-after': String(Math.ceil(durationMs(retryAfter) / 1000)) } }
}

/** Google's message for a token that it doesn't accept. */
export const badCredentials =
  'Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.'

function usualError(status: number, subject: ErrorSubject): ErrorText | undefined {
  const { service, method, resource } = subject
  const api = googleApi(service)
  switch (status) {
    case 401:
      return { message: badCredentials }
    case 403:
      return api
        ? api.denied(subject, api.permission(method as Method))
        : {
            message: `Permission '${method}' denied on resource '//${apiOf(service)}/${resource}' (or it may not exist).`,
          }
    case 404:
      return { message: 'Requested entity was not found.' }
    case 409:
      return { message: 'The operation was aborted.' }
    case 429:
      return quotaExceeded(subject)
    case 500:
      return { message: 'Internal error encountered.' }
    case 503:
      return { message: 'The service is currently unavailable.' }
    default:
      return undefined
  }
}

function quotaExceeded({ service, method, number }: ErrorSubject): ErrorText {
  const kind = /\.(get|list|access)/.test(method) ? 'Read' : 'Write'
  const api = apiOf(service)
  return {
    message: `Quota exceeded for quota metric '${kind} requests' and limit '${kind} requests per minute' of service '${api}' for consumer 'project_number:${number}'.`,
    details: [
      errorInfo('RATE_LIMIT_EXCEEDED', 'googleapis.com', {
        service: api,
        consumer: `projects/${number}`,
        quota_limit: `${kind}RequestsPerMinutePerProject`,
        quota_limit_value: '60',
        quota_location: 'global',
        quota_metric: `${api}/${kind.toLowerCase()}_requests`,
      }),
      help('Request a higher quota limit.', 'https://cloud.google.com/docs/quota#requesting_higher_quota'),
    ],
  }
}

/** Returns the answer of a project in which the API is disabled. */
export function apiDisabled({ service, number }: Pick<ErrorSubject, 'service' | 'number'>): Answer {
  const api = apiOf(service)
  const title = own(defaultApis, api) ?? api
  const url = `https://console.developers.google.com/apis/api/${api}/overview?project=${number}`
  return errorAnswer(
    403,
    `${title} has not been used in project ${number} before or it is disabled. Enable it by visiting ${url} then retry. If you enabled this API recently, wait a few minutes for the action to propagate to our systems and retry.`,
    'PERMISSION_DENIED',
    [
      errorInfo('SERVICE_DISABLED', 'googleapis.com', {
        service: api,
        serviceTitle: title,
        consumer: `projects/${number}`,
        containerInfo: number,
        activationUrl: url,
      }),
      help('Google developers console API activation', url),
    ],
  )
}

/** Refuses a change that an organization policy forbids; the details name the constraint, and for IAM nothing else does. */
export function orgPolicyRefused(constraint: string, { service, method, project }: ErrorSubject): Answer {
  const members = method.endsWith('.setIamPolicy')
  const created = service === 'iam' && method === 'serviceAccounts.create'
  const message = members
    ? 'One or more users named in the policy do not belong to a permitted customer.'
    : created
      ? 'Service account creation is not allowed on this project.'
      : 'The request has violated one or more Org Policies. Please refer to the respective violations for more information.'
  return errorAnswer(400, message, 'FAILED_PRECONDITION', [
    {
      '@type': 'type.googleapis.com/google.rpc.PreconditionFailure',
      violations: [
        {
          type: constraint,
          subject: `orgpolicy:projects/${project}`,
          description: `Constraint ${constraint} violated for projects/${project}.`,
        },
      ],
    },
  ])
}

const help = (description: string, url: string): JsonObject => ({
  '@type': 'type.googleapis.com/google.rpc.Help',
  links: [{ description, url }],
})
