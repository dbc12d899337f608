import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts'
import { parseBody } from '../request-json.ts'

/** One request that reached the sandbox, without its credentials and without any secret's payload. */
export type RequestEntry = {
  /** Counts the requests in order of arrival, from 1. */
  n: number
  /** ISO times of the caller's clock, not of the advanced one. */
  arrived: string
  finished?: string
  method: string
  url: string
  /** `run`, `secretmanager` … `github`, `web`, or `outside` for what was refused. */
  service: string
  /** `services.replace`; `unknown` where no method is simulated at the path. */
  rpc: string
  /** The service, secret, e-mail, API or workflow run that it is about, else the project; a version goes by its secret. */
  resource: string
  project?: string
  mutating: boolean
  userAgent: string
  /** Whether what it asks to change was changed; left out where it asks for no change. */
  committed?: boolean
  /** It asked only whether it would be done. */
  dryRun?: true
  /** What was asked for that the sandbox doesn't have. */
  notSimulated?: string
  /** The HTTP status; null when the client got no answer. */
  status: number | null
  /** The fault that met the request, in a word or two. */
  fault?: string
  body?: Json
}

/** A request's JSON body for the log: a payload's bytes are counted, not kept; text that isn't JSON, is too deep to be written as JSON again, or is long is left out. */
export function loggedBody(text: string): Json | undefined {
  if (text === '') return undefined
  try {
    const body = text.length > LONGEST ? undefined : parseBody(text)
    if (body !== undefined) return withoutPayload(body, leftOut)
  } catch {}
  return leftOut(Buffer.byteLength(text))
}

/** What stands in the log for bytes that are not kept. */
export const leftOut = (bytes: number): string => `(left out, ${bytes} bytes)`

/** The longest body that is kept; a secret's 64 KiB of payload is left out anyway. */
const LONGEST = 1024 * 1024

function withoutPayload(value: Json, left: (bytes: number) => string): Json {
  if (!isJsonObject(value) || value.payload === undefined) return value
  const payload: JsonObject = isJsonObject(value.payload) ? { ...value.payload } : {}
  const data = String(payload.data ?? '')
  // The checksum of a short payload is as good as the payload: it can be guessed from it.
  return { ...value, payload: { data: left(Buffer.from(data, 'base64').length) } }
}
