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

/** An observation under way or finished, and whether it is discarded. */
type Prefetching = { seen: Promise<Prefetched | undefined>; forgotten: boolean }

/** Prefetches the step that starts next (`nextAfter`), if it is a change that only reads with gcloud. */
export function prefetch(
  nextAfter: (step: string) => PlannedStep | undefined,
  steps: BoundStep[],
  { world, width }: RunHost,
): Prefetch {
  const bound = new Map(steps.map((step) => [step.key, step]))
  const all = new Map<string, Prefetching>()
  const beside = new Map<string, Prefetching>()
  return {
    worldFor(key, own, mayBeLast) {
      const last = beside.get(key)
      if (last) last.forgotten = true
      const planned = mayBeLast && !last ? nextAfter(key) : undefined
      const step = planned && bound.get(planned.key)
      if (!planned || !step || all.has(step.key) || !isAskedOfGcloud(planned, step)) return own
      const pass = onePass(world, width)
      const prefetching = { seen: begin({ planned, step }, pass), forgotten: false }
      all.set(step.key, prefetching)
      beside.set(key, prefetching)
      return { ...own, once: pass.once }
    },
    async take({ key, observation }) {
      const prefetching = all.get(key)
      const seen = await prefetching?.seen
      if (!prefetching || !seen || prefetching.forgotten) return undefined
      prefetching.forgotten = true
      // A machine that slept stops the monotonic clock, and setting the clock back stops the other.
      const ages = [elapsedOf(world) - seen.at, world.clock.now().getTime() - seen.on]
      return ages.every((age) => age <= TOO_OLD) && sameObservation(seen.observation, observation)
        ? seen.observation
        : undefined
    },
    settled: () => Promise.all([...all.values()].map(({ seen }) => seen)),
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
const isAskedOfGcloud = ({ apply }: PlannedStep, step: BoundStep): boolean =>
  apply !== undefined && isChange(apply) && canPrefetch(step)
