import pLimit from 'p-limit'
import { differencesOf, statusOf } from '../steps/compare.ts'
import { applyFor, changesAnything, observe, undoFor } from '../steps/index.ts'
import type { BoundStep, GcloudCommand, Observation, Reading } from '../steps/types.ts'
import type { GcloudCall, GcloudResult, World } from '../steps/world.ts'
import type { PlannedStep } from './types.ts'

/**
 * The same world for one pass of observing: the same reading command runs only once, and at most `width` run side by
 * side. Output that is secret is never kept for another; what was found out about it is (`once`).
 */
export function onePass(world: World, width: number): World {
  const answers = new Map<string, Promise<GcloudResult>>()
  const found = new Map<string, Promise<unknown>>()
  const queue = pLimit(width)
  return {
    ...world,
    gcloud(call: GcloudCall) {
      if (call.secretOutput) return queue(() => world.gcloud(call))
      const name = commandName(call)
      const known = answers.get(name)
      if (known) return known
      const answer = queue(() => world.gcloud(call))
      answers.set(name, answer)
      return answer
    },
    once<T>(name: string, read: () => Promise<T>) {
      const known = found.get(name) as Promise<T> | undefined
      if (known) return known
      const finding = read()
      found.set(name, finding)
      return finding
    },
  }
}

const commandName = ({ project, argv }: GcloudCommand): string => JSON.stringify([project, ...argv])

/** Observes all steps of a pass, side by side. */
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

/** A bound step with one observation of it, as plain data. */
export function planStep(step: BoundStep, reading: Reading): PlannedStep {
  const { observation, expectation, note, targets = [] } = reading
  const { key, runbook, id, title, description, subject, risk, record } = step
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
      expectation,
      ...(note === undefined ? {} : { note }),
      ...(apply ? { apply } : {}),
      ...(record === undefined ? {} : { record }),
      ...(step.kind === 'undo' ? { undoes: step.undoes } : {}),
    },
    observation,
  )
  const isTarget = planned.status === 'drift' && apply !== undefined && changesAnything(apply)
  return isTarget && targets.length > 0 ? { ...planned, targets } : planned
}

/** The same planned step with another observation: what differs and how it would be taken back follow from that. */
export function withObservation(
  step: BoundStep,
  planned: Omit<PlannedStep, 'observation' | 'status' | 'differences'>,
  observation: Observation,
): PlannedStep {
  const status = statusOf(observation, planned.expectation)
  const differences = differencesOf(observation, planned.expectation)
  const { undo: _, ...rest } = planned
  const isOpen = status === 'drift' || status === 'unseen'
  const undo = isOpen && planned.apply ? undoFor(step, observation) : undefined
  return { ...rest, observation, status, differences, ...(undo ? { undo } : {}) }
}
