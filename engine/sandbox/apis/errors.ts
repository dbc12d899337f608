import { own } from '../../base/own.ts'
import { type Answer, errorAnswer, jsonAnswer } from '../model/answer.ts'
import { models } from './models/all.ts'
import type { ShapeCall } from './shape-call.ts'

/** APIs whose errors have the older form: with `errors` and without a status name. */
const OLDER = new Set(['compute', 'sqladmin', 'dns', 'storage', 'bigquery'])

const older = (status: number, message: string, reason: string): Answer =>
  jsonAnswer({ error: { code: status, errors: [{ domain: 'global', message, reason }], message } }, status)

/** Returns an error in the form of its API: the older ones have a reason and no status name. */
export function inForm(api: string, answer: Answer): Answer {
  if (!OLDER.has(api) || answer.status < 400) return answer
  const { error } = JSON.parse(answer.body) as { error: { code: number; message: string } }
  const { headers, body } = older(error.code, error.message, REASONS[error.code] ?? 'backendError')
  return { status: answer.status, headers: { ...headers, ...answer.headers }, body }
}

/** The reasons of the older form, by status. */
const REASONS: Record<number, string> = {
  400: 'invalid',
  401: 'authError',
  403: 'forbidden',
  404: 'notFound',
  409: 'conflict',
  429: 'rateLimitExceeded',
}

/** Returns the API's error for a missing resource. */
export function notFound({ api }: ShapeCall, name: string): Answer {
  if (api.api === 'sqladmin') return older(404, 'The Cloud SQL instance does not exist.', 'instanceDoesNotExist')
  if (own(models, api.api)?.missing === 403)
    return errorAnswer(403, `Permission denied on resource '${name}' (or it may not exist).`)
  if (OLDER.has(api.api)) return older(404, `The resource '${name}' was not found`, 'notFound')
  return errorAnswer(404, `Resource '${name}' was not found`)
}

/** Returns the API's error for an existing resource. */
export function conflict({ api }: ShapeCall, name: string): Answer {
  if (OLDER.has(api.api)) return older(409, `The resource '${name}' already exists`, 'alreadyExists')
  return errorAnswer(409, `Resource '${name}' already exists`, 'ALREADY_EXISTS')
}

/** Returns the API's error for an invalid request. */
export const invalid = ({ api }: ShapeCall, message: string): Answer =>
  OLDER.has(api.api) ? older(400, message, 'invalid') : errorAnswer(400, message)

/** Returns the API's error for deleting a resource that is in use. */
export const inUse = ({ api }: ShapeCall, name: string, user: string): Answer =>
  OLDER.has(api.api)
    ? older(400, `The resource '${name}' is already being used by '${user}'`, 'resourceInUseByAnotherResource')
    : errorAnswer(400, `Resource '${name}' is in use by '${user}'`, 'FAILED_PRECONDITION')

/** Returns the API's error for a change that is based on another state than the resource has. */
export const stale = ({ api }: ShapeCall, name: string): Answer =>
  OLDER.has(api.api)
    ? older(412, `The fingerprint or etag of '${name}' does not match its current state.`, 'conditionNotMet')
    : errorAnswer(409, `The etag of '${name}' does not match its current state.`)
