import { once } from 'node:events'
import { Agent as HttpAgent, request as http, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as https } from 'node:https'
import { connect, isIP, type Socket } from 'node:net'
import { rootCertificates, connect as secure } from 'node:tls'
import { isLoopback } from '../base/loopback.ts'
import { type Access, proxyAt } from '../runbook/access.ts'
import type { UnreadableCause } from '../steps/types.ts'
import type { HttpAnswer } from '../steps/world.ts'

/** How the engine's own requests are sent: through which proxy, directly to which hosts, trusting which certificates (PEM). */
export type Way = Pick<Access, 'proxy' | 'noProxy'> & { ca?: string }

type Request = { method?: 'POST'; headers?: Record<string, string>; body?: string; timeoutMs: number }

/**
 * Sends one request and returns its response, redirects included. It ignores the caller's environment: proxies and
 * certificates are those of `way`, or none and the usual ones. Rejects with an Error.
 */
export async function send(address: string, request: Request, way: Way): Promise<IncomingMessage> {
  const { method = 'GET', headers = {}, body, timeoutMs } = request
  const signal = AbortSignal.timeout(timeoutMs)
  const url = new URL(address)
  const ca = way.ca ?? [...rootCertificates]
  const options = { method, headers, signal }
  const proxy = proxyFor(url, way)
  try {
    const sending =
      url.protocol === 'https:'
        ? https(url, {
            ...options,
            ...(proxy === undefined ? { agent: new HttpsAgent({ ca }) } : await tunnelled(proxy, url, ca, signal)),
          })
        : http(url, {
            ...options,
            ...(proxy === undefined ? { agent: new HttpAgent() } : await plain(proxy, url, headers, signal)),
          })
    // Once there is a response, its reader handles what ends the connection.
    sending.on('error', () => {}).end(body)
    const [response] = (await once(sending, 'response')) as [IncomingMessage]
    return response
  } catch (error) {
    throw signal.aborted ? signal.reason : error
  }
}

/** Describes why a request got no answer, and the kind of failure. */
export function troubleOf(error: unknown): { failed: string; cause: UnreadableCause } {
  const { name, code, message } = error as Error & { code?: string }
  return { failed: code ?? message, cause: name === 'TimeoutError' ? 'timeout' : 'network' }
}

function proxyFor(url: URL, { proxy, noProxy = [] }: Way): string | undefined {
  const past = (host: string) => host === url.hostname || (host.startsWith('.') && url.hostname.endsWith(host))
  return isLoopback(url) || noProxy.some(past) ? undefined : proxy
}

/** Opens a connection to a host through a proxy, encrypted up to that host. */
async function tunnelled(proxy: string, url: URL, ca: string | string[], signal: AbortSignal) {
  const socket = (await tunnel(proxy, url, 443, signal)).on('error', () => {})
  const host = bare(url.hostname)
  const secured = secure({ socket, ca, host, ...(isIP(host) === 0 ? { servername: host } : {}) })
  signal.addEventListener('abort', () => secured.destroy(), { once: true })
  await once(secured, 'secureConnect', { signal })
  return { createConnection: () => secured }
}

/** Returns options for an unencrypted request: an HTTP proxy gets it as a whole, as usual; a SOCKS proxy knows no requests. */
async function plain(proxy: string, url: URL, headers: Record<string, string>, signal: AbortSignal) {
  const { type, host, port } = proxyAt(proxy)
  if (type === 'socks5') {
    const socket = await tunnel(proxy, url, 80, signal)
    return { createConnection: () => socket }
  }
  return { agent: new HttpAgent(), hostname: bare(host), port, path: url.href, headers: { ...headers, host: url.host } }
}

async function tunnel(proxy: string, url: URL, usual: number, signal: AbortSignal): Promise<Socket> {
  const to = { host: bare(url.hostname), port: url.port === '' ? usual : Number(url.port) }
  const { type, host, port } = proxyAt(proxy)
  const at = { host: bare(host), port }
  return type === 'socks5' ? throughSocks(at, to, signal) : throughConnect(at, `${url.hostname}:${to.port}`, signal)
}

async function throughConnect(at: { host: string; port: number }, to: string, signal: AbortSignal): Promise<Socket> {
  const asking = http({ ...at, method: 'CONNECT', path: to, headers: { host: to }, agent: new HttpAgent(), signal })
  asking.end()
  const refused = once(asking, 'response')
  const [response, socket] = (await Promise.race([once(asking, 'connect'), refused])) as [IncomingMessage, Socket?]
  if (response.statusCode === 200 && socket !== undefined) return socket
  socket?.destroy()
  throw new Error(
    `the proxy answered ${response.statusCode}${response.statusCode === 407 ? ': it requires a login' : ''}`,
  )
}

/** Connects through a SOCKS proxy (RFC 1928) without a login, by host name, so that the proxy resolves it. */
async function throughSocks(
  at: { host: string; port: number },
  to: { host: string; port: number },
  signal: AbortSignal,
): Promise<Socket> {
  const socket = connect({ ...at, signal })
  const name = Buffer.from(to.host)
  await once(socket, 'connect', { signal })
  socket.write(Uint8Array.of(5, 1, 0))
  const [, login] = await take(socket, 2, signal)
  if (login !== 0) throw refused(socket, 'it requires a login')
  socket.write(Uint8Array.of(5, 1, 0, 3, name.length, ...name, to.port >> 8, to.port & 0xff))
  const [, status, , kind] = await take(socket, 4, signal)
  if (status !== 0) throw refused(socket, `its answer is ${status}`)
  const rest = kind === 1 ? 4 : kind === 4 ? 16 : ((await take(socket, 1, signal))[0] ?? 0)
  await take(socket, rest + 2, signal)
  return socket
}

function refused(socket: Socket, why: string): Error {
  socket.destroy()
  return new Error(`the SOCKS proxy refused the connection: ${why}`)
}

async function take(socket: Socket, count: number, signal: AbortSignal): Promise<Buffer> {
  for (;;) {
    const piece = socket.read(count) as Buffer | null
    if (piece !== null) return piece
    if (socket.readableEnded || socket.destroyed) throw new Error('the SOCKS proxy ended the connection')
    await Promise.race([once(socket, 'readable', { signal }), once(socket, 'close', { signal })])
  }
}

const bare = (host: string): string => host.replace(/^\[(.*)\]$/, '$1')

/** Requests a URL in the real world and returns its status, without following redirects. */
export async function askUrl(url: string, timeoutMs: number, way: Way): Promise<HttpAnswer> {
  try {
    const response = await send(url, { timeoutMs }, way)
    response.destroy()
    return { status: response.statusCode ?? 0 }
  } catch (error) {
    return troubleOf(error)
  }
}
