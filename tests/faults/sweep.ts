import { createHash } from 'node:crypto'
import { foldRuns } from '../../engine/run/model/fold-runs.ts'
import { appliesTo, plausibleFaults } from '../../engine/sandbox/faults/applicability.ts'
import type { Fault, FaultRule } from '../../engine/sandbox/model/fault.ts'
import { type Method, methods, mutates, type Service } from '../../engine/sandbox/model/methods.ts'
import type { Failure } from '../../engine/steps/world.ts'
import { INCIDENT, type Stage, setStage } from '../crash/stage.ts'
import { RUN, SCENARIO, surplus } from '../crash/trial.ts'
import { isTrue } from './truth.ts'

/** The calls of the incident's run without faults, and which of them change something. */
export type Calm = { calls: FaultRule['on'][]; effects: string[] }

/** What is wrong after a run of the incident that met faults and was resumed; none if it succeeded, or stopped with a cause. */
export type Trial = { faults: FaultRule[]; exits: number[]; waits: Wait[]; wrong: string[] }

/** How long a read-back waited, by the sandbox's clock, and why it stopped reading. */
export type Wait = { ms: number; until: string }

/** Runs the incident without faults and lists its calls, each by method, resource and number. */
export async function calmRun(): Promise<Calm> {
  const stage = await setStage(SCENARIO, undefined)
  try {
    const { exit, said } = await stage.breakglass(RUN)
    if (exit !== 0) throw new Error(`the undisturbed run exits ${exit}: ${said}`)
    const counts = new Map<string, number>()
    const calls = (await stage.asked()).flatMap(({ service, rpc, resource, project }): Calm['calls'] => {
      if (!Object.hasOwn(methods, service)) return []
      const on = { service: service as Service, method: rpc as Method, resource, ...(project ? { project } : {}) }
      const key = JSON.stringify(on)
      counts.set(key, (counts.get(key) ?? 0) + 1)
      return [{ ...on, calls: counts.get(key) ?? 1 }]
    })
    return { calls, effects: [...stage.effects] }
  } finally {
    await stage.close()
  }
}

/** Faults that end only at a command's timeout, which is real time. */
const ENDLESS: Fault[] = [{ hang: true }, { hang: true, applied: true }, { readyUnknown: true }]
/** A revision that never settles stays so until someone deploys another: each stop must be truthful, and nothing more can be expected. */
const isForEver = ({ answer }: FaultRule): boolean => 'readyUnknown' in answer
const isEndless = (rule: FaultRule): boolean => 'hang' in rule.answer || isForEver(rule)

/** Returns each fault that can happen to a call, at each call of the run. */
export const everyFault = ({ calls }: Calm): FaultRule[][] =>
  calls.flatMap((on) => {
    const endless = ENDLESS.filter((fault) => appliesTo(fault, on.service, on.method))
    const some = endless.filter((fault) => !('applied' in fault) || mutates(on.method))
    return [...plausibleFaults(on.service, on.method), ...some].map((answer) => [{ on, answer }])
  })

/** Picks that many items of a list by a seed: the same ones each time. */
export function drawn<T>(all: T[], count: number, seed: string): T[] {
  const order = (index: number) => createHash('sha256').update(`${seed} ${index}`).digest('hex')
  return all
    .map((each, index) => ({ each, order: order(index) }))
    .sort((a, b) => (a.order < b.order ? -1 : 1))
    .slice(0, count)
    .map(({ each }) => each)
}

/** Picks pairs of faults at different calls by a seed. */
export function pairs(calm: Calm, count: number, seed: string): FaultRule[][] {
  const all = everyFault(calm)
  const [some, others] = [drawn(all, count, `${seed} a`), drawn(all, count, `${seed} b`)]
  return some.map((first, index) => [...first, ...(others[index] ?? [])])
}

/** How often a fault may make something happen once more: nobody could know that it was done, or it was done and must be done again. */
function mayRepeat({ answer }: FaultRule): number {
  return 'truncate' in answer || 'concurrentWriter' in answer || 'readyFalse' in answer || isLost(answer) ? 1 : 0
}

/** How often a change was read back as failed while a role that it needs was not in force yet: each of these calls for one more. */
const seenToFail = (stage: Stage, faults: FaultRule[]): number =>
  faults.some(({ on, answer }) => 'propagation' in answer && on.method === 'projects.setIamPolicy')
    ? readBacks(stage).filter(({ verdict }) => verdict === 'ambiguous' || verdict === 'not-applied').length
    : 0

const isLost = (fault: Fault): boolean =>
  ('drop' in fault && fault.drop === 'after') || ('applied' in fault && !!fault.applied)

/**
 * A role that takes effect after seven minutes makes a service fail three times for three minutes each, and `--yes` needs a
 * person for each half-made change.
 */
const MOST_TRIES = 8

/** Runs the incident with faults, resumes it until it is done, and compares everything that the log claims with the sandbox's state. */
export async function tryFaults(faults: FaultRule[], { effects }: Calm): Promise<Trial> {
  const stage = await setStage(SCENARIO, undefined, faults, faults.some(isEndless) ? '4s' : undefined)
  const trial: Trial = { faults, exits: [], waits: [], wrong: [] }
  try {
    const start = await stateOf(stage)
    let ended: { exit: number | null; said: string } = await stage.breakglass(RUN)
    for (let tries = 0; ; tries++) {
      trial.exits.push(ended.exit ?? -1)
      trial.wrong.push(...(await lies(stage, start, tries === 0)))
      if (ended.exit === 0) break
      trial.wrong.push(...silence(ended))
      if (tries === 2 && faults.some(isForEver) && trial.wrong.length === 0) return trial
      if (tries === MOST_TRIES || trial.wrong.length > 0)
        return { ...trial, wrong: [...trial.wrong, `it does not end: ${ended.said}`] }
      ended = await goOn(stage, ended.exit)
    }
    trial.waits = waitsIn(stage)
    trial.wrong.push(...inVain(stage))
    const state = await stateOf(stage)
    const untrue = keysOf(stage).filter((key) => !isTrue(key, state))
    trial.wrong.push(...untrue.map((key) => `exit 0, and ${key} is not as it must be`))
    const more = surplus(stage.effects, effects)
    const allowed = faults.reduce((sum, fault) => sum + mayRepeat(fault), 0) + seenToFail(stage, faults)
    if (more.length > allowed) trial.wrong.push(`done more often than once: ${more.join(', ')}`)
    return trial
  } finally {
    await stage.close()
  }
}

/** Continues as the output advises: a new run if nothing was logged, as a person where one must decide, else with `--yes`. */
function goOn(stage: Stage, exit: number | null): Promise<{ exit: number | null; said: string }> {
  if (stage.log().size === 0) return stage.breakglass(RUN)
  return exit === 1 ? stage.breakglass(['resume', INCIDENT, '--yes']) : stage.decide(['resume', INCIDENT])
}

// biome-ignore lint/suspicious/noExplicitAny: tests read it by hand
const stateOf = async (stage: Stage): Promise<any> => JSON.parse(await stage.state())

const keysOf = (stage: Stage): string[] =>
  foldRuns(stage.log().entries).flatMap(({ steps }) => [...steps.keys()].filter((key) => !key.includes('@')))

/** Returns what the log claims and the sandbox contradicts, including a damaged log. */
async function lies(stage: Stage, start: unknown, first: boolean): Promise<string[]> {
  const { damage, entries } = stage.log()
  const state = await stateOf(stage)
  const steps = foldRuns(entries).flatMap((run) => [...run.steps.values()])
  const claimed = steps.filter(({ status }) => status === 'applied' || status === 'conformant')
  return [
    ...damage.map(({ line, what }) => `line ${line} ${what}`),
    ...claimed
      .filter(({ planned }) => !isTrue(planned.key, state))
      .map(({ status, planned }) => `the log says ${status} of ${planned.key}, which is not so`),
    ...(first ? steps : [])
      .filter(({ planned }) => planned.status === 'conformant' && !isTrue(planned.key, start))
      .map(({ planned }) => `the plan says conformant of ${planned.key}, which was not so`),
  ]
}

const readBacks = (stage: Stage) =>
  stage
    .log()
    .entries.flatMap((entry) => (entry.type === 'step.outcome' || entry.type === 'step.resolved' ? [entry.body] : []))

/** Returns the waits of all read-backs, in order. */
const waitsIn = (stage: Stage): Wait[] =>
  readBacks(stage).map(({ simulatedMs, durationMs, until = 'time-up' }) => ({ ms: simulatedMs ?? durationMs, until }))

/** How a command fails that may still have been executed: its result is read until its longest duration has passed. */
const UNANSWERED: Failure['cause'][] = ['network', 'timeout', 'undecided', 'other', 'unavailable']

/** Returns the read-backs that read until their time was over although nothing could change any more, or reading was refused. */
function inVain(stage: Stage): string[] {
  return readBacks(stage).flatMap((body) => {
    if (body.until !== 'time-up') return []
    const { step, verdict, readBack } = body
    if (readBack.state === 'unknown' && ['no-login', 'disabled-api', 'no-gcloud'].includes(readBack.cause))
      return [`${step} was read on though reading was refused (${readBack.cause})`]
    const cause = 'evidence' in body ? body.evidence.failure?.cause : undefined
    const answered = cause !== undefined && !UNANSWERED.includes(cause)
    return verdict === 'not-applied' && answered ? [`${step} was read on though nothing could change any more`] : []
  })
}

/** Checks that a stop is a known one, names its cause and gives the next step. */
function silence({ exit, said }: { exit: number | null; said: string }): string[] {
  const wrong = []
  if (![1, 3, 4, 5].includes(exit ?? -1)) wrong.push(`it exits ${exit}: ${said}`)
  if (!/breakglass (resume|run) |run (it|this) again|try again/.test(said))
    wrong.push(`it does not say what to do next: ${said}`)
  if (!/^(?:SANDBOX \S+ {2})?(?:Failed\.|In doubt\.|Stopped: no consent\.)\s+\S+|^error: \S/m.test(said))
    wrong.push(`it names no cause: ${said}`)
  return wrong
}
