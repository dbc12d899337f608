import { printable } from '../../base/printable.ts'
import type { Plan } from '../../plan/types.ts'
import { deriveUndo } from '../../run/derive-undo.ts'
import { foldRuns } from '../../run/model/fold-runs.ts'
import { baselineOf } from '../../run/model/partial-change.ts'
import type { BaselineOf } from '../../run/model/progress.ts'
import type { Print } from '../host/output.ts'
import type { LockedIncident } from '../locks/locked-incident.ts'
import type { Prepared } from './prepare.ts'

/**
 * Finds the baseline of a step's change that an earlier run of the incident left partly made in this project. Throws UserError
 * if the log's undo of it isn't the one that the step gives.
 */
export function partialChanges(
  { log }: LockedIncident,
  { environment: { project }, steps }: Pick<Prepared, 'environment' | 'steps'>,
): BaselineOf {
  const runs = foldRuns(log.entries)
  return ({ key, observation }) => {
    const baseline = baselineOf(runs, project, key, observation)
    const step = steps.find((each) => each.key === key)
    if (baseline && step) deriveUndo(step, baseline.before, baseline.undo)
    return baseline
  }
}

/** Prints which steps continue a partial change, so that its undo isn't mistaken for the one that the plan shows. */
export function printPartialChanges({ steps }: Plan, baseline: BaselineOf, print: Print): void {
  for (const step of steps) {
    const began = step.status === 'drift' && step.apply ? baseline(step) : undefined
    if (began)
      print(
        printable(
          `${step.title}: ${began.run} left this partly changed. Undo restores what was there before ${began.run}.`,
        ),
      )
  }
}
