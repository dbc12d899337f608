import { createHash } from 'node:crypto'
import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'
import type { DescribeApi } from '../../engine/sandbox/apis/load.ts'
import type { FaultRule } from '../../engine/sandbox/model/fault.ts'
import type { RequestEntry } from '../../engine/sandbox/model/request-log.ts'
import type { Scenario, ScenarioProject } from '../../engine/sandbox/model/scenario.ts'
import { type Sandbox, startSandbox } from '../../engine/sandbox/server.ts'

/** An answer; `json` is an empty object if the body is something else. */
export type Reply = { status: number; headers: Record<string, string>; body: string; json: ApiJson }

/** The fields of answers that tests read; each answer has some of them. */
export type ApiJson = {
  name: string
  error: { code: number; message: string; status: string; details: { reason: string }[] }
  metadata: { name: string; generation: number; resourceVersion: string; annotations: Record<string, string> }
  spec: {
    template: { metadata: { [key: string]: unknown }; spec: { serviceAccountName: string } }
  }
  status: {
    url: string
    imageDigest: string
    conditions: { type: string; status: string; message?: string }[]
    latestReadyRevisionName: string
    latestCreatedRevisionName: string
    traffic: { revisionName: string; percent?: number; tag?: string; url?: string }[]
  }
  items: { metadata: { name: string } }[]
  versions: { name: string }[]
  nextPageToken: string
  payload: { data: string }
  destroyTime: string
  state: string
  etag: string
  bindings: { role: string; members: string[] }[]
  projects: { [id: string]: ProjectState } & { length: number }
  accounts: { email: string }[]
  uniqueId: string
  disabled: boolean
  keys: { keyType: string }[]
  services: { config: { name: string } }[]
  now: string
  message: string
}

/** One project in the sandbox's state. */
export type ProjectState = { iamPolicy: { etag: string }; secrets: Record<string, unknown[]> }

/** A sandbox under test, whose clock moves only when it is advanced. */
export type Box = Sandbox & {
  logged: RequestEntry[]
  /** Sends a request as gcloud does: in absolute form through the proxy, with the token. */
  ask(method: string, url: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>
  /** Sends a request to the sandbox itself. */
  control(method: string, path: string, body?: unknown): Promise<Reply>
  advance(ms: number): Promise<void>
}

/** A project with one of everything. */
export const project: ScenarioProject = {
  number: '100000000001',
  services: {
    shop: {
      region: 'us-central1',
      invokerCheck: false,
      secretEnv: { KEY: { secret: 'api-key', version: 'latest' } },
      responds: { '/': 200, '/health': 200 },
    },
  },
  secrets: { 'api-key': { versions: [{ text: 'one' }, { text: 'two' }] } },
  serviceAccounts: { runner: { displayName: 'Runner', keys: [{ type: 'user' }, { type: 'system' }] } },
  iamBindings: [
    {
      role: 'roles/secretmanager.secretAccessor',
      members: ['serviceAccount:runner@acme-prod.iam.gserviceaccount.com'],
    },
  ],
}

/** Returns a scenario of that project, with changed contents or with faults. */
export const scenarioWith = (more: Partial<ScenarioProject> = {}, faults: FaultRule[] = []): Scenario => ({
  apiVersion: 'breakglass/v1',
  kind: 'Scenario',
  metadata: { name: 'test', title: 'Test' },
  projects: { 'acme-prod': { ...project, ...more } },
  faults,
})

/** Random bytes that are the same in every test run. */
export function fixedRandom(): (bytes: number) => Uint8Array {
  let count = 0
  return (bytes) => createHash('sha512').update(String(count++)).digest().subarray(0, bytes)
}

const standing = () => Date.parse('2026-03-01T12:00:00Z')

/** Starts a sandbox that is closed when the test ends. */
export async function startBox(
  scenario: Scenario = scenarioWith(),
  now: () => number = standing,
  describe?: DescribeApi,
): Promise<Box> {
  const logged: RequestEntry[] = []
  const sandbox = await startSandbox(scenario, {
    scenarioName: scenario.metadata.name,
    inventory: '/somewhere/inventory.yaml',
    now,
    random: fixedRandom(),
    ...(describe ? { describe } : {}),
    onRequest: (entry) => logged.push(structuredClone(entry)),
  })
  onTestFinished(() => sandbox.close())
  const { address, token } = sandbox
  const control = (method: string, path: string, body?: unknown) => send(address, method, path, body, {})
  return {
    ...sandbox,
    logged,
    control,
    ask: (method, url, body, headers = {}) =>
      send(address, method, url, body, { authorization: `Bearer ${token}`, ...headers }),
    advance: async (ms) => {
      await control('POST', '/sandbox/clock', { advanceMs: ms })
    },
  }
}

/** Sends one HTTP request to a proxy; `path` is in absolute form or not, as given. Rejects if the connection breaks. */
export function send(
  address: string,
  method: string,
  path: string,
  body: unknown,
  headers: Record<string, string>,
): Promise<Reply> {
  const { hostname, port } = new URL(address)
  return new Promise((resolve, reject) => {
    const outgoing = request({ hostname, port, method, path, headers, agent: false }, (incoming) => {
      text(incoming).then((received) => {
        resolve({
          status: incoming.statusCode ?? 0,
          headers: incoming.headers as Record<string, string>,
          body: received,
          json: parsed(received),
        })
      }, reject)
    })
    outgoing.on('error', reject)
    outgoing.end(body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body))
  })
}

function parsed(body: string): ApiJson {
  try {
    return JSON.parse(body)
  } catch {
    return {} as ApiJson
  }
}
