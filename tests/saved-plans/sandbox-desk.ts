import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { Entry } from '../../engine/audit/entry.ts'
import type { JsonObject } from '../../engine/base/json.ts'
import type { FaultRule } from '../../engine/sandbox/model/fault.ts'
import type { RequestEntry } from '../../engine/sandbox/model/request-log.ts'
import { readScenario } from '../../engine/sandbox/scenario/read-scenario.ts'
import { startSandbox } from '../../engine/sandbox/server.ts'
import { atTheEnd } from '../at-the-end.ts'
import { compiled } from '../compiled.ts'

/** The product's folder and its entry file. */
export const root = fileURLToPath(new URL('../../', import.meta.url))
export const main = join(root, 'engine', 'main.ts')

/** How a command line ended and what it printed. */
export type Ended = { exit: number; stdout: string; stderr: string }

/** A workspace of its own and a sandbox that stays, on a machine where nothing but Node is installed. */
export type Desk = {
  folder: string
  logs: string
  /** The whole environment of its command lines. */
  environment: Record<string, string>
  at(name: string): string
  breakglass(...argv: string[]): Promise<Ended>
  /** The same with other variables. */
  breakglassIn(environment: Record<string, string>, ...argv: string[]): Promise<Ended>
  /** Sends a request to a simulated API, as a colleague would who works beside us. */
  call(verb: string, url: string, body?: object): Promise<JsonObject>
  /** Moves the sandbox's clock on, until what was created is there for everybody. */
  advance(ms: number): Promise<void>
  /** The requests that changed something, or tried to, by method. */
  changes(): Promise<string[]>
  /** The annotations of a service as the sandbox has it now. */
  annotations(project: string, service: string): Promise<JsonObject>
  entries(incident: string): Entry[]
  record(incident: string): string
}

/** Makes a desk with a scenario's sandbox; it is cleared away when the test file has ended. */
export async function makeDesk(scenarioName: string, faults: FaultRule[] = []): Promise<Desk> {
  const folder = mkdtempSync(join(tmpdir(), 'breakglass-saved-'))
  atTheEnd(() => rmSync(folder, { recursive: true, force: true }))
  cpSync(join(root, 'runbooks'), join(folder, 'runbooks'), { recursive: true })
  mkdirSync(join(folder, 'bin'))
  symlinkSync(process.execPath, join(folder, 'bin', 'node'))
  const address = await holdSandbox(folder, scenarioName, faults)
  const own = { PATH: join(folder, 'bin'), HOME: folder, TMPDIR: folder }
  const environment = { ...own, NODE_COMPILE_CACHE: compiled, BREAKGLASS_SANDBOX: address }
  const { token } = (await (await fetch(`${address}/sandbox`)).json()) as { token: string }
  const breakglassIn = (added: Record<string, string>, ...argv: string[]) =>
    finish(argv, folder, { ...environment, ...added })
  return {
    folder,
    logs: join(folder, 'logs'),
    environment,
    at: (name) => join(folder, name),
    breakglass: (...argv) => breakglassIn({}, ...argv),
    breakglassIn,
    call: (verb, url, body) => throughProxy(address, token, verb, url, body),
    async advance(ms) {
      await fetch(`${address}/sandbox/clock`, { method: 'POST', body: JSON.stringify({ advanceMs: ms }) })
    },
    async changes() {
      const requests = (await (await fetch(`${address}/sandbox/requests`)).json()) as RequestEntry[]
      return requests.filter(({ mutating }) => mutating).map(({ service, rpc }) => `${service}.${rpc}`)
    },
    async annotations(project, service) {
      const url = `http://us-central1-run.sandbox/apis/serving.knative.dev/v1/namespaces/${project}/services/${service}`
      const { metadata } = await throughProxy(address, token, 'GET', url)
      return (metadata as JsonObject).annotations as JsonObject
    },
    record: (incident) => readFileSync(join(folder, 'logs', incident, 'record.md'), 'utf8'),
    entries: (incident) =>
      readFileSync(join(folder, 'logs', incident, 'audit.jsonl'), 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Entry),
  }
}

/** The scenario without faults of its own, so that nothing is waited for. */
async function holdSandbox(folder: string, scenarioName: string, faults: FaultRule[]): Promise<string> {
  const file = join(folder, 'runbooks', 'scenarios', `${scenarioName}.yaml`)
  const reading = readScenario({ name: file, text: readFileSync(file, 'utf8') })
  if (!reading.ok) throw new Error(`${file} is not a scenario`)
  const scenario = { ...reading.value, faults }
  const sandbox = await startSandbox(scenario, { scenarioName, now: Date.now, random: randomBytes })
  atTheEnd(sandbox.close)
  return sandbox.address
}

function finish(argv: string[], cwd: string, env: Record<string, string>): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [main, ...argv], { env, cwd }, (error, stdout, stderr) =>
      resolve({ exit: error ? Number(error.code) : 0, stdout, stderr }),
    )
    child.stdin?.end()
  })
}

/** Asks as gcloud does: absolute-form through the proxy, with the token. Throws where the API refuses. */
function throughProxy(address: string, token: string, verb: string, url: string, body?: object): Promise<JsonObject> {
  const { hostname, port } = new URL(address)
  const headers = { host: new URL(url).host, authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, method: verb, path: url, headers }, async (response) => {
      const answer = await text(response)
      if (response.statusCode === 200) resolve(JSON.parse(answer) as JsonObject)
      else reject(new Error(`${verb} ${url}: ${response.statusCode} ${answer}`))
    })
    sent.on('error', reject)
    sent.end(body === undefined ? undefined : JSON.stringify(body))
  })
}
