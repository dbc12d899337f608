import { execFile } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stringify } from 'yaml'
import { EMPTY, nextLine } from '../../engine/audit/chain.ts'
import type { Entry, LogEvent } from '../../engine/audit/entry.ts'
import { identify } from '../../engine/disk/process-identity.ts'
import { planDigest } from '../../engine/plan/digest.ts'
import type { PlanSource } from '../../engine/plan/types.ts'
import type { RequestEntry } from '../../engine/sandbox/model/request-log.ts'
import { startSandbox } from '../../engine/sandbox/server.ts'
import { atTheEnd } from '../at-the-end.ts'
import { compiled } from '../compiled.ts'

const main = join(fileURLToPath(new URL('../../', import.meta.url)), 'engine', 'main.ts')

/** How a command line ended and what it printed. */
export type Ended = { exit: number; stdout: string; stderr: string }

/** A team's workspace with a sandbox that stays, and a log that somebody else has written anew. */
export type Stage = {
  folder: string
  at(name: string): string
  breakglass(...argv: string[]): Promise<Ended>
  /** The same in one of its folders. */
  breakglassIn(cwd: string, ...argv: string[]): Promise<Ended>
  /** A run of runbooks in `live` that asks nothing. */
  run(incident: string, runbooks: string[], ...more: string[]): Promise<Ended>
  write(name: string, text: string): string
  read(name: string): string
  entries(incident: string): Entry[]
  /** Makes an incident of another's log, written anew with a chain that is valid, and with no checkpoint beside it. */
  forge(from: string, incident: string, change: (entries: Entry[]) => Entry[]): void
  requests(): Promise<RequestEntry[]>
  /** The names of the locks of projects that are held. */
  locks(): string[]
  /** Holds a project's lock as this process, and lets it go. */
  holdLock(project: string): string
  releaseLock(name: string): void
}

const service = { region: 'us-central1', ingress: 'internal', invokerCheck: false } as const
const secret = (...texts: string[]) => ({ versions: texts.map((text) => ({ text })) })

/** Makes a stage; `live` and `other` are its environments, the second one protected. It is cleared away when the test file has ended. */
export async function makeStage(): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'breakglass-provenance-'))
  atTheEnd(() => rmSync(folder, { recursive: true, force: true }))
  for (const name of ['bin', 'runbooks']) mkdirSync(join(folder, name))
  symlinkSync(process.execPath, join(folder, 'bin', 'node'))
  for (const name of ['bash', 'touch', 'git']) symlinkSync(join('/usr/bin', name), join(folder, 'bin', name))
  const write = (name: string, text: string) => {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  write('runbooks/inventory.yaml', inventory())
  write('runbooks/posture.yaml', posture)
  const projects = {
    'heron-live': {
      number: '271828182845',
      services: { web: service, api: service },
      secrets: { KEY: secret('old-value-1', 'old-value-2') },
    },
    'heron-other': { number: '314159265358', services: { web: service }, secrets: { KEY: secret('other-value-1') } },
    'heron-trial': { number: '161803398874', secrets: { KEY: secret('trial-value-1') } },
  }
  const sandbox = await startSandbox(
    {
      apiVersion: 'breakglass/v1',
      kind: 'Scenario',
      metadata: { name: 'heron', title: 'A team' },
      projects,
      faults: [],
    },
    { scenarioName: 'heron', now: Date.now, random: randomBytes },
  )
  atTheEnd(sandbox.close)
  const locks = join(folder, 'locks')
  const env = {
    ...{ PATH: join(folder, 'bin'), HOME: folder, TMPDIR: folder, NODE_COMPILE_CACHE: compiled },
    ...{ BREAKGLASS_LOCKS: locks, BREAKGLASS_SANDBOX: sandbox.address },
  }
  const breakglassIn = (cwd: string, ...argv: string[]): Promise<Ended> =>
    new Promise((resolve) => {
      const child = execFile(
        process.execPath,
        [main, ...argv],
        { env, cwd: join(folder, cwd) },
        (error, stdout, stderr) => resolve({ exit: error ? Number(error.code) : 0, stdout, stderr }),
      )
      child.stdin?.end()
    })
  const breakglass = (...argv: string[]) => breakglassIn('.', ...argv)
  const logOf = (incident: string) => join(folder, 'logs', incident, 'audit.jsonl')
  const entries = (incident: string) =>
    readFileSync(logOf(incident), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Entry)
  return {
    folder,
    at: (name) => join(folder, name),
    breakglass,
    breakglassIn,
    run: (incident, runbooks, ...more) =>
      breakglass(
        ...['run', ...runbooks, '--env', 'live', '--incident', incident, '--reason', 'a test', '--yes'],
        ...more,
      ),
    write,
    read: (name) => readFileSync(join(folder, name), 'utf8'),
    entries,
    forge(from, incident, change) {
      const own = join(folder, 'logs', incident)
      if (!existsSync(own)) cpSync(join(folder, 'logs', from), own, { recursive: true })
      for (const name of ['checkpoints', 'record.md']) rmSync(join(own, name), { recursive: true, force: true })
      writeFileSync(logOf(incident), chained(change(entries(from)), incident))
    },
    locks: () => (existsSync(locks) ? readdirSync(locks) : []),
    holdLock(project) {
      mkdirSync(locks, { recursive: true, mode: 0o700 })
      const world = `sandbox-${new URL(sandbox.address).port}-${createHash('sha256').update(sandbox.token).digest('hex').slice(0, 16)}`
      const owner = {
        user: 'a colleague',
        incident: 'INC-9',
        environment: 'other',
        project,
        cloud: 'sandbox heron',
        since: new Date().toISOString(),
      }
      const name = `${world}+${project}.lock`
      writeFileSync(join(locks, name), JSON.stringify({ ...identify(process.pid), ...owner }))
      return name
    },
    releaseLock: (name) => rmSync(join(locks, name)),
    requests: async () => (await (await fetch(`${sandbox.address}/sandbox/requests`)).json()) as RequestEntry[],
  }
}

/** A whole log made of these entries by the product's own writer. */
function chained(entries: Entry[], incident: string): string {
  let head = EMPTY
  const lines = entries.map((entry) => {
    const next = nextLine(head, new Date(entry.time), entry.run, forged(entry, incident))
    head = next.head
    return `${next.line}\n`
  })
  return lines.join('')
}

/** Returns an event as a careful forger writes it: of the incident that it claims, and with its plan's own digest. */
function forged({ type, body }: LogEvent, incident: string): LogEvent {
  const event = { type, body } as LogEvent
  switch (event.type) {
    case 'run.opened':
      return { ...event, body: { ...event.body, incident } }
    case 'plan.made':
      return { ...event, body: { ...event.body, digest: planDigest(event.body.plan) } }
    default:
      return event
  }
}

/** The entries up to the first of a type, that one included. */
export const upTo = (entries: Entry[], type: Entry['type']): Entry[] =>
  entries.slice(0, entries.findIndex((entry) => entry.type === type) + 1)

/** The entries with another body in those of a type. */
export const withBody = <T extends Entry['type']>(
  entries: Entry[],
  type: T,
  change: (body: Extract<Entry, { type: T }>['body']) => object,
): Entry[] =>
  entries.map((entry) => (entry.type === type ? ({ ...entry, body: change(entry.body as never) } as Entry) : entry))

/** A log in which the run was made from another runbook, by this path. */
export const madeFrom = (entries: Entry[], path: string, text: string, name = 'evil'): Entry[] =>
  withBody(entries, 'run.opened', (body) => {
    const sources = (body.from?.sources ?? []).map(
      (source): PlanSource =>
        source.what === 'runbook' ? { what: 'runbook', name, path, digest: digestOf(text) } : source,
    )
    const { bound: _, ...from } = body.from as NonNullable<typeof body.from> & { bound?: object }
    return { ...body, from: { ...from, sources } }
  })

/** The SHA-256 of a file's text, as logs and plans have it. */
export const digestOf = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`

/** The team's inventory; `live` may have another project. */
export const inventory = (project = 'heron-live'): string =>
  stringify({
    apiVersion: 'breakglass/v1',
    kind: 'Inventory',
    metadata: { name: 'heron' },
    environments: {
      live: {
        ...{ project, region: 'us-central1', services: [{ name: 'web', posture: 'public' }] },
        secrets: [{ name: 'KEY', references: ['trial'] }],
      },
      other: {
        project: 'heron-other',
        region: 'us-central1',
        protected: true,
        secrets: [{ name: 'KEY', references: ['trial'] }],
      },
      trial: { project: 'heron-trial', region: 'us-central1', secrets: [{ name: 'KEY' }] },
    },
  })

/** The team's runbook: a service must take public traffic, and a secret must equal the one of another environment. */
const posture = `apiVersion: breakglass/v1
kind: Runbook
metadata: { name: posture, title: Posture, description: Opens the service., risk: low }
steps:
  - id: ingress
    title: web takes public traffic
    observe:
      gcloud: [run, services, describe, web, --region, "\${{ env.region }}"]
      select:
        ingress: \${{ result.metadata.?annotations[?'run.googleapis.com/ingress'].orValue('all') }}
    expect: { ingress: all }
    settle: { every: 1s, within: 2m }
    apply: { gcloud: [run, services, update, web, --region, "\${{ env.region }}", --ingress=all] }
    undo: { gcloud: [run, services, update, web, --region, "\${{ env.region }}", "--ingress=\${{ before.ingress }}"] }
  - id: secret
    title: KEY equals trial
    secret: { name: KEY, references: [trial] }
`

/** A runbook whose script leaves a trace; \`more\` stands under its only step. */
export const tracing = (trace: string, name = 'evil'): string => `apiVersion: breakglass/v1
kind: Runbook
metadata: { name: ${name}, title: Evil, description: Leaves a trace., risk: low }
steps:
  - id: trace
    title: a trace is left
    script: { run: [touch, ${trace}], exitCodes: { drift: [1] } }
`
