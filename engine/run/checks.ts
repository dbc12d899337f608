import { describeObserved } from '../plan/describe.ts'
import { onePass } from '../plan/observe.ts'
import { statusOf } from '../steps/compare.ts'
import { observe } from '../steps/index.ts'
import type { BoundStep, Status } from '../steps/types.ts'
import type { RunHost } from './host.ts'

type Pending = { check: BoundStep; startedAt: number; inARow: number; reads: number }

/**
 * Carries out the checks at the end of a run: all side by side, pass after pass, each until it holds or its time is
 * up. Answers how each ended.
 */
export async function runChecks(checks: BoundStep[], host: RunHost): Promise<Status[]> {
  await host.tell({ moment: 'checks-started', checks: checks.map(({ key, title }) => ({ key, title })) })
  const { clock } = host.world
  const ended: Status[] = []
  let pending: Pending[] = checks.map((check) => ({ check, startedAt: clock.now().getTime(), inARow: 0, reads: 0 }))
  while (pending.length > 0) {
    const pass = onePass(host.world, host.width)
    const readings = await Promise.all(
      pending.map(async (item) => ({ item, reading: await observe(item.check, pass) })),
    )
    const next: Pending[] = []
    for (const { item, reading } of readings) {
      const { observation, expectation } = reading
      const status = statusOf(observation, expectation)
      const seen = { ...item, reads: item.reads + 1, inARow: status === 'conformant' ? item.inARow + 1 : 0 }
      const durationMs = clock.now().getTime() - item.startedAt
      const { settle, key, title } = item.check
      const timeIsUp = durationMs + settle.everyMs > settle.withinMs || host.stopRequested()
      if (seen.inARow < settle.reads && !timeIsUp) {
        next.push(seen)
        continue
      }
      await host.append({
        type: 'check.observed',
        body: { check: key, observation, expectation, status, reads: seen.reads, durationMs },
      })
      await host.tell({
        moment: 'check-ended',
        key,
        title,
        status,
        note: status === 'conformant' ? '' : describeObserved(observation, expectation),
        durationMs,
      })
      ended.push(status)
    }
    pending = next
    if (pending.length > 0) await clock.sleep(Math.min(...pending.map(({ check }) => check.settle.everyMs)))
  }
  return ended
}
