import type { Writer } from '../../engine/audit/writer.ts'
import { onePass, planStep } from '../../engine/plan/observe.ts'
import type { Plan } from '../../engine/plan/types.ts'
import { runPlan } from '../../engine/run/loop.ts'
import type { Decision, RunEvent } from '../../engine/run/model/events.ts'
import type { Operator, ProgressEvent, RunHost, Statement, StepPosition } from '../../engine/run/model/host.ts'
import type { RunEnd } from '../../engine/run/model/progress.ts'
import type { Recorded } from '../../engine/run/model/recorded.ts'
import { observe } from '../../engine/steps/index.ts'
import type { BoundGcloudStep, BoundStep } from '../../engine/steps/types.ts'
import type { World } from '../../engine/steps/world.ts'
import { failedWith, gcloudStep, printed, worldOf } from './samples.ts'

/** How one thing of the model cloud behaves; what is left out behaves well. */
export type Misbehaviour = {
  /** What it is at first; left out: `wrong`. */
  start?: string
  /** Attempts (from 1) whose command changes nothing. */
  lost?: number
  /** So many attempts after those leave it half changed: it is `odd` then. */
  half?: number
  /** The change is seen only after so many reads. */
  late?: number
  /** What the command sets instead of what it was told. */
  sets?: string
  /** gcloud's exit code for a change. */
  exit?: 0 | 1
  /** Why gcloud says that it failed. */
  cause?: 'denied' | 'conflict' | 'unavailable' | 'timeout' | 'invalid'
  /** Its first reads fail, so many. */
  unreadable?: number
  /** After the first change, so many reads fail. */
  blind?: number
  /** Somebody else sets this between the plan and the first look of the run. */
  moves?: string
}

/** A cloud of named values with a clock of its own, and a list of all that was done to it. */
export function modelCloud(behaviours: Record<string, Misbehaviour>) {
  const resources = new Map(
    Object.entries(behaviours).map(([name, how]) => [
      name,
      { how, value: how.start ?? 'wrong', performs: 0, hidden: 0, next: '', blind: how.unreadable ?? 0 },
    ]),
  )
  const performed: { name: string; value: string }[] = []
  let time = 0
  const wait = (ms: number) => {
    time += ms
  }
  /** Those who sleep at the same time sleep through the same time. */
  const sleep = async (ms: number) => {
    const until = time + ms
    await Promise.resolve()
    time = Math.max(time, until)
  }
  const trace: string[] = []
  const world: World = worldOf(
    async ({ argv: [, verb, name = '', value = ''] }) => {
      wait(10)
      const thing = resources.get(name)
      if (!thing) return failedWith('not-found')
      if (verb === 'describe') {
        if (thing.blind-- > 0) return failedWith('network', 'the line is down')
        if (thing.next !== '' && thing.hidden-- <= 0) [thing.value, thing.next] = [thing.next, '']
        return printed({ value: thing.value })
      }
      trace.push(`perform ${name}`)
      performed.push({ name, value })
      thing.performs++
      const { lost = 0, half = 0, late = 0, sets = value, exit = 0, cause = 'unavailable', blind = 0 } = thing.how
      if (thing.performs > lost) [thing.next, thing.hidden] = [thing.performs > lost + half ? sets : 'odd', late]
      if (thing.performs === 1) thing.blind = blind
      return exit === 0 ? printed({}) : failedWith(cause, `it says ${cause}`)
    },
    { clock: { now: () => new Date(time), sleep } },
  )
  const move = () => {
    for (const thing of resources.values()) if (thing.how.moves !== undefined) thing.value = thing.how.moves
  }
  /** What it is, or will be seen to be soon. */
  const held = (name: string) => {
    const thing = resources.get(name)
    return thing && (thing.next === '' ? thing.value : thing.next)
  }
  /** Somebody sets a thing without the engine. */
  const set = (name: string, value: string) => {
    const thing = resources.get(name)
    if (thing) thing.value = value
  }
  return { world, performed, trace, move, held, set }
}

export type Cloud = ReturnType<typeof modelCloud>

export type Options = {
  cloud: Cloud
  decide?: (name: string, moved: boolean) => Decision
  retry?: number
  reads?: number
  /** The append (from 1) that fails, as do all after it. */
  failAt?: number
  /** Where every event is written before the run goes on. */
  writer?: Writer
  /** Stops are asked for from this moment on: so many appended entries. */
  stopAfter?: number
  /** Or from when this says so. */
  stop?: () => boolean
  passOver?: (name: string) => { reason: string } | 'stop'
  over?: Partial<BoundGcloudStep>
  enter?: 'typed' | 'not-asked' | 'refused' | ((project: string) => 'typed' | 'refused')
  /** What the plan's changes reach beside its environment. */
  reaches?: Plan['reaches']
  byHand?: (cloud: Cloud) => Promise<string | undefined>
  /** What the operator says where nothing can be read. */
  state?: (key: string, when: StepPosition | 'cut-off') => Promise<Statement>
  /** These steps and not those of the names. */
  steps?: BoundStep[]
  /** Who is asked, instead of a person. */
  operator?: Operator
}

/** Plans and carries out a run over the model cloud; answers all that happened. */
export async function runModel(names: string[], options: Options) {
  const { cloud, decide = () => ({ choice: 'apply' }), retry = 1, reads = 1 } = options
  const steps =
    options.steps ??
    names.map((name) =>
      gcloudStep(name, {
        retry: { attempts: retry, everyMs: 500 },
        settle: { reads, everyMs: 100, withinMs: 1000 },
        ...options.over,
      }),
    )
  const pass = onePass(cloud.world, 4)
  const planned = await Promise.all(steps.map(async (step) => planStep(step, await observe(step, pass))))
  const plan: Plan = {
    environment: { name: 'prod', project: 'p-prod', protected: true },
    ...(options.reaches ? { reaches: options.reaches } : {}),
    runbooks: [{ name: 'sample', title: 'Sample remediation', digest: 'sha256:0' }],
    inventory: { name: 'i', digest: 'sha256:0' },
    inputs: {},
    steps: planned,
    checks: [],
  }
  cloud.move()
  const events: RunEvent[] = []
  const moments: ProgressEvent[] = []
  const stopRequested = () =>
    options.stop?.() === true || (options.stopAfter !== undefined && events.length >= options.stopAfter)
  const host: RunHost = {
    world: cloud.world,
    width: 4,
    operator: {
      name: 'ada',
      asks: true,
      decide: async ({ subject }, seen) => decide(subject, seen !== 'as-planned'),
      enter: async ({ project }) =>
        typeof options.enter === 'function' ? options.enter(project) : (options.enter ?? 'not-asked'),
      passOver: async (step) => options.passOver?.(step.subject) ?? 'stop',
      byHand: async (_, notYet) => {
        if (notYet) return { says: 'abort', reason: 'it is not done' }
        const words = await options.byHand?.(cloud)
        return { says: 'done', ...(words === undefined ? {} : { words }) }
      },
      state: async ({ key }, when) => (await options.state?.(key, when)) ?? { says: 'nothing', why: 'nobody asks' },
      ...options.operator,
    },
    async append(event) {
      if (options.failAt !== undefined && events.length + 1 >= options.failAt) throw new Error('disk full')
      await options.writer?.append(event)
      events.push(structuredClone(event))
      if (event.type === 'step.intent') cloud.trace.push(`intent ${event.body.step.slice('sample/thing['.length, -1)}`)
    },
    report: async (moment) => void moments.push(moment),
    openUndo: async () => {
      throw new Error('the model has no undo')
    },
    random: () => 0.5,
    stopRequested,
    noMore: stopRequested,
  }
  let end: RunEnd | undefined
  let error: unknown
  try {
    end = await runPlan(plan, { steps, checks: [], backfill: [] }, host)
  } catch (thrown) {
    error = thrown
  }
  return { plan, events, moments, end, error, entries: recorded(plan, events) }
}

/** What the model's runs say when they are opened. */
export const openedBody: Extract<RunEvent, { type: 'run.opened' }>['body'] = {
  incident: 'INC-1',
  title: 'Prod parity',
  reason: 'It was broken.',
  operator: 'ada',
  cloud: { kind: 'sandbox', scenario: 'model' },
  gcloud: { kind: 'gcloud', version: '1', account: 'a' },
  engine: '0',
  consent: 'asked',
}

/** A run's events as a log keeps them, opened and with its plan. */
export function recorded(plan: Plan, events: RunEvent[], run = 'run-1'): Recorded[] {
  const opened: RunEvent = { type: 'run.opened', body: openedBody }
  return [opened, { type: 'plan.made', body: { plan, digest: 'sha256:0' } } satisfies RunEvent, ...events].map(
    (event, index) => ({ seq: index + 1, time: new Date(index * 1000).toISOString(), run, ...event }) as Recorded,
  )
}
