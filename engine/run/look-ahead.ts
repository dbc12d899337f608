import { onePass } from '../plan/observe.ts'
import type { PlannedStep } from '../plan/types.ts'
import { sameObservation } from '../steps/compare.ts'
import { observeAgain } from '../steps/index.ts'
import type { BoundStep, Observation } from '../steps/types.ts'
import type { World } from '../steps/world.ts'
import type { RunHost } from './host.ts'
import type { Open } from './loop.ts'
import { worldFor } from './side-by-side.ts'

/** Looks at the step that comes next while the one before it is read back; such a look changes nothing, and is used only where it can be. */
export type LookAhead = {
  /**
   * The world for a read of a step that may be the last before the next step's turn. With the first such read the look
   * begins, and what both read is read once. If more reads follow, it is too old by then, and forgotten.
   */
  beside(step: string, world: World): World
  /** What was seen of a step, if it was looked at beside the last read before its turn and is as the plan shows it. */
  take(planned: PlannedStep): Promise<Observation | undefined>
  /** Waits for a look that nobody took: no command may outlive the run. */
  settled(): Promise<unknown>
}

/** Looks ahead where one step alone comes after one alone, and its look is nothing but gcloud reads. */
export function lookAhead(groups: Open[][], steps: BoundStep[], { world, width }: RunHost): LookAhead {
  const after = followers(groups, steps)
  let look: { of: string; seen: Promise<Observation> } | undefined
  let begun: Promise<unknown> = Promise.resolve()
  return {
    beside(key, own) {
      const next = after.get(key)
      after.delete(key)
      look = undefined
      if (!next) return own
      const { planned, step } = next
      const pass = onePass(world, width)
      // Begun after the read that it is beside, so that what both read is that read's in the log.
      const seen = Promise.resolve().then(() => observeAgain(step, worldFor(step.key, pass), planned.expectation))
      begun = seen.catch(() => {})
      look = { of: step.key, seen }
      return { ...own, once: pass.once }
    },
    async take({ key, observation }) {
      if (look?.of !== key) return undefined
      const { seen } = look
      look = undefined
      const now = await seen.catch(() => undefined)
      return now && sameObservation(now, observation) ? now : undefined
    },
    settled: () => begun,
  }
}

/** Which step comes after which, where the one may be looked at beside the other's read-back. */
function followers(groups: Open[][], steps: BoundStep[]): Map<string, { planned: PlannedStep; step: BoundStep }> {
  const bound = new Map(steps.map((step) => [step.key, step]))
  const pairs = groups.flatMap(([one, ...others], index) => {
    const [next, ...more] = groups[index + 1] ?? []
    const step = next && bound.get(next.planned.key)
    const alone = others.length === 0 && more.length === 0
    return one && step && alone && readsGcloud(step)
      ? [[one.planned.key, { planned: next.planned, step }] as const]
      : []
  })
  return new Map(pairs)
}

const readsGcloud = (step: BoundStep): boolean =>
  step.kind === 'gcloud' || (step.kind === 'undo' && readsGcloud(step.of))
