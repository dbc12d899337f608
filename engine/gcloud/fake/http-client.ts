import { request } from 'node:http'
import { buffer } from 'node:stream/consumers'

/** The sandbox's address and token, and our user agent. */
export type Gateway = { address: string; token: string; userAgent: string }

/** A complete HTTP answer. */
export type Reply = { status: number; body: string }

/** An answer that broke off after it began. */
export class BrokenOff extends Error {}

/**
 * Sends one request through the sandbox as its proxy, with an absolute URL as gcloud does; it connects to no other
 * address. Rejects if the connection breaks or the signal aborts.
 */
export function sendRequest(
  { address, token, userAgent }: Gateway,
  verb: string,
  url: string,
  body: string | undefined,
  signal: AbortSignal,
): Promise<Reply> {
  const { hostname, port } = new URL(address)
  const headers = {
    host: new URL(url).host,
    authorization: `Bearer ${token}`,
    'user-agent': userAgent,
    accept: 'application/json',
    ...(body === undefined
      ? {}
      : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) }),
  }
  return new Promise((resolve, reject) => {
    let begun = false
    const broken = (error: Error): void => reject(begun ? new BrokenOff(error.message) : error)
    const outgoing = request({ hostname, port, method: verb, path: url, headers, agent: false, signal }, (incoming) => {
      begun = true
      buffer(incoming).then(
        (received) => resolve({ status: incoming.statusCode ?? 0, body: received.toString('utf8') }),
        broken,
      )
    })
    outgoing.on('error', broken)
    outgoing.end(body)
  })
}
