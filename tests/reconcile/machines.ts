import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { Entry } from '../../engine/audit/entry.ts'
import { workspaceAt } from '../../engine/disk/workspace.ts'
import { foldRuns } from '../../engine/run/model/fold-runs.ts'
import type { FaultRule } from '../../engine/sandbox/model/fault.ts'
import type { RequestEntry } from '../../engine/sandbox/model/request-log.ts'
import { startSandbox } from '../../engine/sandbox/server.ts'
import { scenarioChoice } from '../../engine/session/host/choose-cloud.ts'
import { loadScenario } from '../../engine/session/host/load.ts'
import { atTheEnd } from '../at-the-end.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const main = join(root, 'engine', 'main.ts')

export const INCIDENT = 'INC-7'
export const UNDO = ['undo', INCIDENT, '--yes']
export const RESUME = ['resume', INCIDENT, '--yes']
export const RUN = [
  ...['run', 'secret-parity', 'access-posture', 'runtime-identity', '--env', 'prod', '--yes'],
  ...['--incident', INCIDENT, '--reason', 'Smoke checks answer 404.'],
]

/** How a command line ended. */
export type Ended = { exit: number | null; said: string }

/** One of several machines that work on one incident: folders and locks of its own, the same cloud and account. */
export type Machine = {
  breakglass(argv: string[]): Promise<Ended>
  /** Ends its engine at once, as a power cut would. */
  kill(): void
  entries(): Entry[]
  record(): string
  /** What each of its steps came to, by key. */
  statuses(): Record<string, string | undefined>
  /** The committed requests that its engines sent. */
  committed(): RequestEntry[]
  /** Holds each of its changing requests back until this is settled. */
  hold: (asked: { method: string; url: string }) => Promise<unknown> | undefined
  /** Is called before an answer gets back to it. */
  answered: (asked: { method: string; url: string }) => void
}

/** A sandbox that several machines reach. */
export type Site = {
  /** A machine with this gcloud, or with none. */
  machine(gcloud?: string): Promise<Machine>
  /** The requests that were answered so far. */
  requests(): RequestEntry[]
  // biome-ignore lint/suspicious/noExplicitAny: it is looked into by hand
  state(): Promise<any>
  /** Sends a request to a simulated API as somebody at a console would. */
  console(verb: string, url: string, body?: object): Promise<object>
  /** Lets a minute pass, in which what was changed comes into force. */
  settle(): Promise<void>
}

/** What is asked with POST and only reads, or waits. */
const READS = /:(getIamPolicy|testIamPermissions|wait)\b/

export async function makeSite(faults: FaultRule[] = []): Promise<Site> {
  const chosen = scenarioChoice(await loadScenario('incident-2026-02-27', workspaceAt(root), root))
  const done: RequestEntry[] = []
  const sandbox = await startSandbox(
    { ...chosen.scenario, faults },
    {
      scenarioName: chosen.scenario.metadata.name,
      ...(chosen.inventory === undefined ? {} : { inventory: chosen.inventory }),
      now: Date.now,
      random: randomBytes,
      onRequest: (entry) => done.push(entry),
    },
  )
  atTheEnd(sandbox.close)
  const get = async (path: string) => (await fetch(`${sandbox.address}/sandbox/${path}`)).json()
  const requests = () => done
  return {
    machine: (gcloud) => makeMachine(sandbox.address, requests, gcloud),
    requests,
    state: () => get('state'),
    async settle() {
      await fetch(`${sandbox.address}/sandbox/clock`, { method: 'POST', body: JSON.stringify({ advanceMs: 60_000 }) })
    },
    async console(verb, url, body) {
      const headers = {
        host: new URL(url).host,
        authorization: `Bearer ${sandbox.token}`,
        'content-type': 'application/json',
        'user-agent': 'Mozilla/5.0',
      }
      const sent = body === undefined ? Buffer.alloc(0) : Buffer.from(JSON.stringify(body))
      const answer = await forward(sandbox.address, verb, url, headers, sent)
      if (answer.status !== 200) throw new Error(`${verb} ${url}: ${answer.status} ${answer.body}`)
      return JSON.parse(answer.body.toString('utf8')) as object
    },
  }
}

async function makeMachine(sandbox: string, requests: Site['requests'], gcloud: string | undefined): Promise<Machine> {
  const folder = mkdtempSync(join(tmpdir(), 'breakglass-machine-'))
  atTheEnd(() => rmSync(folder, { recursive: true, force: true }))
  mkdirSync(join(folder, 'bin'))
  symlinkSync(process.execPath, join(folder, 'bin', 'node'))
  const files = join(folder, 'logs', INCIDENT)
  const entries = (): Entry[] =>
    existsSync(join(files, 'audit.jsonl'))
      ? readFileSync(join(files, 'audit.jsonl'), 'utf8')
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line) as Entry)
      : []
  const path = [join(folder, 'bin'), ...(gcloud === undefined ? [] : [dirname(gcloud), '/usr/bin', '/bin'])].join(
    delimiter,
  )
  let engine: ChildProcess | undefined
  const machine: Machine = {
    hold: () => undefined,
    answered: () => {},
    kill: () => void engine?.kill('SIGKILL'),
    breakglass(argv) {
      const env = {
        ...{ PATH: path, HOME: folder, TMPDIR: folder, BREAKGLASS_LOCKS: join(folder, 'locks') },
        ...{ BREAKGLASS_SANDBOX: address, NODE_COMPILE_CACHE: join(tmpdir(), 'breakglass-crash-compiled') },
      }
      const places = ['--workspace', root, '--logs', join(folder, 'logs')]
      engine = spawn(process.execPath, [main, ...argv, ...places], {
        env,
        cwd: root,
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      return ended(engine)
    },
    entries,
    record: () => readFileSync(join(files, 'record.md'), 'utf8'),
    statuses: () =>
      Object.fromEntries(
        foldRuns(entries()).flatMap(({ steps }) => [...steps].map(([key, { status }]) => [key, status] as const)),
      ),
    committed() {
      const marks = entries().flatMap((entry) =>
        entry.type === 'run.opened' || entry.type === 'run.resumed' ? (entry.body.gcloud.mark ?? []) : [],
      )
      return requests().filter(
        ({ committed, userAgent }) => committed && marks.some((mark) => userAgent.includes(mark)),
      )
    },
  }
  const door = createServer((incoming, outgoing) => {
    pass(incoming, outgoing).catch(() => outgoing.destroy())
  })
  async function pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = await buffer(incoming)
    const { method = 'GET', url = '' } = incoming
    const isOwn = url.startsWith('/') || url.startsWith(`${address}/`)
    if (!isOwn && method !== 'GET' && !READS.test(url)) await machine.hold({ method, url })
    const answer = await forward(sandbox, method, url.replace(address, ''), incoming.headers, body)
    if (!isOwn) machine.answered({ method, url })
    outgoing.writeHead(answer.status, answer.headers).end(answer.body)
  }
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve))
  const address = `http://127.0.0.1:${(door.address() as AddressInfo).port}`
  atTheEnd(() => {
    door.close()
    door.closeAllConnections()
  })
  return machine
}

function forward(sandbox: string, method: string, path: string, headers: IncomingMessage['headers'], body: Buffer) {
  const { hostname, port } = new URL(sandbox)
  return new Promise<{ status: number; headers: IncomingMessage['headers']; body: Buffer }>((resolve, reject) => {
    const outgoing = request({ hostname, port, method, path, headers, agent: false }, (answer) => {
      buffer(answer).then(
        (received) => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: received }),
        reject,
      )
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

function ended(child: ChildProcess): Promise<Ended> {
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => (said += text))
  return new Promise((resolve) => child.on('close', (exit) => resolve({ exit, said })))
}
