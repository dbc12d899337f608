import { onePass } from '../../plan/observe.ts'
import type { PlannedStep } from '../../plan/types.ts'
import { sameObservation } from '../../steps/compare.ts'
import { canPrefetch, isChange, observeAgain } from '../../steps/index.ts'
import type { BoundStep, Observation } from '../../steps/types.ts'
import type { World } from '../../steps/world.ts'
import type { Prefetch, RunHost } from '../model/host.ts'
import { elapsedOf } from '../model/time-taken.ts'
import { worldFor } from './scheduler.ts'

/** A look that has ended so long ago, in milliseconds, says nothing of how things stand right before a change. */
const TOO_OLD = 2000

type Seen = { observation: Observation; at: number; on: number }

/** A look under way or ended, and whether it is forgotten. */
type Look = { seen: Promise<Seen | undefined>; forgotten: boolean }

/** Looks ahead at what begins once a step has ended (`followerOf`), where it is a change, of a kind that only gcloud is asked about. */
export function prefetch(
  nextAfter: (step: string) => PlannedStep | undefined,
  steps: BoundStep[],
  { world, width }: RunHost,
): Prefetch {
  const bound = new Map(steps.map((step) => [step.key, step]))
  const looks = new Map<string, Look>()
  const beside = new Map<string, Look>()
  return {
    worldFor(key, own, mayBeLast) {
      const last = beside.get(key)
      if (last) last.forgotten = true
      const planned = mayBeLast && !last ? nextAfter(key) : undefined
      const step = planned && bound.get(planned.key)
      if (!planned || !step || looks.has(step.key) || !isAskedOfGcloud(planned, step)) return own
      const pass = onePass(world, width)
      const look = { seen: begin({ planned, step }, pass), forgotten: false }
      looks.set(step.key, look)
      beside.set(key, look)
      return { ...own, once: pass.once }
    },
    async take({ key, observation }) {
      const look = looks.get(key)
      const seen = await look?.seen
      if (!look || !seen || look.forgotten) return undefined
      look.forgotten = true
      // A machine that slept in between has let no time pass by the one clock, and one that was set back none by the other.
      const ages = [elapsedOf(world) - seen.at, world.clock.now().getTime() - seen.on]
      return ages.every((age) => age <= TOO_OLD) && sameObservation(seen.observation, observation)
        ? seen.observation
        : undefined
    },
    settled: () => Promise.all([...looks.values()].map(({ seen }) => seen)),
  }
}

type Next = { planned: PlannedStep; step: BoundStep }

/** Begins after the read that it is beside, so that what both read is that read's in the log. */
async function begin({ planned, step }: Next, pass: World): Promise<Seen | undefined> {
  await Promise.resolve()
  try {
    const observation = await observeAgain(step, worldFor(step.key, pass), planned.expectation)
    return { observation, at: elapsedOf(pass), on: pass.clock.now().getTime() }
  } catch {
    // It is looked at again in its turn, and what is wrong is told then.
    return undefined
  }
}

/** Whether a step is a change, and only gcloud is asked how it stands. */
const isAskedOfGcloud = ({ apply }: PlannedStep, step: BoundStep): boolean =>
  apply !== undefined && isChange(apply) && canPrefetch(step)
