import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { hasNumbers } from './apis/enums.ts'
import { findMethod } from './apis/find-method.ts'
import type { DescribeApi } from './apis/load.ts'
import { type Control, controlAnswer } from './control.ts'
import { createFaults } from './faults/faults.ts'
import { describeDrawn, faultsOf } from './faults/random-faults.ts'
import { handleRequest, outsideAnswer, outsideFacts } from './handle-request.ts'
import type { Cloud } from './handling.ts'
import { applyDue } from './late.ts'
import { type Answer, errorAnswer } from './model/answer.ts'
import { type Clock, createClock } from './model/clock.ts'
import type { Random } from './model/identifiers.ts'
import { caveatsOf, leftOut, loggedBody, type RequestEntry } from './model/request-log.ts'
import type { Scenario } from './model/scenario.ts'
import { type Received, receiveBody } from './receive.ts'
import { destinationOf } from './routing.ts'
import { seedWorld } from './scenario/seed.ts'
import { seedResources } from './scenario/seed-resources.ts'
import { send } from './send.ts'

/** What a sandbox needs from outside: the time in ms since 1970, random bytes, and a sink for its request log. */
export type SandboxOptions = {
  scenarioName: string
  /** Absolute path of the inventory, reported to clients that ask. */
  inventory?: string
  /** Defaults to a free port. */
  port?: number
  now: () => number
  random: Random
  /** Called once for each request, when it is finished and just before its answer is sent. */
  onRequest?: (entry: RequestEntry) => void
  /** Describes the APIs that are not simulated. */
  describe?: DescribeApi
}

/** A running sandbox. */
export type Sandbox = {
  /** `http://127.0.0.1:PORT`. */
  address: string
  /** The only access token that its APIs accept. */
  token: string
  /** Returns what a person should know about its answers so far: faults that were never injected, and answers that no model of the product stands behind. */
  caveats(): string[]
  close(): Promise<void>
}

type Running = Cloud &
  Control & { describe?: DescribeApi; address: string; now: () => number; onRequest: (entry: RequestEntry) => void }

/** Starts a simulated Google Cloud on 127.0.0.1, which clients use as their HTTP proxy; rejects if the port is taken, or with UserError if a resource of the scenario is wrong. */
export async function startSandbox(scenario: Scenario, options: SandboxOptions): Promise<Sandbox> {
  const { scenarioName, inventory, port = 0, now, random, onRequest = () => {}, describe } = options
  const clock: Clock = createClock(now)
  const running: Running = {
    ...(describe ? { describe } : {}),
    world: seedWorld(scenario, clock, random),
    faults: createFaults(faultsOf(scenario)),
    token: `sandbox-${Buffer.from(random(18)).toString('base64url')}`,
    requests: [],
    drawn: describeDrawn(scenario),
    scenarioName,
    ...(inventory !== undefined && { inventory }),
    address: '',
    now,
    onRequest,
  }
  await seedResources(running.world, scenario.resources ?? [], describe)
  const server = createServer((request, response) => {
    serve(running, request, response).catch((error: unknown) =>
      send(response, { kind: 'answer', answer: errorAnswer(500, `The sandbox failed: ${error}`) }, clock),
    )
  })
  refuseTunnels(running, server)
  await listen(server, port)
  running.address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { address, token, faults } = running
  const caveats = () => [
    ...faults.unused().map((fault) => `A fault was never injected: ${fault}.`),
    ...caveatsOf(running.requests),
  ]
  return { address, token, caveats, close: () => close(server) }
}

/** Serves one request: control paths answer directly, everything else goes to the simulated cloud and the request log. */
async function serve(running: Running, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const verb = request.method ?? 'GET'
  const received = await receiveBody(request)
  const absolute = /^https?:\/\//i.test(request.url ?? '')
  const url = URL.parse(absolute ? request.url! : `${running.address}${request.url}`)
  if (url === null)
    return send(response, { kind: 'answer', answer: errorAnswer(400, 'Invalid URL.') }, running.world.clock)
  applyDue(running.world)
  if (!absolute || isOwn(url, running.address)) {
    const answer = controlAnswer(running, verb, url.pathname, 'text' in received ? received.text : '')
    return send(response, { kind: 'answer', answer }, running.world.clock)
  }
  const { kind } = destinationOf(running.world, verb, url)
  const isSimulated = kind === 'api' || kind === 'web'
  const entry = openEntry(running, request, url.href, loggedOf(received, isSimulated))
  const isDescribed = running.describe && (!isSimulated || hasNumbers(url.searchParams))
  const found = isDescribed ? await findMethod(running.describe!, verb, url) : undefined
  const { facts, reply } = handleRequest(
    running,
    {
      verb,
      url,
      headers: request.headers,
      ...(found ? { found } : {}),
      ...('text' in received ? { body: received.text } : { body: '', unreadable: received.unreadable }),
      at: running.now(),
    },
    (committed) => Object.assign(entry, { committed }),
  )
  Object.assign(entry, facts)
  await send(response, reply, running.world.clock, (status) => closeEntry(running, entry, status))
}

/** Returns a request's body for the log; left out for a method that is not simulated, since any field may hold a secret. */
function loggedOf(received: Received, isSimulated: boolean): RequestEntry['body'] {
  if (!('text' in received)) return leftOut(received.bytes)
  if (isSimulated || received.text === '') return loggedBody(received.text)
  return leftOut(Buffer.byteLength(received.text))
}

/** Returns whether a proxied URL is the sandbox itself: a client that proxies everything requests the control paths this way. */
const isOwn = (url: URL, address: string): boolean => url.origin.replace('//localhost:', '//127.0.0.1:') === address

/** Adds a request to the log when it arrives. */
function openEntry(running: Running, request: IncomingMessage, url: string, body: RequestEntry['body']): RequestEntry {
  const entry: RequestEntry = {
    n: running.requests.length + 1,
    arrived: new Date(running.now()).toISOString(),
    method: request.method ?? 'GET',
    url,
    service: 'unknown',
    rpc: 'unknown',
    resource: '',
    mutating: false,
    userAgent: request.headers['user-agent'] ?? '',
    status: null,
    ...(body !== undefined && { body }),
  }
  running.requests.push(entry)
  return entry
}

/** Completes a request's log entry just before its answer is sent, or when it gets none. */
function closeEntry(running: Running, entry: RequestEntry, status: number | null): void {
  Object.assign(entry, { status, finished: new Date(running.now()).toISOString() })
  running.onRequest(entry)
}

/** Refuses CONNECT, by which a client could reach a real API. */
function refuseTunnels(running: Running, server: Server): void {
  server.on('connect', (request, socket) => {
    const host = request.url ?? ''
    const { status, body }: Answer = outsideAnswer(host)
    const entry = openEntry(running, request, host, undefined)
    Object.assign(entry, outsideFacts(host))
    closeEntry(running, entry, status)
    socket.on('error', () => socket.destroy())
    socket.end(
      `HTTP/1.1 ${status} Forbidden\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
    )
  })
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
}

function close(server: Server): Promise<void> {
  if (!server.listening) return Promise.resolve()
  return new Promise((resolve, reject) => {
    server.close((error) => (error ? reject(error) : resolve()))
    server.closeAllConnections()
  })
}
