import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts'
import { ApiError } from './api-error.ts'
import { Crashed } from './failed.ts'
import { BrokenOff, type Gateway, type Reply, sendRequest } from './http-client.ts'

/** A client for the sandbox's Google APIs. */
export type Api = {
  /** Calls a method, with `alt=json` added to the query. Throws ApiError for an error answer. */
  call(verb: Verb, url: string, query?: Record<string, string>, body?: JsonObject): Promise<JsonObject>
  /** Reads all pages of a list. */
  list(url: string, query: Record<string, string>, items: string): Promise<JsonObject[]>
}

type Verb = 'GET' | 'POST' | 'PUT' | 'DELETE'

/** gcloud sends a request five times if the server fails or the connection breaks, whether or not that is safe. */
const ATTEMPTS = 5

/** Creates the API client; it waits by the given sleep. */
export function makeApi(proxy: Gateway, signal: AbortSignal, sleep: (ms: number) => Promise<void>): Api {
  const call: Api['call'] = async (verb, url, query = {}, body) => {
    const full = `${url}?${new URLSearchParams({ alt: 'json', ...query })}`
    const text = body === undefined ? undefined : JSON.stringify(body)
    const send = () => sendWithRetries(proxy, full, () => sendRequest(proxy, verb, full, text, signal), signal, sleep)
    const first = await send()
    const reply = first.status === 401 ? await send() : first
    if (reply.status >= 400) throw new ApiError(reply.status, full, reply.body)
    return objectIn(reply.body)
  }
  return { call, list: (url, query, items) => listAll(call, url, query, items) }
}

async function sendWithRetries(
  { address }: Gateway,
  url: string,
  send: () => Promise<Reply>,
  signal: AbortSignal,
  sleep: (ms: number) => Promise<void>,
): Promise<Reply> {
  for (let attempt = 1; ; attempt++) {
    const last = attempt === ATTEMPTS
    try {
      const reply = await send()
      if (reply.status < 500 || last) return reply
    } catch (error) {
      if (signal.aborted) throw error
      if (last) throw crash(error as Error, address, url)
    }
    await sleep(1000 * 2 ** (attempt - 1))
  }
}

/** Returns the crash with which gcloud reports a connection that keeps breaking. */
function crash(error: Error, address: string, url: string): Crashed {
  if (error instanceof BrokenOff) return new Crashed('ChunkedEncodingError', 'Connection broken: IncompleteRead')
  const { hostname, port } = new URL(address)
  return new Crashed(
    'ProxyError',
    `HTTPConnectionPool(host='${hostname}', port=${port}): Max retries exceeded with url: ${url} (Caused by ProxyError('Unable to connect to proxy', ${error.message}))`,
  )
}

function objectIn(body: string): JsonObject {
  try {
    const json = JSON.parse(body) as Json
    if (isJsonObject(json)) return json
  } catch {}
  throw new Crashed('InvalidDataFromServerError', `Error decoding response "${body}`)
}

async function listAll(
  call: Api['call'],
  url: string,
  query: Record<string, string>,
  items: string,
): Promise<JsonObject[]> {
  const found: JsonObject[] = []
  for (let page: Json | undefined = ''; page !== undefined; ) {
    const answer: JsonObject = await call('GET', url, page === '' ? query : { ...query, pageToken: String(page) })
    found.push(...(Array.isArray(answer[items]) ? answer[items] : []).filter(isJsonObject))
    page = answer.nextPageToken
  }
  return found
}
