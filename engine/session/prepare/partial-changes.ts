import { printable } from '../../base/printable.ts'
import type { Plan } from '../../plan/types.ts'
import { deriveUndo } from '../../run/derive-undo.ts'
import type { OriginOf } from '../../run/model/course.ts'
import { foldRuns } from '../../run/model/fold-runs.ts'
import { originOf } from '../../run/model/partial-change.ts'
import type { Say } from '../host/output.ts'
import type { Held } from '../locks/locked-incident.ts'
import type { Prepared } from './prepare.ts'

/**
 * Finds where a step's change began that an earlier run of the incident has left half done in this project. Throws Problem
 * where the log's undo of it is not what the step gives.
 */
export function begunBefore(
  { log }: Held,
  { environment: { project }, steps }: Pick<Prepared, 'environment' | 'steps'>,
): OriginOf {
  const runs = foldRuns(log.entries)
  return ({ key, observation }) => {
    const origin = originOf(runs, project, key, observation)
    const step = steps.find((each) => each.key === key)
    if (origin && step) deriveUndo(step, origin.before, origin.undo)
    return origin
  }
}

/** Says of which steps the plan goes on with a half-done change, so that its undo is not taken for the one that the plan shows. */
export function sayBegunBefore({ steps }: Plan, origin: OriginOf, say: Say): void {
  for (const step of steps) {
    const began = step.status === 'drift' && step.apply ? origin(step) : undefined
    if (began)
      say(
        printable(
          `${step.title}: ${began.run} left this half changed. Taking it back goes to what was there before ${began.run}.`,
        ),
      )
  }
}
