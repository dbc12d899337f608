import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, onTestFinished } from 'vitest'
import { stringify } from 'yaml'
import type { Entry } from '../../engine/audit/entry.ts'
import type { FaultRule } from '../../engine/sandbox/model/fault.ts'
import type { RequestEntry } from '../../engine/sandbox/model/request-log.ts'
import type { Scenario } from '../../engine/sandbox/model/scenario.ts'
import { startSandbox } from '../../engine/sandbox/server.ts'
import { folderOf } from '../incident/cli.ts'

const main = fileURLToPath(new URL('../../engine/main.ts', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'breakglass-faults-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
mkdirSync(join(folder, 'bin'))
symlinkSync(process.execPath, join(folder, 'bin', 'node'))

/** What runs gcloud's commands: the fake gcloud, if PATH has only Node, or the real one. */
export type Client = 'fake' | 'gcloud'

/** How a run with faults ended, and what it left in the log and in the sandbox. */
export type Ended = {
  exit: number
  text: string
  entries: Entry[]
  requests: RequestEntry[]
  /** Whether each step's resource is correct, by the sandbox's state. */
  truth: Record<StepId, boolean>
  state: { secrets: Record<string, { version: string }[]> }
}

/** The steps of the small team's runbooks. */
export type StepId = 'key' | 'public' | 'account' | 'role'

const email = 'cr-shop@tern-live.iam.gserviceaccount.com'
const described = ['run', 'services', 'describe', 'shop', '--region', 'us-central1']
const annotation = (name: string) => `result.metadata.?annotations[?'run.googleapis.com/${name}']`
const settle = { every: '1s', within: '10s' }

/** The runbooks, with the timeout of their commands. */
const runbooksWith = (timeout: string): Record<string, object[]> => ({
  secret: [{ id: 'key', title: 'KEY equals trial', timeout, settle, secret: { name: 'KEY', references: ['trial'] } }],
  service: [
    {
      id: 'public',
      title: 'shop takes public traffic',
      timeout,
      settle,
      observe: {
        gcloud: described,
        select: {
          ingress: `\${{ ${annotation('ingress')}.orValue('all') }}`,
          served: `\${{ ${annotation('ingress-status')}.orValue('all') }}`,
          ready: "${{ result.status.?conditions.orValue([]).exists(c, c.type == 'Ready' && c.status == 'True') }}",
        },
      },
      expect: { ingress: 'all', served: 'all', ready: true },
      apply: { gcloud: ['run', 'services', 'update', 'shop', '--region', 'us-central1', '--ingress=all'] },
      undo: { cannotBeUndone: 'it is a test' },
    },
  ],
  identity: [
    {
      id: 'account',
      title: 'cr-shop exists',
      timeout,
      settle: { reads: 3, every: '2s', within: '5m' },
      observe: { gcloud: ['iam', 'service-accounts', 'describe', email], select: { email: '${{ result.email }}' } },
      expect: { email },
      apply: { gcloud: ['iam', 'service-accounts', 'create', 'cr-shop'] },
      undo: { gcloud: ['iam', 'service-accounts', 'delete', email] },
    },
    {
      id: 'role',
      title: 'cr-shop may read data',
      timeout,
      retry: { attempts: 5, every: '10s' },
      settle,
      observe: {
        gcloud: ['projects', 'get-iam-policy', 'tern-live'],
        select: {
          granted: `\${{ result.?bindings.orValue([]).exists(b, b.role == 'roles/datastore.user' && 'serviceAccount:${email}' in b.members) }}`,
        },
      },
      expect: { granted: true },
      apply: {
        gcloud: [
          ...['projects', 'add-iam-policy-binding', 'tern-live', `--member=serviceAccount:${email}`],
          ...['--role=roles/datastore.user', '--condition=None'],
        ],
      },
      undo: { cannotBeUndone: 'it is a test' },
    },
  ],
})

const head = { apiVersion: 'breakglass/v1' }
const metadata = (name: string) => ({ name, title: `The ${name}`, description: 'A test.', risk: 'low' })
const environments = {
  live: { project: 'tern-live', region: 'us-central1' },
  trial: { project: 'tern-trial', region: 'us-central1' },
}

/** Creates a workspace with the small team's runbooks. */
function makeWorkspace(name: string, timeout: string): string {
  const workspace = join(folder, name)
  const write = (file: string, document: object) =>
    writeFileSync(join(workspace, 'runbooks', file), stringify({ ...head, ...document }, { lineWidth: 0 }))
  mkdirSync(join(workspace, 'runbooks'), { recursive: true })
  for (const [runbook, steps] of Object.entries(runbooksWith(timeout)))
    write(`${runbook}.yaml`, { kind: 'Runbook', metadata: metadata(runbook), steps })
  write('inventory.yaml', { kind: 'Inventory', metadata: { name: 'tern' }, environments })
  return workspace
}

/** The fake gcloud answers in milliseconds; the real one takes over a second to start. */
const workspaces = { fake: makeWorkspace('quick', '4s'), gcloud: makeWorkspace('patient', '30s') }

const scenario = (faults: FaultRule[]): Scenario => ({
  apiVersion: 'breakglass/v1',
  kind: 'Scenario',
  metadata: { name: 'tern', title: 'A small team' },
  projects: {
    'tern-live': {
      number: '271828182845',
      services: { shop: { region: 'us-central1', ingress: 'internal', invokerCheck: false } },
      secrets: { KEY: { versions: [{ text: 'drifted-value' }] } },
    },
    'tern-trial': { number: '314159265358', secrets: { KEY: { versions: [{ text: 'the-right-value' }] } } },
  },
  faults,
})

let runs = 0

/** Runs a runbook of the small team with `--yes` in a sandbox with these faults. */
export async function runUnder(runbook: string, faults: FaultRule[], client: Client = 'fake'): Promise<Ended> {
  const sandbox = await startSandbox(scenario(faults), {
    scenarioName: 'tern',
    inventory: join(workspaces[client], 'runbooks', 'inventory.yaml'),
    now: () => Date.now(),
    random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)),
  })
  onTestFinished(() => sandbox.close())
  const incident = `INC-${++runs}`
  const argv = ['run', runbook, '--env', 'live', '--incident', incident, '--reason', 'a test', '--yes']
  const { exit, text } = await breakglass([...argv, '--sandbox', sandbox.address], client)
  const get = async (path: string) => (await fetch(`${sandbox.address}/sandbox/${path}`)).json()
  const { projects } = await get('state')
  return {
    exit,
    text,
    entries: entriesOf(incident, client),
    requests: await get('requests'),
    truth: truthIn(projects),
    state: projects['tern-live'],
  }
}

type Said = { exit: number; text: string }

/** Rehearses the small team's scenario with these options. */
export const rehearse = (options: string[]): Promise<Said> =>
  breakglass(['rehearse', scenarioFile(), '--yes', ...options], 'fake')

/** Runs a command in the small team's sandbox with these options. */
export const inSandbox = (options: string[], command: string[]): Promise<Said> =>
  breakglass(['sandbox', scenarioFile(), ...options, '--', ...command], 'fake')

function scenarioFile(): string {
  const rehearsal = { runbooks: ['identity'], environment: 'live', reason: 'a test' }
  const file = join(workspaces.fake, 'tern.yaml')
  writeFileSync(file, stringify({ ...scenario([]), inventory: 'runbooks/inventory.yaml', rehearsal }))
  return file
}

function breakglass(argv: string[], client: Client): Promise<Said> {
  const own = join(folder, 'bin')
  const PATH = client === 'fake' ? own : [own, folderOf('gcloud'), '/usr/bin', '/bin'].join(delimiter)
  const env = { PATH, HOME: folder, TMPDIR: folder, BREAKGLASS_LOCKS: join(folder, 'locks') }
  return new Promise((resolve) => {
    const options = { env, cwd: workspaces[client] }
    const child = execFile(process.execPath, [main, ...argv], options, (error, stdout, stderr) =>
      resolve({ exit: error ? Number(error.code) : 0, text: stdout + stderr }),
    )
    child.stdin?.end()
  })
}

function entriesOf(incident: string, client: Client): Entry[] {
  const text = readFileSync(join(workspaces[client], 'logs', incident, 'audit.jsonl'), 'utf8')
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Entry)
}

// biome-ignore lint/suspicious/noExplicitAny: tests read the sandbox's state by hand
function truthIn(projects: any): Ended['truth'] {
  const { secrets, services, serviceAccounts, iamPolicy } = projects['tern-live']
  const { metadata, status } = services.shop.object
  const bindings: { role: string; members: string[] }[] = iamPolicy.bindings
  return {
    key: secrets.KEY.at(-1).sha256 === projects['tern-trial'].secrets.KEY[0].sha256,
    public:
      metadata.annotations['run.googleapis.com/ingress'] === 'all' &&
      metadata.annotations['run.googleapis.com/ingress-status'] === 'all' &&
      status.conditions[0].status === 'True',
    account: Object.hasOwn(serviceAccounts, email),
    role: bindings.some(
      ({ role, members }) => role === 'roles/datastore.user' && members.includes(`serviceAccount:${email}`),
    ),
  }
}
