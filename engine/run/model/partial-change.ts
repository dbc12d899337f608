import { sameAcrossKeys } from '../../steps/compare.ts'
import type { Observation } from '../../steps/types.ts'
import type { RunState } from './run-state.ts'
import type { Baseline, StepState } from './step-state.ts'

/** Whether nobody knows what became of a step's last command. */
export const isInDoubt = ({ status }: StepState): boolean => status === 'intent-open' || status === 'in-doubt'

/** Whether a change may be there in part, as far as anybody has read: only a person says what to do about that. */
export function isPartial(state: StepState): boolean {
  const { status, unsettled, baseline } = state
  const began = unsettled === true || baseline !== undefined
  return status === 'ambiguous' || isInDoubt(state) || (began && status !== 'applied' && status !== 'stated')
}

/**
 * Where a change began that a run has left half done in a project, if the step is still as that run left it: whoever goes on
 * from there goes on with that change. The newest such run counts.
 */
export function baselineOf(
  runs: Iterable<RunState>,
  project: string,
  key: string,
  now: Observation,
): Baseline | undefined {
  for (const { run, plan, opened, steps } of [...runs].reverse()) {
    const left = steps.get(key)
    if (!left || opened.undoes || plan?.environment.project !== project || left.undone || left.continuedIn) continue
    const before = left.baseline?.before ?? left.before
    if (!before || !isPartial(left) || !stillAsLeft(left, now)) continue
    const undo = left.baseline ? left.baseline.undo : left.undo
    return { run, before, ...(undo ? { undo } : {}) }
  }
  return undefined
}

/** What nobody has read since its command may be anything by now. */
const stillAsLeft = ({ status, readBack }: StepState, now: Observation): boolean =>
  status === 'intent-open' || readBack === undefined || readBack.state === 'unknown' || sameAcrossKeys(readBack, now)

/** What was there where a step's change began, in this run or in one that had left it half done, and what takes it back to that. */
export const beganAt = ({ planned, before = planned.observation, undo, baseline }: StepState): Omit<Baseline, 'run'> =>
  baseline ?? { before, ...(undo ? { undo } : {}) }
