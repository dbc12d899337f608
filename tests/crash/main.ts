import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import pLimit from 'p-limit'
import { findGcloud } from '../../engine/gcloud/find.ts'
import { type Act, type Outcome, pointsOf, tryPoint, undisturbed } from './trial.ts'

/** `npm run crash [-- --sample K] [--act run|undo] [--gcloud]`: kills the engine everywhere, one point a run, and goes on each time. */
const { values } = parseArgs({
  options: { sample: { type: 'string' }, act: { type: 'string' }, gcloud: { type: 'boolean', default: false } },
})
const gcloud = values.gcloud ? findGcloud(process.env.PATH)?.path : undefined
if (values.gcloud && gcloud === undefined) throw new Error('there is no gcloud on the PATH')
const acts: Act[] = values.act === undefined ? ['run', 'undo'] : [values.act as Act]
const queue = pLimit(gcloud ? 1 : availableParallelism())
const outcomes: Outcome[] = []
for (const act of acts) {
  const calm = await undisturbed(act, gcloud)
  const all = pointsOf(calm)
  const points = values.sample === undefined ? all : spread(all, Math.ceil(Number(values.sample) / acts.length))
  console.log(`${act}: ${points.length} of ${all.length} points`)
  await Promise.all(
    points.map((point) =>
      queue(async () => {
        const outcome = await tryPoint(point, calm, gcloud)
        outcomes.push(outcome)
        for (const text of [...outcome.lost, ...outcome.repeated.map((each) => `repeated: ${each}`)])
          console.log(`${act} ${JSON.stringify(point)}: ${text}`)
      }),
    ),
  )
}
const lost = outcomes.filter((each) => each.lost.length > 0).length
const repeated = outcomes.filter((each) => each.repeated.length > 0).length
const reached = outcomes.filter((each) => each.reached).length
const unreached = outcomes.length - reached
console.log(`${reached} points, ${lost} lost, ${repeated} repeated`)
if (unreached > 0) console.log(`(${unreached} more at the very end, which other runs than the first don't come to)`)
process.exitCode = lost + repeated === 0 ? 0 : 1

/** So many of them, evenly spread, others each time. */
function spread<T>(all: T[], wanted: number): T[] {
  const step = Math.max(1, all.length / wanted)
  const offset = Math.random() * step
  return Array.from(
    { length: Math.min(wanted, all.length) },
    (_, index) => all[Math.floor(offset + index * step) % all.length] as T,
  )
}
