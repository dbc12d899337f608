import { expect, test } from 'vitest'
import { calmUndone, describeLate, everyLate, tryLate, WAYS } from './late.ts'
import { calmRun, drawn } from './sweep.ts'

/** One fixed case of each way; `npm run late` tries each change in each way, 1 s to 10 min late. */
const SEED = 'late'

test('a change that takes effect late is never denied, is correct after resume, and is undone by undo', async () => {
  const all = everyLate(await calmRun())
  expect(all.length).toBeGreaterThan(300)
  const undone = await calmUndone()
  for (const way of WAYS)
    for (const late of drawn(
      all.filter((each) => each.way === way && each.late !== '1s'),
      1,
      SEED,
    )) {
      const { denied, wrong } = await tryLate(late, undone)
      expect({ late: describeLate(late), denied, wrong }).toMatchObject({ denied: 0, wrong: [] })
    }
}, 240_000)
