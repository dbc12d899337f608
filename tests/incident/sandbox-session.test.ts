import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import type { Entry } from '../../engine/audit/entry.ts'
import type { RequestEntry } from '../../engine/sandbox/model/request-log.ts'
import type { Scenario } from '../../engine/sandbox/model/scenario.ts'
import type { Action } from '../../engine/steps/types.ts'
import { inOrder } from '../in-order.ts'
import { type Ended, main, makeDesk, ofType, root } from './cli.ts'
import { account, drifted, services } from './incident.ts'
import { filesUnder, tracesOf } from './traces.ts'
import { watchGcloud } from './watched-gcloud.ts'

inOrder()

const desk = makeDesk()
const gcloud = watchGcloud(desk)
const requestsFile = join(desk.folder, 'requests.jsonl')
const runbooks = 'secret-parity access-posture runtime-identity'

/** One after the other, in the shell of one sandbox; each leaves its output, exit code and the number of requests so far. */
const script = `
step() {
  name=$1; shift
  "$@" > '${desk.folder}'/$name.stdout 2> '${desk.folder}'/$name.stderr < /dev/null
  echo $? > '${desk.folder}'/$name.exit
  wc -l < '${requestsFile}' > '${desk.folder}'/$name.requests
}
breakglass() { '${process.execPath}' '${main}' "$@" --logs '${desk.logs}'; }
watched() (PATH='${gcloud.path}' && "$@")
run() { breakglass run ${runbooks} --env prod --incident INC-1 --reason 'smoke checks failed' --yes; }
step check-before breakglass check ${runbooks} --env prod
step first-run watched run
step check-after breakglass check ${runbooks} --env prod
step second-run run
step reconcile breakglass reconcile INC-1 --json
step services gcloud run services list --project=jualuma-prod --format=json
step roles gcloud projects get-iam-policy jualuma-prod --format=json
step secret gcloud secrets versions list PLAID_SECRET --project=493827156012 --format=json
exit 42
`

type Step = Ended & { requestsSoFar: number }
let session: Ended
let steps: Record<string, Step>
let requests: RequestEntry[]
let entries: Entry[]

function readStep(name: string): Step {
  const read = (ending: string) => readFileSync(join(desk.folder, `${name}.${ending}`), 'utf8')
  return {
    exit: Number(read('exit')),
    stdout: read('stdout'),
    stderr: read('stderr'),
    requestsSoFar: Number(read('requests')),
  }
}

beforeAll(async () => {
  const argv = ['sandbox', 'incident-2026-02-27', '--requests', requestsFile, '--', 'sh', '-c', script]
  session = await desk.breakglass(argv)
  expect(session.exit, session.stderr).toBe(42)
  const names = ['check-before', 'first-run', 'check-after', 'second-run', 'reconcile', 'services', 'roles', 'secret']
  steps = Object.fromEntries(names.map((name) => [name, readStep(name)]))
  requests = readFileSync(requestsFile, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as RequestEntry)
  entries = desk.entries('INC-1')
}, 600_000)

const keysAfter = (word: string, text: string) =>
  [...text.matchAll(new RegExp(`^${word} +(\\S+): `, 'gm'))].map(([, key]) => key)

test('the exit code of the command in the sandbox is the answer', () => {
  expect(session).toMatchObject({ exit: 42, stdout: '', stderr: '' })
})

test('check finds each drift and names it, and changes nothing', () => {
  const { exit, stdout, requestsSoFar } = steps['check-before']!
  expect(exit).toBe(3)
  expect(stdout).toContain('SANDBOX incident-2026-02-27')
  const named = keysAfter('drift', stdout)
  expect(named.slice(0, drifted.length)).toEqual(drifted)
  expect(requests.slice(0, requestsSoFar).filter(({ mutating }) => mutating)).toEqual([])
})

test('run --yes repairs it all, and check is content afterwards', () => {
  expect(steps['first-run']).toMatchObject({ exit: 0, stderr: '' })
  const { exit, stdout } = steps['check-after']!
  expect(exit).toBe(0)
  expect(stdout).toMatch(/ conformant, 0 drifted, 0 unknown\./)
})

test('a second run sends no request that would change something', () => {
  const { exit, requestsSoFar } = steps['second-run']!
  const sent = requests.slice(steps['check-after']!.requestsSoFar, requestsSoFar)
  expect(exit).toBe(0)
  expect(sent.length).toBeGreaterThan(10)
  expect(sent.filter(({ mutating }) => mutating)).toEqual([])
})

test('the real gcloud reads the audit logs: each intent is shown there, and nothing else was done', () => {
  const { exit, stdout, requestsSoFar } = steps.reconcile!
  expect(exit).toBe(0)
  const found = JSON.parse(stdout)
  const intents = ofType(entries, 'step.intent').map(({ seq }) => seq)
  expect(new Set(found.ours.map(({ intent }: { intent: number }) => intent))).toEqual(new Set(intents))
  expect(found).toMatchObject({ others: [], notShown: [], notLookedFor: [], exitCode: 0 })
  const pages = requests
    .slice(steps['second-run']!.requestsSoFar, requestsSoFar)
    .filter(({ service }) => service === 'logging')
  expect(pages.length).toBeGreaterThan(3)
})

test('gcloud typed by hand sees the repaired state', () => {
  const json = (name: string) => JSON.parse(steps[name]!.stdout)
  const found = json('services').map((service: { metadata: { name: string; annotations: Record<string, string> } }) => [
    service.metadata.name,
    service.metadata.annotations['run.googleapis.com/ingress'],
    service.metadata.annotations['run.googleapis.com/invoker-iam-disabled']?.toLowerCase(),
    service.metadata.annotations['run.googleapis.com/iap-enabled'],
  ])
  expect(found.sort()).toEqual(services.map((service) => [service, 'all', 'true', undefined]).sort())
  const granted = json('roles').bindings.filter(({ members }: { members: string[] }) =>
    members.includes(`serviceAccount:${account}`),
  )
  expect(granted).toHaveLength(5)
  expect(json('secret')[0]).toMatchObject({ name: expect.stringMatching(/\/versions\/3$/), state: 'ENABLED' })
})

test("the requests carry the real gcloud's own user agent", () => {
  const apis = requests.filter(({ service }) => service !== 'web')
  expect(apis.length).toBeGreaterThan(100)
  expect(new Set(apis.map(({ userAgent }) => /google-cloud-sdk gcloud\/\d+\.\d+\.\d+/.test(userAgent)))).toEqual(
    new Set([true]),
  )
  expect(apis.filter(({ service }) => service === 'outside')).toEqual([])
})

/** The words of an action's command, as far as they are known beforehand. */
function wordsOf(action: Action): string[] {
  if (action.kind === 'gcloud') return [...action.command.argv, `--project=${action.command.project}`]
  if (action.kind === 'copy-secret') return ['versions', 'add', action.to.secret, `--project=${action.to.project}`]
  throw new Error(`gcloud ran for ${action.kind}`)
}

test('when a changing gcloud starts, the intent to run it is in the log, and no outcome of it yet', () => {
  const changing = gcloud
    .calls()
    .filter(({ argv }) => /\b(update|create|add|add-iam-policy-binding)\b/.test(argv.join(' ')))
  expect(changing).toHaveLength(drifted.length)
  for (const { argv, log } of changing) {
    const ended = ofType(log, 'step.outcome').map(({ body }) => body.step)
    const open = ofType(log, 'step.intent').filter(({ body }) => !ended.includes(body.step))
    const mine = open.filter(({ body }) => wordsOf(body.action).every((word) => argv.includes(word)))
    expect(mine, argv.join(' ')).toHaveLength(1)
  }
})

/** The word of the command that makes such a request. */
const VERBS: Record<string, string> = {
  'services.replace': 'update',
  'services.setIamPolicy': 'update',
  'serviceAccounts.create': 'create',
  'projects.setIamPolicy': 'add-iam-policy-binding',
  'versions.add': 'add',
}

const isOf = (words: string[], rpc: string, resource: string): boolean =>
  words.includes(VERBS[rpc] ?? rpc) && words.some((word) => word.includes(resource))

test('each request that changes something arrives while its intent is open', () => {
  const outcomes = ofType(entries, 'step.outcome')
  const changing = requests.filter(({ mutating }) => mutating)
  expect(changing.length).toBeGreaterThanOrEqual(drifted.length)
  for (const { rpc, resource, arrived } of changing) {
    const open = ofType(entries, 'step.intent').filter(({ time, body }) => {
      const outcome = outcomes.find((each) => each.body.step === body.step && each.body.attempt === body.attempt)
      return time <= arrived && outcome !== undefined && arrived <= outcome.time
    })
    const mine = open.filter(({ body }) => isOf(wordsOf(body.action), rpc, resource))
    expect(mine, `${rpc} ${resource} at ${arrived}`).toHaveLength(1)
  }
})

test("the scenario's secrets are nowhere: not on screen, in the log, the record or the request log", () => {
  const scenario = parse(readFileSync(join(root, 'runbooks/scenarios/incident-2026-02-27.yaml'), 'utf8')) as Scenario
  const payloads = Object.values(scenario.projects)
    .flatMap((project) => project.secrets?.PLAID_SECRET?.versions ?? [])
    .map(({ text = '' }) => [text, Buffer.from(text)] as const)
  const places = Object.fromEntries(Object.entries(steps).map(([name, { stdout, stderr }]) => [name, stdout + stderr]))
  const files = { ...filesUnder(desk.logs), ...filesUnder(desk.scratch), [requestsFile]: readFileSync(requestsFile) }
  expect(new Set(payloads.map(([text]) => text)).size).toBe(4)
  expect(tracesOf(Object.fromEntries(payloads), { ...places, ...files })).toEqual([])
})

test('nothing is left in the folder for temporary files', () => {
  expect(Object.keys(filesUnder(desk.scratch))).toEqual([])
})
