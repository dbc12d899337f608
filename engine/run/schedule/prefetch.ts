import { onePass } from '../../plan/observe.ts'
import type { PlannedStep } from '../../plan/types.ts'
import { sameObservation } from '../../steps/compare.ts'
import { canPrefetch, isChange, observeAgain } from '../../steps/index.ts'
import type { BoundStep, Observation } from '../../steps/types.ts'
import type { World } from '../../steps/world.ts'
import type { Prefetch, RunHost } from '../model/host.ts'
import { elapsedOf } from '../model/time-taken.ts'
import { worldFor } from './scheduler.ts'

/** How old an observation may be, in ms, to still describe the state right before a change. */
const TOO_OLD = 2000

type Prefetched = { observation: Observation; at: number; on: number }

/** An observation under way or finished, and whether it is stale. */
type Prefetching = { observed: Promise<Prefetched | undefined>; stale: boolean }

/** Prefetches the step that starts next (`nextAfter`), if it is a change that only reads with gcloud. */
export function prefetch(
  nextAfter: (step: string) => PlannedStep | undefined,
  steps: BoundStep[],
  { world, width }: RunHost,
): Prefetch {
  const bound = new Map(steps.map((step) => [step.key, step]))
  const prefetches = new Map<string, Prefetching>()
  const startedBy = new Map<string, Prefetching>()
  return {
    worldFor(key, own, mayBeLast) {
      const earlier = startedBy.get(key)
      if (earlier) earlier.stale = true
      const planned = mayBeLast && !earlier ? nextAfter(key) : undefined
      const step = planned && bound.get(planned.key)
      if (!planned || !step || prefetches.has(step.key) || !isPrefetchable(planned, step)) return own
      const pass = onePass(world, width)
      const prefetching = { observed: begin({ planned, step }, pass), stale: false }
      prefetches.set(step.key, prefetching)
      startedBy.set(key, prefetching)
      return { ...own, once: pass.once }
    },
    async take({ key, observation }) {
      const prefetching = prefetches.get(key)
      const observed = await prefetching?.observed
      if (!prefetching || !observed || prefetching.stale) return undefined
      prefetching.stale = true
      // A machine that slept stops the monotonic clock, and setting the clock back stops the other.
      const ages = [elapsedOf(world) - observed.at, world.clock.now().getTime() - observed.on]
      return ages.every((age) => age <= TOO_OLD) && sameObservation(observed.observation, observation)
        ? observed.observation
        : undefined
    },
    settled: () => Promise.all([...prefetches.values()].map(({ observed }) => observed)),
  }
}

type Next = { planned: PlannedStep; step: BoundStep }

/** Starts after the read it runs next to, so that the log credits shared reads to that one. */
async function begin({ planned, step }: Next, pass: World): Promise<Prefetched | undefined> {
  await Promise.resolve()
  try {
    const observation = await observeAgain(step, worldFor(step.key, pass), planned.expectation)
    return { observation, at: elapsedOf(pass), on: pass.clock.now().getTime() }
  } catch {
    // The step's own run observes it again, and reports what is wrong.
    return undefined
  }
}

/** Returns whether a step is a change whose observation may be prefetched. */
const isPrefetchable = ({ apply }: PlannedStep, step: BoundStep): boolean =>
  apply !== undefined && isChange(apply) && canPrefetch(step)
