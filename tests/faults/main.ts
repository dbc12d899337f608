import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import pLimit from 'p-limit'
import { formatDuration } from '../../engine/base/duration.ts'
import { describeRule } from '../../engine/sandbox/faults/faults.ts'
import { calmRun, drawn, everyFault, pairs, type Trial, tryFaults, type Wait } from './sweep.ts'

/** `npm run faults [-- --sample K] [--pairs K] [--seed S]`: each fault at each call of the incident's run, and pairs of them. */
const { values } = parseArgs({
  options: { sample: { type: 'string' }, pairs: { type: 'string', default: '0' }, seed: { type: 'string' } },
})
const seed = values.seed ?? String(Math.floor(Math.random() * 1e9))
const calm = await calmRun()
const all = everyFault(calm)
const single = values.sample === undefined ? all : drawn(all, Number(values.sample), seed)
const double = pairs(calm, Number(values.pairs), seed)
console.log(
  `${calm.calls.length} calls, ${all.length} faults: ${single.length} of them and ${double.length} pairs (--seed ${seed})`,
)
const queue = pLimit(availableParallelism())
let done = 0
const trials: Trial[] = await Promise.all(
  [...single, ...double].map((faults) =>
    queue(async () => {
      const trial = await tryFaults(faults, calm)
      if (++done % 100 === 0) console.log(`${done} tried`)
      console.log(`${faults.map(describeRule).join(' + ')}: ${describeWaits(trial.waits)}`)
      for (const text of trial.wrong) console.log(`${faults.map(describeRule).join(' + ')}: ${text}`)
      return trial
    }),
  ),
)
const wrong = trials.filter((trial) => trial.wrong.length > 0).length
const atOnce = trials.filter(({ exits }) => exits.length === 1).length
console.log(
  `${trials.length} faults, ${atOnce} ended well at once, ${trials.length - atOnce - wrong} after a stop, ${wrong} wrong`,
)
process.exitCode = wrong === 0 ? 0 : 1

/** Describes how long each read-back waited by the sandbox's clock, and why it stopped reading. */
function describeWaits(waits: Wait[]): string {
  const long = waits.filter(({ ms }) => ms >= 1000)
  return long.length === 0 ? 'no wait' : long.map(({ ms, until }) => `${formatDuration(ms)} (${until})`).join(', ')
}
