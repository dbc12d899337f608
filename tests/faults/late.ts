import { foldRuns } from '../../engine/run/model/fold-runs.ts'
import type { FaultRule } from '../../engine/sandbox/model/fault.ts'
import { mutates } from '../../engine/sandbox/model/methods.ts'
import { EXIT } from '../../engine/session/exit-codes.ts'
import { INCIDENT, type Stage, setStage } from '../crash/stage.ts'
import { RUN, SCENARIO } from '../crash/trial.ts'
import type { Calm } from './sweep.ts'
import { isTrue } from './truth.ts'

/** How an engine loses track of a change: it stops the command, the reply is lost, or it is killed meanwhile. */
export const WAYS = ['timeout', 'lost', 'killed'] as const
export type Way = (typeof WAYS)[number]

/** How late a change takes effect. */
export const DELAYS = ['1s', '30s', '3m', '10m'] as const

/** What a person does first about a run that ended in doubt. */
export const FIRST = ['resume', 'undo'] as const

/** One change of the incident that takes effect late. */
export type LateCase = { on: FaultRule['on']; way: Way; late: string; first: (typeof FIRST)[number] }

/** The result: whether the change took effect, how often the log denied it, and what else is wrong. */
export type LateTrial = { late: LateCase; exits: (number | null)[]; effect: boolean; denied: number; wrong: string[] }

/** Returns each change of the incident in each way, this late, with each first reaction of a person. */
export const everyLate = ({ calls }: Calm): LateCase[] =>
  calls
    .filter(({ service, method }) => service !== 'web' && mutates(method))
    .flatMap((on) =>
      WAYS.flatMap((way) => DELAYS.flatMap((late) => FIRST.map((first): LateCase => ({ on, way, late, first })))),
    )

/** Describes a case in a line. */
export const describeLate = ({ on, way, late, first }: LateCase): string =>
  `${on.method} on ${on.resource}, call ${on.calls}: ${way}, ${late} late, then ${first}`

/** The timeout of a command that the engine is to stop. */
const HURRIED = '4s'

/** After this long, nothing in these cases can still take effect. */
const ALL_OVER_MS = 11 * 60_000

/** The possible states before the run, or after an undisturbed undo, of everything that the incident changes. */
export type Undone = { before: Facts; after: Facts }

/** Runs the incident and its undo without faults. */
export async function calmUndone(): Promise<Undone> {
  const stage = await setStage(SCENARIO, undefined)
  try {
    const before = await factsOf(stage)
    for (const argv of [RUN, ['undo', INCIDENT, '--yes']]) {
      const { exit, said } = await stage.breakglass(argv)
      if (exit !== EXIT.done) throw new Error(`the undisturbed ${argv[0]} exits ${exit}: ${said}`)
    }
    return { before, after: await factsOf(stage) }
  } finally {
    await stage.close()
  }
}

/** Makes one change take effect late, and follows the engine's advice: the log may deny nothing, and undo must restore everything. */
export async function tryLate(late: LateCase, undone: Undone): Promise<LateTrial> {
  const reply = late.way === 'lost' ? 'drop' : 'hang'
  const rule: FaultRule = { on: late.on, answer: { late: late.late, reply } }
  const stage = await setStage(SCENARIO, undefined, [rule], late.way === 'timeout' ? HURRIED : undefined)
  const trial: LateTrial = { late, exits: [], effect: false, denied: 0, wrong: [] }
  const go = async (argv: string[], point?: { fault: true }) => {
    const { exit, said } = await stage.breakglass(argv, point)
    trial.exits.push(exit)
    return { exit, said }
  }
  try {
    const run = await go(RUN, late.way === 'killed' ? { fault: true } : undefined)
    if (late.way !== 'killed' && run.exit === EXIT.inDoubt && !stage.record().includes('in doubt'))
      trial.wrong.push('the record does not say in doubt')
    if (late.first === 'resume') trial.wrong.push(...(await goOnToTheEnd(stage, go, run.exit)))
    // gcloud resends a lost request by itself without reporting the first, which nobody can know to be in flight.
    if (late.way === 'lost' && run.exit === EXIT.done) await stage.advance(ALL_OVER_MS)
    const back = await go(['undo', INCIDENT, '--yes', '--take-over'])
    if (back.exit !== EXIT.done) trial.wrong.push(`undo exits ${back.exit}: ${back.said}`)
    await stage.advance(ALL_OVER_MS)
    trial.wrong.push(...different(await factsOf(stage), undone))
    const asked = await stage.asked()
    trial.effect = asked.some(({ fault, committed }) => fault !== undefined && committed === true)
    trial.denied = trial.effect ? denials(stage, late) : 0
    trial.wrong.push(...stage.log().damage.map(({ line, what }) => `line ${line} ${what}`))
    return trial
  } finally {
    await stage.close()
  }
}

type Go = (argv: string[]) => Promise<{ exit: number | null; said: string }>

/** Resumes until the run is done, deciding as a person where needed; then everything must be correct and stay so. */
async function goOnToTheEnd(stage: Stage, go: Go, exit: number | null): Promise<string[]> {
  let last: { exit: number | null; said: string } = { exit, said: '' }
  for (let tries = 0; last.exit !== EXIT.done; tries++) {
    if (tries === 4) return [`it does not end: ${last.said}`]
    last = tries % 2 === 0 ? await go(['resume', INCIDENT, '--yes']) : await stage.decide(['resume', INCIDENT])
  }
  await stage.advance(ALL_OVER_MS)
  const state = JSON.parse(await stage.state())
  const keys = foldRuns(stage.log().entries).flatMap(({ steps }) => [...steps.keys()])
  return keys.filter((key) => !isTrue(key, state)).map((key) => `after resume, ${key} is not as it must be`)
}

/** Counts how often the log denies the change that took effect late. */
function denials(stage: Stage, { on }: LateCase): number {
  return stage
    .log()
    .entries.filter(
      (entry) =>
        (entry.type === 'step.outcome' || entry.type === 'step.resolved') &&
        entry.body.verdict === 'not-applied' &&
        entry.body.step.includes(on.resource ?? ''),
    ).length
}

type Facts = Record<string, string>

/** Returns what the incident changes in production, as values that can be compared one by one. */
async function factsOf(stage: Stage): Promise<Facts> {
  // biome-ignore lint/suspicious/noExplicitAny: tests read it by hand
  const { projects }: any = JSON.parse(await stage.state())
  const prod = projects['jualuma-prod']
  const facts: Facts = {}
  for (const [name, { object, iamPolicy }] of Object.entries<Service>(prod.services)) {
    const { annotations } = object.metadata
    for (const key of ['ingress', 'invoker-iam-disabled', 'iap-enabled'])
      facts[`${name} ${key}`] = (annotations[`run.googleapis.com/${key}`] ?? 'false').toLowerCase()
    facts[`${name} identity`] = object.spec.template.spec.serviceAccountName ?? 'default'
    facts[`${name} policy`] = JSON.stringify(iamPolicy.bindings)
  }
  facts.policy = JSON.stringify(prod.iamPolicy.bindings)
  facts.accounts = Object.keys(prod.serviceAccounts).sort().join()
  for (const [name, versions] of Object.entries<{ state: string; sha256: string }[]>(prod.secrets))
    facts[`secret ${name}`] = versions.findLast(({ state }) => state === 'ENABLED')?.sha256 ?? 'none'
  return facts
}

type Service = {
  object: {
    metadata: { annotations: Record<string, string | undefined> }
    spec: { template: { spec: { serviceAccountName?: string } } }
  }
  iamPolicy: { bindings: unknown[] }
}

/** Returns what is neither as before the run nor as an undisturbed undo leaves it. */
const different = (now: Facts, { before, after }: Undone): string[] =>
  [...new Set([...Object.keys(now), ...Object.keys(before)])]
    .filter((key) => now[key] !== before[key] && now[key] !== after[key])
    .map((key) => `after undo, ${key} is ${now[key]}, and was ${before[key]}`)
