import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stringify } from 'yaml'
import type { Entry } from '../../engine/audit/entry.ts'
import type { FaultRule } from '../../engine/sandbox/model/fault.ts'
import type { RequestEntry } from '../../engine/sandbox/model/request-log.ts'
import type { ScenarioProject } from '../../engine/sandbox/model/scenario.ts'
import { startSandbox } from '../../engine/sandbox/server.ts'
import { atTheEnd } from '../at-the-end.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const main = join(root, 'engine', 'main.ts')

/** How a command line ended and what it printed. */
export type Ended = { exit: number; stdout: string; stderr: string }

/** What the made-up team has: what `live` must look like, and what is there. */
export type Team = {
  live?: object
  trial?: object
  heronLive?: Omit<ScenarioProject, 'number'>
  heronTrial?: Omit<ScenarioProject, 'number'>
  faults?: FaultRule[]
}

/** A workspace of a made-up team with a sandbox that stays, where nothing but Node is installed. */
export type TeamDesk = {
  folder: string
  logs: string
  /** The sandbox's address. */
  address: string
  /** What happens while the sandbox answers a request. */
  onRequest: (entry: RequestEntry) => void
  breakglass(...argv: string[]): Promise<Ended>
  /** A run of a runbook in `live` that asks nothing. */
  run(runbook: string, incident: string, ...more: string[]): Promise<Ended>
  write(name: string, text: string): string
  entries(incident: string): Entry[]
  record(incident: string): string
  /** The requests that changed something, or tried to, by method. */
  changes(): Promise<string[]>
}

/** Makes a desk; it is cleared away when the test file has ended. */
export async function makeTeamDesk({ live, trial, heronLive, heronTrial, faults = [] }: Team): Promise<TeamDesk> {
  const folder = mkdtempSync(join(tmpdir(), 'breakglass-team-'))
  atTheEnd(() => rmSync(folder, { recursive: true, force: true }))
  for (const name of ['bin', 'runbooks']) mkdirSync(join(folder, name))
  for (const name of ['secret-parity', 'access-posture'])
    cpSync(join(root, 'runbooks', `${name}.yaml`), join(folder, 'runbooks', `${name}.yaml`))
  symlinkSync(process.execPath, join(folder, 'bin', 'node'))
  const region = 'us-central1'
  const environments = {
    live: { project: 'heron-live', region, ...live },
    trial: { project: 'heron-trial', region, ...trial },
  }
  const inventory = { apiVersion: 'breakglass/v1', kind: 'Inventory', metadata: { name: 'heron' }, environments }
  writeFileSync(join(folder, 'runbooks', 'inventory.yaml'), stringify(inventory))
  const projects = {
    'heron-live': { number: '271828182845', ...heronLive },
    'heron-trial': { number: '314159265358', ...heronTrial },
  }
  let desk: TeamDesk | undefined
  const sandbox = await startSandbox(
    { apiVersion: 'breakglass/v1', kind: 'Scenario', metadata: { name: 'heron', title: 'A team' }, projects, faults },
    { scenarioName: 'heron', now: Date.now, random: randomBytes, onRequest: (entry) => desk?.onRequest(entry) },
  )
  atTheEnd(sandbox.close)
  const env = { PATH: join(folder, 'bin'), HOME: folder, TMPDIR: folder, BREAKGLASS_LOCKS: join(folder, 'locks') }
  const breakglass = (...argv: string[]): Promise<Ended> =>
    new Promise((resolve) => {
      const child = execFile(process.execPath, [main, ...argv], { env, cwd: folder }, (error, stdout, stderr) =>
        resolve({ exit: error ? Number(error.code) : 0, stdout, stderr }),
      )
      child.stdin?.end()
    })
  const logs = join(folder, 'logs')
  desk = {
    folder,
    logs,
    address: sandbox.address,
    onRequest: () => {},
    breakglass,
    run: (runbook, incident, ...more) =>
      breakglass(
        ...['run', runbook, '--env', 'live', '--sandbox', sandbox.address, '--incident', incident],
        ...(more.includes('--reason') ? [] : ['--reason', 'a test']),
        ...['--yes', ...more],
      ),
    write(name, text) {
      writeFileSync(join(folder, name), text)
      return join(folder, name)
    },
    entries(incident) {
      const file = join(logs, incident, 'audit.jsonl')
      if (!existsSync(file)) return []
      const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
      return lines.map((line) => JSON.parse(line) as Entry)
    },
    record: (incident) => readFileSync(join(logs, incident, 'record.md'), 'utf8'),
    async changes() {
      const requests = (await (await fetch(`${sandbox.address}/sandbox/requests`)).json()) as RequestEntry[]
      return requests.filter(({ mutating }) => mutating).map(({ service, rpc }) => `${service}.${rpc}`)
    },
  }
  return desk
}

/** The entries of one type. */
export const ofType = <T extends Entry['type']>(entries: Entry[], type: T): Extract<Entry, { type: T }>[] =>
  entries.filter((entry): entry is Extract<Entry, { type: T }> => entry.type === type)

/** A runbook with one step that selects the image of the service `web` and only shows it. */
export const showsImage = `apiVersion: breakglass/v1
kind: Runbook
metadata: { name: image, title: An image, description: Shows an image., risk: low }
steps:
  - id: image
    title: web has its image
    observe:
      gcloud: [run, services, describe, web, --region, "\${{ env.region }}"]
      select:
        IMAGE: \${{ result.spec.template.spec.containers.map(c, c.image) }}
    expect: { IMAGE: [memory] }
`
