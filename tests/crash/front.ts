import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import pLimit from 'p-limit'

/** Where on its way a request is when its sender dies: before the cloud has seen it, or before its answer is sent. */
export type Where = 'arriving' | 'answered'

/** A door before a sandbox that counts the requests and says of each where it is. */
export type Front = {
  address: string
  requests(): number
  /** The requests after which something was another than before. */
  effects: string[]
  close(): void
}

/** What is asked with POST and only reads, or waits. */
const READS = /:(getIamPolicy|testIamPermissions|wait)\b/

/** How long an answer is waited for whose sender is gone, in milliseconds. */
const A_WHILE = 300

/** Opens the door; `at` answers true where the request is to end there, unanswered, and `state` tells what may be another afterwards. */
export async function openFront(
  sandbox: string,
  at: (number: number, where: Where) => boolean,
  state: () => Promise<string>,
): Promise<Front> {
  let count = 0
  const effects: string[] = []
  const server = createServer((incoming, outgoing) => {
    pass(incoming, outgoing).catch(() => outgoing.destroy())
  })
  /** What each changes can be told only where no other changes something meanwhile. */
  const oneAtATime = pLimit(1)
  async function watched<T>(what: string, send: () => Promise<T>): Promise<T> {
    const before = await state()
    try {
      return await send()
    } finally {
      if ((await state()) !== before) effects.push(what)
    }
  }
  async function pass(incoming: IncomingMessage, outgoing: ServerResponse) {
    const body = await buffer(incoming)
    const url = incoming.url ?? ''
    // The sandbox's own paths are no part of the simulated cloud.
    const own = url.startsWith('/') || url.startsWith(`${address}/`)
    const number = own ? 0 : ++count
    if (!own && at(number, 'arriving')) return void outgoing.destroy()
    const { method = 'GET' } = incoming
    const looks = !own && method !== 'GET' && !READS.test(url)
    const gone = new AbortController()
    // What is on its way when its sender dies still arrives; what never gets an answer is given up.
    outgoing.once('close', () => setTimeout(() => gone.abort(), A_WHILE))
    const send = () => forward(sandbox, incoming, url.replace(address, ''), body, gone.signal)
    const answer = looks ? await oneAtATime(() => watched(`${method} ${url}`, send)) : await send()
    if (!own && at(number, 'answered')) return void outgoing.destroy()
    outgoing.writeHead(answer.status, answer.headers).end(answer.body)
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    address,
    requests: () => count,
    effects,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}

function forward(
  sandbox: string,
  { method = 'GET', headers }: IncomingMessage,
  path: string,
  body: Buffer,
  signal: AbortSignal,
) {
  const { hostname, port } = new URL(sandbox)
  return new Promise<{ status: number; headers: IncomingMessage['headers']; body: Buffer }>((resolve, reject) => {
    const outgoing = request({ hostname, port, method, path, headers, agent: false, signal }, (answer) => {
      buffer(answer).then(
        (received) => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: received }),
        reject,
      )
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}
