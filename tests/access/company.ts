import { execFile, execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer as createHttp, request } from 'node:http'
import { createServer as createHttps } from 'node:https'
import { type AddressInfo, connect, createServer as createTcp, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { readScenario } from '../../engine/sandbox/scenario/read-scenario.ts'
import { startSandbox } from '../../engine/sandbox/server.ts'

/**
 * A company's network, as a program that runs in a network namespace with nothing but loopback: an HTTP proxy, one that
 * asks for a login, and a SOCKS proxy, behind which "Google" answers with certificates of the company's own authority. Its
 * APIs are a sandbox's. Each line of stdin is a command to run there; its answer is a line of stdout.
 */
const [folder = '', scenarioFile = ''] = process.argv.slice(2)

/** One request that "Google" answered: through which proxy, with which token. */
export type Asked = { via: string; host: string; method: string; path: string; token: string }
export type Order = { argv: string[]; env: Record<string, string>; cwd: string }
export type Done = { exit: number; stdout: string; stderr: string; asked: Asked[]; connected: string[] }
export type Addresses = { proxy: string; login: string; socks: string; sandbox: string }

const FEDERATED = 'federated-token'
const USERS = 'users-token'
const impersonated = (account: string) => `token-of-${account}`

let asked: Asked[] = []
let connected: string[] = []
const viaOf = new Map<number, string>()

async function main(): Promise<void> {
  const reading = readScenario({ name: scenarioFile, text: readFileSync(scenarioFile, 'utf8') })
  if (!reading.ok) throw new Error(JSON.stringify(reading.diagnostics))
  const sandbox = await startSandbox(reading.value, {
    scenarioName: reading.value.metadata.name,
    now: Date.now,
    random: (bytes) => randomBytes(bytes),
  })
  const google = createHttps(certificate(), (incoming, outgoing) => {
    const pieces: Buffer[] = []
    incoming.on('data', (piece: Buffer) => pieces.push(piece))
    incoming.on('end', () => {
      const host = String(incoming.headers.host).split(':')[0] ?? ''
      const token = String(incoming.headers.authorization ?? '').replace('Bearer ', '')
      const via = viaOf.get(incoming.socket.remotePort ?? 0) ?? 'nothing'
      const body = Buffer.concat(pieces)
      asked.push({ via, host, method: incoming.method ?? '', path: incoming.url ?? '', token })
      const own = ownAnswer(host, incoming.url ?? '', token)
      if (own) {
        outgoing.writeHead(own.status, { 'content-type': 'application/json' }).end(JSON.stringify(own.body))
        return
      }
      const name = /^([a-z0-9-]+)\.googleapis\.com$/.exec(host)?.[1]
      const url = name === undefined ? `https://${host}${incoming.url}` : `http://${name}.sandbox${incoming.url}`
      const headers = { ...incoming.headers, host: new URL(url).host }
      if (token !== '') headers.authorization = `Bearer ${isKnown(token) ? sandbox.token : 'unknown'}`
      const { hostname, port } = new URL(sandbox.address)
      request({ hostname, port, method: incoming.method, path: url, headers }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 500, answer.headers)
        answer.pipe(outgoing)
      }).end(body)
    })
  })
  const googlePort = await listening(google)
  const proxy = await listening(connectProxy('http', false, googlePort))
  const login = await listening(connectProxy('login', true, googlePort))
  const socks = await listening(socksProxy(googlePort))
  const addresses: Addresses = {
    proxy: `http://127.0.0.1:${proxy}`,
    login: `http://127.0.0.1:${login}`,
    socks: `socks5://127.0.0.1:${socks}`,
    sandbox: sandbox.address,
  }
  process.stdout.write(`${JSON.stringify(addresses)}\n`)
  for await (const line of createInterface({ input: process.stdin })) {
    ;[asked, connected] = [[], []]
    const done = await run(JSON.parse(line) as Order)
    process.stdout.write(`${JSON.stringify(done)}\n`)
  }
  process.exit()
}

/** What Google's login services answer; undefined for all other hosts. */
function ownAnswer(host: string, path: string, token: string): { status: number; body: object } | undefined {
  if (host === 'sts.googleapis.com')
    return path.startsWith('/v1/introspect')
      ? { status: 200, body: { active: true, username: 'principal://pool/subject/ci' } }
      : {
          status: 200,
          body: { access_token: FEDERATED, issued_token_type: 'x', token_type: 'Bearer', expires_in: 3600 },
        }
  if (host !== 'iamcredentials.googleapis.com') return undefined
  const account = /serviceAccounts\/([^:]+):generateAccessToken/.exec(decodeURIComponent(path))?.[1] ?? ''
  if (![FEDERATED, USERS].includes(token))
    return { status: 403, body: { error: { code: 403, status: 'PERMISSION_DENIED', message: 'no' } } }
  const expireTime = new Date(Date.now() + 3_600_000).toISOString().replace(/\.\d+Z$/, 'Z')
  return { status: 200, body: { accessToken: impersonated(account), expireTime } }
}

const isKnown = (token: string): boolean => token === FEDERATED || token === USERS || token.startsWith('token-of-')

/** A certificate of the company's authority for all of Google's hosts. */
function certificate(): { key: string; cert: string } {
  const at = (name: string) => join(folder, name)
  const openssl = (...argv: string[]) => execFileSync('openssl', argv, { cwd: folder, stdio: 'pipe' })
  openssl(
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '2',
    '-subj',
    '/CN=Company CA',
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
    '-addext',
    'basicConstraints=critical,CA:true',
    '-addext',
    'keyUsage=critical,keyCertSign',
  )
  openssl('req', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=google', '-keyout', 'google.key', '-out', 'google.csr')
  execFileSync(
    'sh',
    ['-c', "printf 'subjectAltName=DNS:*.googleapis.com,DNS:*.run.app,DNS:*.a.run.app,DNS:api.github.com\n' > san"],
    { cwd: folder },
  )
  openssl(
    'x509',
    '-req',
    '-in',
    'google.csr',
    '-CA',
    'ca.pem',
    '-CAkey',
    'ca.key',
    '-CAcreateserial',
    '-days',
    '2',
    '-extfile',
    'san',
    '-out',
    'google.pem',
  )
  return { key: readFileSync(at('google.key'), 'utf8'), cert: readFileSync(at('google.pem'), 'utf8') }
}

function connectProxy(name: string, login: boolean, google: number): Server {
  const server = createHttp((incoming, outgoing) => {
    connected.push(`${name} ${incoming.method} ${incoming.url}`)
    outgoing.writeHead(200).end('plain')
  })
  server.on('connect', (incoming, socket: Socket, head: Buffer) => {
    connected.push(`${name} ${incoming.url}`)
    socket.on('error', () => {})
    if (login) {
      socket.end(
        'HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="x"\r\nContent-Length: 0\r\n\r\n',
      )
      return
    }
    forward(name, socket, google, () => socket.write('HTTP/1.1 200 Connection established\r\n\r\n'), head)
  })
  return server
}

/** RFC 1928, without a login. */
function socksProxy(google: number): Server {
  return createTcp((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => {
      socket.write(Uint8Array.of(5, 0))
      socket.once('data', (asking) => {
        connected.push(`socks ${asking.subarray(5, 5 + (asking[4] ?? 0))}:${asking.readUInt16BE(5 + (asking[4] ?? 0))}`)
        forward('socks', socket, google, () => socket.write(Uint8Array.of(5, 0, 0, 1, 0, 0, 0, 0, 0, 0)))
      })
    })
  })
}

function forward(
  name: string,
  socket: Socket,
  google: number,
  ready: () => void,
  head: Uint8Array = Buffer.alloc(0),
): void {
  const there = connect(google, '127.0.0.1', () => {
    viaOf.set(there.localPort ?? 0, name)
    ready()
    there.write(head)
    socket.pipe(there).pipe(socket)
  })
  there.on('error', () => socket.destroy())
}

const listening = (server: Server): Promise<number> =>
  new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)))

const run = ({ argv: [file = '', ...argv], env, cwd }: Order): Promise<Done> =>
  new Promise((resolve) => {
    const child = execFile(file, argv, { env, cwd, maxBuffer: 1 << 26, timeout: 280_000 }, (error, stdout, stderr) =>
      resolve({ exit: error ? Number(error.code ?? -1) : 0, stdout, stderr, asked, connected }),
    )
    child.stdin?.end()
  })

await main()
