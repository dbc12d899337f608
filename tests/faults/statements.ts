import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { openCloud } from '../../engine/open-cloud.ts'
import { bindRunbook } from '../../engine/plan/bind.ts'
import { observeAll, onePass } from '../../engine/plan/observe.ts'
import { pickEnvironment } from '../../engine/plan/pick-environment.ts'
import type { Plan, PlannedStep } from '../../engine/plan/types.ts'
import { runPlan } from '../../engine/run/loop.ts'
import type { RunEvent } from '../../engine/run/model/events.ts'
import { readInventory } from '../../engine/runbook/read-inventory.ts'
import { readRunbook } from '../../engine/runbook/read-runbook.ts'
import type { Reading } from '../../engine/runbook/reader.ts'
import type { FaultRule } from '../../engine/sandbox/model/fault.ts'
import { type Method, methods, type Service } from '../../engine/sandbox/model/methods.ts'
import type { RequestEntry } from '../../engine/sandbox/model/request-log.ts'
import type { Scenario } from '../../engine/sandbox/model/scenario.ts'
import { startSandbox } from '../../engine/sandbox/server.ts'
import { statusOf } from '../../engine/steps/compare.ts'
import type { BoundStep, Expectation, Observation } from '../../engine/steps/types.ts'
import { yesOperator } from '../../engine/terminal/operator.ts'
import { fixedRandom, send } from '../sandbox/proxy-client.ts'
import { equalsReferences, factsOf, type State, untrueIn } from './facts.ts'

const folder = fileURLToPath(new URL('../../runbooks/', import.meta.url))
const names = ['secret-parity', 'access-posture', 'runtime-identity', 'release-verification']
const gates = ['gcp-drift', 'run-parity', 'identity-key-drift']

const elapsed = <T>(reading: Reading<T>): T => {
  if (!reading.ok) throw new Error(reading.diagnostics.map(({ message }) => message).join('\n'))
  return reading.value
}
const textOf = async (name: string) => ({ name, text: await readFile(join(folder, name), 'utf8') })
const runbook = async (name: string) => elapsed(readRunbook(await textOf(`${name}.yaml`)))
const inventory = elapsed(readInventory(await textOf('inventory.yaml')))
const books = new Map(await Promise.all([...names, ...gates].map(async (name) => [name, await runbook(name)] as const)))
const environment = pickEnvironment(inventory, 'prod')

/** Reads a shipped scenario by name. */
export const scenarioNamed = async (name: string): Promise<Scenario> =>
  structuredClone(parse((await textOf(`scenarios/${name}.yaml`)).text)) as Scenario

const bind = (name: string) => {
  const book = books.get(name)
  if (book === undefined) throw new Error(`no runbook ${name}`)
  const given = name === 'release-verification' ? { workflowRun: '22471945914' } : {}
  return bindRunbook(book, inventory, environment, given, books)
}
const bound = names.map(bind)
const steps = bound.flatMap((each) => each.steps)
const checks = bound.flatMap((each) => each.checks)
/** Everything that the shipped runbooks observe, including the gates' own checks. */
const all = [...steps, ...checks, ...gates.flatMap((name) => bind(name).checks)]

/** The statements of a run: how many were compared, how many nobody could read, what was untrue, how it ended, and its requests. */
export type Outcome = {
  compared: number
  unknown: number
  wrong: string[]
  ending: string
  drifted: string[]
  calls: FaultRule['on'][]
}

/**
 * Observes and runs the shipped runbooks in a sandbox, one change at a time, and compares each statement in the log with the
 * sandbox's state at that moment. `prepare` changes the sandbox first, as someone else would.
 */
export async function compareStatements(
  scenario: Scenario,
  prepare: (ask: Ask) => Promise<void> = async () => {},
): Promise<Outcome> {
  const sandbox = await startSandbox(scenario, {
    scenarioName: scenario.metadata.name,
    now: () => Date.parse('2026-03-01T12:00:00Z'),
    random: fixedRandom(),
  })
  const cloud = await openCloud({ kind: 'sandbox', address: sandbox.address }, { strict: false }, said)
  const state = async (): Promise<State> => (await send(sandbox.address, 'GET', '/sandbox/state', undefined, {})).json
  const outcome: Outcome = { compared: 0, unknown: 0, wrong: [], ending: '', drifted: [], calls: [] }
  const compare = (what: string, step: BoundStep, seen: Observation, now: State, expectation?: Expectation): void => {
    if (seen.state === 'unknown') outcome.unknown++
    if (seen.state === 'unknown' || seen.state === 'unseen') return
    const says = step.kind === 'gate' ? untrueGate(step.steps, seen, now) : untrueStep(step, seen, now, expectation)
    outcome.compared++
    if (says !== undefined) outcome.wrong.push(`${what} ${step.key}: ${says}`)
  }
  try {
    await prepare(askOf(sandbox.address, sandbox.token))
    const world = onePass(cloud.world, 8)
    const start = await state()
    const planned = await observeAll(all, world)
    for (const [at, each] of planned.entries())
      compare('before', all[at] as BoundStep, each.observation, start, each.expectation)
    outcome.drifted = planned.filter(({ status }) => status === 'drift').map(({ key }) => key)
    const plan = planOf(planned.slice(0, steps.length))
    const stepOf = (key: string) => [...steps, ...checks].find((step) => step.key === key) as BoundStep
    const append = async (event: RunEvent): Promise<void> => {
      const now = await state()
      if (event.type === 'step.observed') compare('observed', stepOf(event.body.step), event.body.observation, now)
      if (event.type === 'step.intent') compare('before', stepOf(event.body.step), event.body.before, now)
      if (event.type === 'step.outcome')
        compare('after', stepOf(event.body.step), event.body.readBack, now, event.body.expectation)
      if (event.type === 'check.observed')
        compare('check', stepOf(event.body.check), event.body.observation, now, event.body.expectation)
    }
    const operator = { ...yesOperator('on-call'), asks: true, passOver: async () => ({ reason: 'a test' }) }
    const end = await runPlan(
      plan,
      { steps, checks, backfill: [] },
      {
        ...{ world: cloud.world, width: 1, operator, append, report: async () => {}, random: () => 0 },
        openUndo: () => Promise.reject(new Error('nothing is undone here')),
        stopRequested: () => false,
        noMore: () => false,
      },
    )
    outcome.ending = end.ending
    const asked: RequestEntry[] = JSON.parse(
      (await send(sandbox.address, 'GET', '/sandbox/requests', undefined, {})).body,
    )
    outcome.calls = callsAmong(asked)
    return outcome
  } finally {
    await cloud.close()
    await sandbox.close()
  }
}

/** Returns the calls of a run, each by method, resource and number. */
function callsAmong(asked: RequestEntry[]): FaultRule['on'][] {
  const counts = new Map<string, number>()
  return asked.flatMap(({ service, rpc, resource, project }): FaultRule['on'][] => {
    if (!Object.hasOwn(methods, service)) return []
    const on = { service: service as Service, method: rpc as Method, resource, ...(project ? { project } : {}) }
    const calls = (counts.get(JSON.stringify(on)) ?? 0) + 1
    counts.set(JSON.stringify(on), calls)
    return [{ ...on, calls }]
  })
}

function untrueStep(step: BoundStep, seen: Observation, now: State, expectation?: Expectation): string | undefined {
  const facts = factsOf(step, now, inventory, environment.name)
  const untrue = facts === undefined ? undefined : untrueIn(seen, facts)
  if (step.kind !== 'secret' || seen.state !== 'value' || expectation === undefined) return untrue
  const [environmentName] = step.key.startsWith('gcp-drift/')
    ? (/\[(.*),/.exec(step.key)?.[1] ?? '').split(',')
    : ['prod']
  const equal = statusOf(seen, expectation) === 'conformant'
  const isEqual = equalsReferences(step.secret, now, inventory, environmentName ?? '')
  return untrue ?? (equal === isEqual ? undefined : `it is said to be ${equal ? '' : 'un'}equal, and is not`)
}

/** Returns the checks of a gate that drifted: those whose facts differ from what they expect. */
function untrueGate(inner: BoundStep[], seen: Observation, now: State): string | undefined {
  const stated = seen.state === 'value' ? (seen.value.drift as string[]) : []
  const unread = seen.state === 'value' ? ((seen.value.unknown ?? []) as string[]) : []
  const wrong = inner.filter((step) => {
    if (unread.some((text) => text.startsWith(step.title))) return false
    const says = stated.some((text) => text.startsWith(`${step.title} (`))
    return says === isRight(step, now)
  })
  return wrong.length === 0
    ? undefined
    : `${wrong.map(({ key }) => key).join(', ')} is said of wrongly: ${stated.join('; ')}`
}

function isRight(step: BoundStep, now: State): boolean {
  const [environmentName = ''] = (/\[(.*)\]/.exec(step.key)?.[1] ?? '').split(',')
  if (step.kind === 'secret') return equalsReferences(step.secret, now, inventory, environmentName)
  const facts = factsOf(step, now, inventory, environment.name)
  if (step.kind !== 'gcloud' || facts === undefined) throw new Error(`${step.key} is no check of a gate`)
  const observation =
    facts === 'absent' ? ({ state: facts } as const) : { state: 'value' as const, value: facts as never }
  return statusOf(observation, step.expect) === 'conformant'
}

const planOf = (steps: PlannedStep[]): Plan => ({
  environment: { name: environment.name, project: environment.project, protected: false },
  ...{ runbooks: [], inventory: { name: inventory.name, digest: '' }, inputs: {}, steps, checks: [] },
})

/** Reads and writes a service of production as gcloud does. */
export type Ask = (verb: 'GET' | 'PUT', path: string, body?: object) => Promise<State>

const askOf =
  (address: string, token: string): Ask =>
  async (verb, path, body) => {
    const url = `http://us-central1-run.sandbox/apis/serving.knative.dev/v1/namespaces/jualuma-prod${path}`
    const reply = await send(address, verb, url, body, { authorization: `Bearer ${token}` })
    if (reply.status !== 200) throw new Error(`${verb} ${path}: ${reply.status} ${reply.body}`)
    return reply.json
  }

const said = {
  ...{ environment: {}, version: '0.0.0', packageFolder: '/', platform: 'linux', coldWidth: 1 },
  ...{ endGroup() {}, onChild() {}, random: fixedRandom() },
  now: () => new Date(),
  elapsed: () => performance.now(),
  sleep: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)),
}
