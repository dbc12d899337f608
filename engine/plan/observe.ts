import pLimit from 'p-limit'
import { differencesOf, statusOf } from '../steps/compare.ts'
import { applyFor, cannotApply, changesAnything, observe, undoFor } from '../steps/index.ts'
import type { BoundStep, Observation, Reading } from '../steps/types.ts'
import type { World } from '../steps/world.ts'
import type { PlannedStep } from './types.ts'

/**
 * Returns a world for one pass of observing: each finding is made only once (`once`), and at most `width` commands run
 * in parallel. Output is not kept, only what was found in it.
 */
export function onePass(world: World, width: number): World {
  const found = new Map<string, Promise<unknown>>()
  const queue = pLimit(width)
  return {
    ...world,
    gcloud: (call) => queue(() => world.gcloud(call)),
    once<T>(name: string, read: () => Promise<T>) {
      const known = found.get(name) as Promise<T> | undefined
      if (known) return known
      const finding = read()
      found.set(name, finding)
      return finding
    },
  }
}

/** Observes all steps of a pass in parallel. */
export async function observeAll(
  steps: BoundStep[],
  world: World,
  onObserved: (step: PlannedStep) => void = () => {},
): Promise<PlannedStep[]> {
  return Promise.all(
    steps.map(async (step) => {
      const planned = planStep(step, await observe(step, world))
      onObserved(planned)
      return planned
    }),
  )
}

/** Returns a bound step with an observation, as plain data. */
export function planStep(step: BoundStep, reading: Reading): PlannedStep {
  const { observation, expectation, note, targets = [] } = reading
  const { key, runbook, id, title, description, subject, risk, parallel, dependsOn, record } = step
  const apply = applyFor(step, reading)
  const planned = withObservation(
    step,
    {
      key,
      runbook,
      id,
      title,
      ...(description === undefined ? {} : { description }),
      subject,
      risk,
      ...(parallel ? { parallel } : {}),
      ...(dependsOn ? { dependsOn } : {}),
      expectation,
      ...(note === undefined ? {} : { note }),
      ...(apply ? { apply } : {}),
      ...(record === undefined ? {} : { record }),
      ...(step.kind === 'undo' ? { undoes: step.undoes } : {}),
    },
    observation,
  )
  const isTarget = planned.status === 'drift' && planned.apply !== undefined && changesAnything(planned.apply)
  return isTarget && targets.length > 0 ? { ...planned, targets } : planned
}

/**
 * Returns a planned step with another observation, and with the differences, the change and the undo that follow from
 * it.
 */
export function withObservation(
  step: BoundStep,
  planned: Omit<PlannedStep, 'observation' | 'status' | 'differences'>,
  observation: Observation,
): PlannedStep {
  const status = statusOf(observation, planned.expectation)
  const differences = differencesOf(observation, planned.expectation)
  const { undo: _, ...rest } = planned
  const against = status === 'drift' && planned.apply ? cannotApply(step, observation) : undefined
  if (against !== undefined) {
    const { apply: _, targets: __, note, ...shown } = rest
    return { ...shown, note: note === undefined ? against : `${note}; ${against}`, observation, status, differences }
  }
  const isOpen = status === 'drift' || status === 'unseen'
  const undo = isOpen && planned.apply ? undoFor(step, observation) : undefined
  return { ...rest, observation, status, differences, ...(undo ? { undo } : {}) }
}
