import { sameAcrossKeys } from '../../steps/compare.ts'
import type { Observation } from '../../steps/types.ts'
import type { RunState } from './run-state.ts'
import type { Baseline, StepState } from './step-state.ts'

/** Returns whether a step's last command is in doubt. */
export const isInDoubt = ({ status }: StepState): boolean => status === 'intent-open' || status === 'in-doubt'

/** Returns whether a change may be partial, as far as anybody has read: only a person decides what to do about that. */
export function isPartial(state: StepState): boolean {
  const { status, unsettled, baseline } = state
  const began = unsettled === true || baseline !== undefined
  return status === 'ambiguous' || isInDoubt(state) || (began && status !== 'applied' && status !== 'stated')
}

/**
 * Returns where a partial change began, if the step is still as the newest such run left it: whoever continues from
 * there continues that change.
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

/** Returns whether a step is still as a run left it. If nobody read it after its command, it may be anything. */
const stillAsLeft = ({ status, readBack }: StepState, now: Observation): boolean =>
  status === 'intent-open' || readBack === undefined || readBack.state === 'unknown' || sameAcrossKeys(readBack, now)

/** Returns what was observed where a step's change began, in this run or an earlier one, and how to undo it. */
export const beganAt = ({ planned, before = planned.observation, undo, baseline }: StepState): Omit<Baseline, 'run'> =>
  baseline ?? { before, ...(undo ? { undo } : {}) }
