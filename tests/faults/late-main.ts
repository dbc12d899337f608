import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import pLimit from 'p-limit'
import { calmUndone, describeLate, everyLate, tryLate } from './late.ts'
import { calmRun, drawn } from './sweep.ts'

/** `npm run late [-- --sample K] [--seed S]`: each change of the incident takes effect late, in each way, so that nobody knows its outcome. */
const { values } = parseArgs({ options: { sample: { type: 'string' }, seed: { type: 'string' } } })
const seed = values.seed ?? String(Math.floor(Math.random() * 1e9))
const all = everyLate(await calmRun())
const some = values.sample === undefined ? all : drawn(all, Number(values.sample), seed)
const undone = await calmUndone()
console.log(`${some.length} of ${all.length} late changes (--seed ${seed})`)
const queue = pLimit(availableParallelism())
const trials = await Promise.all(
  some.map((late) =>
    queue(async () => {
      const trial = await tryLate(late, undone)
      for (const text of trial.wrong) console.log(`${describeLate(late)} (exits ${trial.exits.join(', ')}): ${text}`)
      return trial
    }),
  ),
)
const effects = trials.filter(({ effect }) => effect).length
const denied = trials.reduce((sum, trial) => sum + trial.denied, 0)
const wrong = trials.filter((trial) => trial.wrong.length > 0).length
console.log(`${effects} late effects, ${denied} denied; ${wrong} of ${trials.length} ended wrong`)
process.exitCode = denied + wrong === 0 ? 0 : 1
