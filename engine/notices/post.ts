import { Agent as HttpAgent, request as http } from 'node:http'
import { Agent as HttpsAgent, request as https } from 'node:https'
import { isLoopback } from '../base/loopback.ts'

/** How long a webhook may take to answer. */
const PATIENCE_MS = 3000

/** Sends a body to a webhook; returns why it did not arrive, if so, without mentioning the address. */
export async function post(url: string, body: string, ended: AbortSignal): Promise<string | undefined> {
  const signal = AbortSignal.any([AbortSignal.timeout(PATIENCE_MS), ended])
  const headers = { 'content-type': 'application/json' }
  try {
    const status = isLoopback(new URL(url))
      ? await postHere(url, headers, body, signal)
      : await postAway(url, headers, body, signal)
    return status >= 200 && status < 300 ? undefined : `it answered ${status}`
  } catch (error) {
    const { name, code, cause } = error as Error & { code?: string; cause?: { code?: string } }
    if (name === 'TimeoutError' || name === 'AbortError') return 'it did not answer in time'
    return cause?.code ?? code ?? 'it failed'
  }
}

async function postAway(url: string, headers: Headers, body: string, signal: AbortSignal): Promise<number> {
  const response = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal })
  await response.body?.cancel()
  return response.status
}

/** Sends a body to this machine, bypassing any proxy (NODE_USE_ENV_PROXY): a rehearsal's notices must not leave the machine. */
function postHere(url: string, headers: Headers, body: string, signal: AbortSignal): Promise<number> {
  const [request, agent] = url.startsWith('https:') ? [https, new HttpsAgent()] : [http, new HttpAgent()]
  return new Promise((resolve, reject) => {
    request(url, { method: 'POST', headers, agent, signal }, (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
      .on('error', reject)
      .end(body)
  })
}

type Headers = Record<string, string>
