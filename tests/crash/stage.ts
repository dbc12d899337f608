import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Verification, verifyLog } from '../../engine/audit/verify.ts'
import { workspaceAt } from '../../engine/disk/workspace.ts'
import type { FaultRule } from '../../engine/sandbox/model/fault.ts'
import type { RequestEntry } from '../../engine/sandbox/model/request-log.ts'
import { startSandbox } from '../../engine/sandbox/server.ts'
import { scenarioChoice } from '../../engine/session/host/choose-cloud.ts'
import { loadScenario } from '../../engine/session/host/load.ts'
import { openFront, type Where } from './front.ts'
import { hurriedWorkspace } from './hurried-workspace.ts'
import { consentAtTerminal } from './operator.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const main = join(root, 'engine', 'main.ts')
const killer = new URL('./kill-at-line.ts', import.meta.url).href

/** Where an engine is ended: when a line of the log is on disk, at a request of it, or once a request has met a fault. */
export type Point = { line: number } | { request: number; where: Where } | { fault: true }

/** How an engine ended. */
export type Ended = { exit: number | null; killed: boolean; said: string }

/** A sandbox that outlives the engines that change it, with an incident's folder. */
export type Stage = {
  /** Runs `breakglass …` to its end, or to a point where it is killed. */
  breakglass(argv: string[], point?: Point): Promise<Ended>
  /** The sandbox's whole state as text. */
  state(): Promise<string>
  /** Goes on with what is in doubt as a person at a terminal, who consents to everything. */
  decide(argv: string[]): Promise<{ exit: number; said: string }>
  /** The requests after which something was another than before. */
  effects: string[]
  requests(): number
  /** Moves the sandbox's clock on. */
  advance(ms: number): Promise<void>
  /** All that the sandbox was asked, in order. */
  asked(): Promise<RequestEntry[]>
  log(): Verification
  record(): string
  close(): Promise<void>
}

export const INCIDENT = 'INC-1'

/** The protected project of the scenario. */
const PROJECT = 'jualuma-prod'

/**
 * Sets a stage, with these faults; where a `timeout` is given, no command may take longer. Its random bytes are the same
 * each time, so that two stages can be compared.
 */
export async function setStage(
  scenario: string,
  gcloud: string | undefined,
  faults: FaultRule[] = [],
  timeout?: string,
): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'breakglass-crash-'))
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  symlinkSync(process.execPath, join(bin, 'node'))
  const chosen = scenarioChoice(await loadScenario(scenario, workspaceAt(root), root))
  const sandbox = await startSandbox(faults.length === 0 ? chosen.scenario : { ...chosen.scenario, faults }, {
    scenarioName: chosen.scenario.metadata.name,
    ...(chosen.inventory === undefined ? {} : { inventory: chosen.inventory }),
    now: Date.now,
    random: sameEachTime(),
  })
  let engine: ChildProcess | undefined
  let point: Point | undefined
  let before = 0
  const get = async (path: string) => (await fetch(`${sandbox.address}/sandbox/${path}`)).json()
  const state = async () => normal(JSON.stringify(await get('state'), null, 1))
  const lasting = async () => normal(JSON.stringify(await get('state'), withoutSettling, 1))
  const dies = (number: number, where: Where) => {
    if (point === undefined || !('request' in point)) return false
    if (number !== before + point.request || where !== point.where) return false
    return engine?.kill('SIGKILL') ?? false
  }
  const front = await openFront(sandbox.address, dies, lasting)
  const workspace = timeout === undefined ? root : hurriedWorkspace(root, timeout, join(folder, 'workspace'))
  const places = ['--workspace', workspace, '--logs', join(folder, 'logs')]
  const files = join(folder, 'logs', INCIDENT)
  const environment = {
    PATH: gcloud === undefined ? bin : [bin, dirname(gcloud), '/usr/bin', '/bin'].join(delimiter),
    ...{ HOME: folder, TMPDIR: folder, BREAKGLASS_LOCKS: join(folder, 'locks'), BREAKGLASS_SANDBOX: front.address },
    NODE_COMPILE_CACHE: join(tmpdir(), 'breakglass-crash-compiled'),
  }
  return {
    breakglass(argv, at) {
      point = at
      before = front.requests()
      const kills = at && 'line' in at ? { NODE_OPTIONS: `--import=${killer}`, CRASH_AT_LINE: String(at.line) } : {}
      engine = spawn(process.execPath, [main, ...argv, ...places], {
        env: { ...environment, ...kills },
        cwd: root,
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      const killing = at && 'fault' in at ? killAtFault(engine, () => get('requests')) : undefined
      return ended(engine).finally(() => clearInterval(killing))
    },
    decide: (argv) =>
      consentAtTerminal([process.execPath, main, ...argv, ...places], {
        cwd: root,
        env: environment,
        project: PROJECT,
      }),
    state,
    effects: front.effects,
    advance: async (ms) => {
      const body = JSON.stringify({ advanceMs: ms })
      await fetch(`${sandbox.address}/sandbox/clock`, { method: 'POST', body })
    },
    requests: () => front.requests() - before,
    asked: () => get('requests'),
    log: () => verifyLog(readIfThere(join(files, 'audit.jsonl'))),
    record: () => readIfThere(join(files, 'record.md')).toString('utf8'),
    async close() {
      front.close()
      await sandbox.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Kills an engine once one of its requests has met a fault. */
const killAtFault = (engine: ChildProcess, asked: () => Promise<RequestEntry[]>): NodeJS.Timeout =>
  setInterval(async () => {
    if ((await asked()).some(({ fault }) => fault !== undefined)) engine.kill('SIGKILL')
  }, 50)

/** Returns the state as text, without what differs by how often and in which order anything was written. */
const normal = (state: string): string =>
  state
    .replaceAll(TIME, 'TIME')
    .replaceAll(NONCE, '$1"NONCE"')
    .replaceAll(
      /"(etag|generation|observedGeneration|resourceVersion|uid|uniqueId|oauth2ClientId)": ("[^"]*"|\d+)/g,
      '"$1": "MARK"',
    )

/** Leaves out what changes by itself once time passes, whoever asks meanwhile: a replacer for `JSON.stringify`. */
const withoutSettling = (key: string, value: unknown): unknown =>
  key === 'status' || key === 'serving' || key === 'run.googleapis.com/ingress-status' ? undefined : value

/** What gcloud draws anew for each revision. */
const NONCE = /("client\.knative\.dev\/nonce": )"[a-z]+"/g

/** A time as the log or the record has it. */
export const TIME = /\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z| UTC)/g

function readIfThere(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch {
    return Buffer.alloc(0)
  }
}

function ended(child: ChildProcess): Promise<Ended> {
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => (said += text))
  return new Promise((resolve) =>
    child.on('close', (exit, signal) => resolve({ exit, killed: signal === 'SIGKILL', said })),
  )
}

/** Bytes that look random and are the same in every stage. */
function sameEachTime(): (bytes: number) => Uint8Array {
  let count = 0
  return (bytes) => {
    const blocks = Array.from({ length: Math.ceil(bytes / 32) }, () =>
      createHash('sha256').update(String(count++)).digest(),
    )
    return Buffer.concat(blocks).subarray(0, bytes)
  }
}
