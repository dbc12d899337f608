import { foldRuns } from '../../engine/run/model/fold-runs.ts'
import { EXIT } from '../../engine/session/exit-codes.ts'
import { INCIDENT, type Point, type Stage, setStage, TIME } from './stage.ts'

/** The incident's scenario, and its run. */
export const SCENARIO = 'incident-2026-02-27'
export const RUN = [
  ...['run', 'secret-parity', 'access-posture', 'runtime-identity', '--env', 'prod', '--yes'],
  ...['--incident', INCIDENT, '--reason', 'Smoke checks answer 404.'],
]

/** What is killed: the run of the incident, or the undo of all of it. */
export type Act = 'run' | 'undo'

const ARGV: Record<Act, string[]> = { run: RUN, undo: ['undo', INCIDENT, '--yes'] }

/** What an act that nobody disturbed leaves behind, and how many points it can be killed at. */
export type Undisturbed = {
  act: Act
  state: string
  effects: string[]
  record: string
  lines: [number, number]
  requests: number
}

/** What is wrong after an act was killed at a point and gone on with; none where all is as if nothing had happened. One of the last points may not be reached. */
export type Outcome = { point: Point; lost: string[]; repeated: string[]; reached: boolean }

/** Carries an act out in peace, to compare with. */
export async function undisturbed(act: Act, gcloud: string | undefined): Promise<Undisturbed> {
  const stage = await setStage(SCENARIO, gcloud)
  try {
    const from = await prepared(act, stage)
    const { exit, said } = await stage.breakglass(ARGV[act])
    if (exit !== 0) throw new Error(`the undisturbed ${act} exits ${exit}: ${said}`)
    return {
      act,
      state: await stage.state(),
      effects: [...stage.effects],
      record: told(stage.record()),
      lines: [from + 1, stage.log().size],
      requests: stage.requests(),
    }
  } finally {
    await stage.close()
  }
}

/** Every point at which an act can be killed. */
export function pointsOf({ lines: [from, to], requests }: Undisturbed): Point[] {
  const numbers = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, index) => first + index)
  return [
    ...numbers(from, to).map((line) => ({ line })),
    ...numbers(1, requests).flatMap((request) => [
      { request, where: 'arriving' as const },
      { request, where: 'answered' as const },
    ]),
  ]
}

/** So often a point is gone for that an act didn't come to: what goes side by side takes a read more or less each time. */
const MOST_TRIES = 6

/** So many requests the undisturbed act may have made more than others do. */
const LAST = 6

/** Kills the act at a point, goes on with it, and compares what is there with what the undisturbed one has left. */
export async function tryPoint(point: Point, calm: Undisturbed, gcloud: string | undefined): Promise<Outcome> {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const outcome = await tryOnce(point, calm, gcloud)
    if (outcome !== 'not reached') return outcome
  }
  const isLast = 'request' in point && point.request > calm.requests - LAST
  return { point, lost: isLast ? [] : [`it was not reached in ${MOST_TRIES} tries`], repeated: [], reached: false }
}

async function tryOnce(point: Point, calm: Undisturbed, gcloud: string | undefined): Promise<Outcome | 'not reached'> {
  const stage = await setStage(SCENARIO, gcloud)
  const lost: string[] = []
  try {
    const from = await prepared(calm.act, stage)
    const { killed, said } = await stage.breakglass(ARGV[calm.act], point)
    if (!killed && 'request' in point && stage.requests() < point.request) return 'not reached'
    if (!killed) lost.push(`it was not killed: ${said}`)
    const { size } = stage.log()
    const unlogged = size === from
    const over = !unlogged && foldRuns(stage.log().entries).at(-1)?.closed !== undefined
    const argv = unlogged ? [...ARGV[calm.act], '--take-over'] : ['resume', INCIDENT, '--yes']
    const resumed = await stage.breakglass(argv)
    // What is neither there nor not, such as half of a command of two calls, is for a person to decide.
    const decided = resumed.exit === EXIT.inDoubt ? await stage.decide(['resume', INCIDENT]) : resumed
    if (decided.exit !== 0) lost.push(`${argv[0]} exits ${decided.exit}: ${decided.said}`)
    const { damage, entries } = stage.log()
    lost.push(...damage.map(({ line, what }) => `line ${line} ${what}`))
    const open = foldRuns(entries).flatMap(({ steps }) =>
      [...steps.values()].filter(({ status }) => status === 'intent-open'),
    )
    lost.push(...open.map(({ planned }) => `${planned.key} is still in doubt`))
    if ((await stage.state()) !== calm.state) lost.push(firstDifference(calm.state, await stage.state(), 'state'))
    const record = stage.record()
    if (told(record) !== calm.record) lost.push(firstDifference(calm.record, told(record), 'record'))
    if (!unlogged && !over && !record.includes(' resumed the run at '))
      lost.push('the record does not tell of the interruption')
    const { effects } = stage
    const repeated = effects.length > calm.effects.length ? surplus(effects, calm.effects) : []
    if (effects.length < calm.effects.length) lost.push(...surplus(calm.effects, effects))
    return { point, lost, repeated, reached: true }
  } finally {
    await stage.close()
  }
}

/** An undo needs something to take back; answers how many lines the log has by then. */
async function prepared(act: Act, stage: Stage): Promise<number> {
  if (act === 'run') return 0
  const { exit, said } = await stage.breakglass(RUN)
  if (exit !== 0) throw new Error(`the run before the undo exits ${exit}: ${said}`)
  return stage.log().size
}

/** A record without what is another each time: names of runs, keyed fingerprints, times, numbers of entries, the log's head; and without the interruption. */
function told(record: string): string {
  return record
    .split(/^(?=## )/m)
    .filter((section) => !/^## (Timeline|Audit Log)\n/.test(section))
    .join('')
    .split('\n')
    .filter((line) => !/ resumed the run at |At the resume \(| took over the lock on |^- \*\*Duration:/.test(line))
    .join('\n')
    .replaceAll(/<!-- log [^>]+ -->/g, '')
    .replaceAll(TIME, 'TIME')
    .replaceAll(/(run|undo)-[0-9a-f]{12}/g, '$1-ID')
    .replaceAll(/hmac-sha256:[0-9a-f]{32}/g, 'FINGERPRINT')
}

function firstDifference(was: string, is: string, what: string): string {
  const [a, b] = [was.split('\n'), is.split('\n')]
  const at = a.findIndex((line, index) => line !== b[index])
  return `the ${what} differs: ${a[at] ?? '(end)'} → ${b[at] ?? '(end)'}`
}

/** What is in the one list and, as often, not in the other. */
export function surplus(more: string[], fewer: string[]): string[] {
  const left = [...fewer]
  return more.filter((each) => {
    const at = left.indexOf(each)
    if (at >= 0) left.splice(at, 1)
    return at < 0
  })
}
