import { onePass } from '../plan/observe.ts'
import type { PlannedStep } from '../plan/types.ts'
import { sameObservation } from '../steps/compare.ts'
import { isChange, observeAgain } from '../steps/index.ts'
import type { BoundStep, Observation } from '../steps/types.ts'
import type { World } from '../steps/world.ts'
import type { RunHost } from './host.ts'
import type { Open } from './loop.ts'
import { worldFor } from './side-by-side.ts'

/** Looks at the change that comes next while the step before it is read back; such a look changes nothing, and is used only while it is new. */
export type LookAhead = {
  /**
   * The world for a read of a step. Beside the first read that may be the last before the next step's turn the look
   * begins, and what both read is read once. If more reads follow, it is too old, and forgotten.
   */
  worldFor(step: string, world: World, mayBeLast: boolean): World
  /** What was seen of a step, if that is new and as the plan shows it. A look that is forgotten is waited for, so that none goes on beside a change. */
  take(planned: PlannedStep): Promise<Observation | undefined>
  /** Waits for all looks: no command may outlive the run. */
  settled(): Promise<unknown>
}

type Look = { of: string; seen: Promise<{ observation: Observation; at: number } | undefined> }

/** A look that has ended so long ago, in milliseconds, says nothing of how things stand right before a change. */
const TOO_OLD = 2000

/** Looks ahead where one change alone comes after one step alone, and is of a kind that only gcloud is asked about. */
export function lookAhead(groups: Open[][], steps: BoundStep[], { world, width }: RunHost): LookAhead {
  const after = followers(groups, steps)
  const begun: Promise<unknown>[] = []
  const settled = () => Promise.all(begun)
  let look: Look | undefined
  return {
    worldFor(key, own, mayBeLast) {
      look = undefined
      const next = mayBeLast ? after.get(key) : undefined
      if (!next) return own
      after.delete(key)
      const pass = onePass(world, width)
      look = { of: next.step.key, seen: begin(next, pass) }
      begun.push(look.seen)
      return { ...own, once: pass.once }
    },
    async take({ key, observation }) {
      await settled()
      if (look?.of !== key) return undefined
      const seen = await look.seen
      look = undefined
      const isNew = seen && world.clock.now().getTime() - seen.at <= TOO_OLD
      return isNew && sameObservation(seen.observation, observation) ? seen.observation : undefined
    },
    settled,
  }
}

type Next = { planned: PlannedStep; step: BoundStep }

/** Begins after the read that it is beside, so that what both read is that read's in the log. */
async function begin({ planned, step }: Next, pass: World): Promise<Awaited<Look['seen']>> {
  await Promise.resolve()
  try {
    const observation = await observeAgain(step, worldFor(step.key, pass), planned.expectation)
    return { observation, at: pass.clock.now().getTime() }
  } catch {
    // It is looked at again in its turn, and what is wrong is told then.
    return undefined
  }
}

/** Which change comes after which step, where it may be looked at beside that step's read-back. */
function followers(groups: Open[][], steps: BoundStep[]): Map<string, Next> {
  const bound = new Map(steps.map((step) => [step.key, step]))
  const pairs = groups.flatMap(([one, ...others], index) => {
    const [next, ...more] = groups[index + 1] ?? []
    const step = next && bound.get(next.planned.key)
    const alone = others.length === 0 && more.length === 0
    const changes = next?.planned.apply !== undefined && isChange(next.planned.apply)
    return one && step && alone && changes && asksGcloud(step)
      ? [[one.planned.key, { planned: next.planned, step }] as const]
      : []
  })
  return new Map(pairs)
}

const asksGcloud = (step: BoundStep): boolean => step.kind === 'gcloud' || (step.kind === 'undo' && asksGcloud(step.of))
