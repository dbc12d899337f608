import type { World } from '../../steps/world.ts'
import type { Ending } from '../model/events.ts'
import { Interrupted, type RunHost } from '../model/host.ts'
import type { PendingStep, RunEnd } from '../model/progress.ts'
import { type Batch, type BatchProgress, type Due, nextOf } from './dependencies.ts'

/**
 * Runs the steps of a batch, up to `width` in parallel. Once one has ended the run, no other begins, and running ones
 * finish first: what is in doubt is reported before all else.
 */
export async function runBatch(
  batch: Batch,
  batchProgress: BatchProgress,
  runOne: (item: PendingStep, host: RunHost) => Promise<RunEnd | undefined>,
  host: RunHost,
): Promise<RunEnd | undefined> {
  if (batch.length > 1) {
    const steps = batch.map(({ item: { planned } }) => ({ key: planned.key, title: planned.title }))
    await host.report({ type: 'steps-due', steps })
  }
  let over = false
  const noMore = () => over || host.noMore()
  const startOne = async (item: PendingStep): Promise<RunEnd | undefined> => {
    if (host.stopRequested()) throw new Interrupted()
    return runOne(item, { ...host, noMore, world: worldFor(item.planned.key, host.world) })
  }
  const ends: PromiseSettledResult<RunEnd | undefined>[] = []
  const running = new Set<Promise<void>>()
  const begin = (due: Due): void => {
    const { key } = due.item.planned
    batchProgress.begun.add(key)
    const started = Promise.allSettled([startOne(due.item)]).then(([end]) => {
      ends[batch.indexOf(due)] = end
      over ||= end.status === 'rejected' || end.value !== undefined
      batchProgress.ended.add(key)
      running.delete(started)
    })
    running.add(started)
  }
  for (;;) {
    while (!over && running.size < host.width) {
      const due = nextOf(batch, batchProgress)
      if (!due) break
      begin(due)
    }
    if (running.size === 0) return endOfBatch(ends)
    await Promise.race(running)
  }
}

/** Returns a world that attributes each command to a step. */
export const worldFor = (step: string, world: World): World => ({
  ...world,
  gcloud: (call) => world.gcloud({ step, ...call }),
})

/** Which ending wins if steps end a run in several ways. */
const GRAVEST: readonly Ending[] = ['in-doubt', 'failed', 'declined']

/** Returns how the steps of a batch, in plan order, end the run, if they do. Throws what one of them threw. */
function endOfBatch(settled: PromiseSettledResult<RunEnd | undefined>[]): RunEnd | undefined {
  const thrown = settled.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []))
  const ends = settled.flatMap((each) => (each.status === 'fulfilled' && each.value ? [each.value] : []))
  for (const error of thrown) if (!(error instanceof Interrupted)) throw error
  if (ends.length > 0) {
    const endings = ends.map(({ ending }) => ending)
    const ending = GRAVEST.find((each) => endings.includes(each)) ?? endings[0]!
    return { ending, reason: ends.map(({ reason }) => reason).join('; ') }
  }
  if (thrown.length > 0) throw thrown[0]
  return undefined
}
