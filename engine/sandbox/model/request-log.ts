import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts'
import { parseBody } from '../request-json.ts'

/** One request that reached the sandbox, without its credentials and without any secret's payload. */
export type RequestEntry = {
  /** Numbers the requests in order of arrival, from 1. */
  n: number
  /** ISO times of the caller's clock, not the advanced one. */
  arrived: string
  finished?: string
  method: string
  url: string
  /** `run`, `secretmanager` … `github`, `web`, or `outside` for a refused host. */
  service: string
  /** `services.replace`; `unknown` if no method is simulated at the path. */
  rpc: string
  /** The service, secret, email, API or workflow run concerned, else the project; a version goes by its secret. */
  resource: string
  project?: string
  mutating: boolean
  userAgent: string
  /** Whether the requested change was made; absent if none was requested. */
  committed?: boolean
  /** The request was a dry run. */
  dryRun?: true
  /** How the answer was made, of an API that the sandbox does not simulate itself: by its model, by the shape that all APIs share, or not at all. */
  answered?: 'modelled' | 'generic' | 'refused'
  /** What was requested that the sandbox doesn't simulate. */
  notSimulated?: string
  /** The HTTP status; null if the client got no answer. */
  status: number | null
  /** The injected fault, in a word or two. */
  fault?: string
  body?: Json
}

/** Returns a request's JSON body for the log, with payloads replaced by their length; leaves out text that isn't JSON, is too deeply nested to serialize, or is long. */
export function loggedBody(text: string): Json | undefined {
  if (text === '') return undefined
  try {
    const body = text.length > LONGEST ? undefined : parseBody(text)
    if (body !== undefined) return withoutPayload(body, leftOut)
  } catch {}
  return leftOut(Buffer.byteLength(text))
}

/** Returns sentences on the answers that no model of the product stands behind, with the methods concerned. */
export function caveatsOf(requests: RequestEntry[]): string[] {
  const methods = (answered: RequestEntry['answered']): string =>
    [...new Set(requests.flatMap((each) => (each.answered === answered && each.mutating ? [each.rpc] : [])))].join(', ')
  const [generic, refused] = [methods('generic'), methods('refused')]
  return [
    ...(generic === '' ? [] : [`The sandbox answered by what all Google APIs share, not by a model: ${generic}.`]),
    ...(refused === '' ? [] : [`The sandbox does not simulate: ${refused}.`]),
  ]
}

/** Returns the log's placeholder for bytes that are not kept. */
export const leftOut = (bytes: number): string => `(left out, ${bytes} bytes)`

/** The longest body that is kept; a secret's 64 KiB payload is left out anyway. */
const LONGEST = 1024 * 1024

function withoutPayload(value: Json, left: (bytes: number) => string): Json {
  if (!isJsonObject(value) || value.payload === undefined) return value
  const payload: JsonObject = isJsonObject(value.payload) ? { ...value.payload } : {}
  const data = String(payload.data ?? '')
  // Drops the checksum too: a short payload can be guessed from it.
  return { ...value, payload: { data: left(Buffer.from(data, 'base64').length) } }
}
