import type { RunState } from '../run/model/run-state.ts'
import type { StepState } from '../run/model/step-state.ts'
import { statusOf } from '../steps/compare.ts'
import { describeEvidence, describeUnreadEffect, isUnreadEffect } from '../steps/describe.ts'
import type { Observation } from '../steps/types.ts'
import { utc } from './times.ts'
import { describeReading, withoutFingerprints } from './values.ts'

/** A step that is neither applied nor conformant: skipped, failed, in doubt, left as found or not reached. */
export type Unfinished = { title: string; status: string; note: string; entries: number[] }

/** Describes a step that was not completed; returns nothing for all others. */
export function unfinishedOf(run: RunState, step: StepState): Unfinished[] {
  const { planned, status, evidence, readBack, entries, undone } = step
  if (undone) return []
  const entry = (what: string, note: string): Unfinished[] => [{ title: planned.title, status: what, note, entries }]
  if (status === undefined)
    return entry('not reached', withoutFingerprints(run.closed?.reason ?? 'the run was cut off'))
  const reported = evidence ? describeEvidence(evidence) : ''
  switch (status) {
    case 'conformant':
    case 'applied':
    case 'made-by-another':
    case 'made-by-unknown':
    case 'undone':
    case 'stated':
    case 'approved':
    case 'waited':
    case 'not-needed':
      return []
    case 'not-done':
      return entry('not done by hand', step.stated?.words ?? '')
    case 'refused':
      return entry('not approved', step.stated?.words ?? '')
    case 'overdue':
      return entry(
        readBack?.state === 'unknown'
          ? 'timed out: the condition could not be read'
          : 'timed out: the condition did not hold',
        readBack ? describeReading(readBack, planned.expectation) : '',
      )
    case 'skipped': {
      const decision = step.decisions.findLast(({ decision }) => decision.choice === 'skip')?.decision
      const why = decision?.choice === 'skip' ? [decision.reason] : []
      return planned.status === 'unknown'
        ? entry(['could not be read, skipped', ...why].join(': '), reasonOf(planned.observation))
        : entry('skipped', [...why, ...foundIn(step)].join('; '))
    }
    case 'left':
      return entry(
        'left as found',
        [...foundIn(step), ...(planned.note === undefined ? [] : [planned.note])].join('; '),
      )
    case 'unreadable':
      return entry('could not be read', reasonOf(step.before ?? planned.observation))
    case 'not-applied':
      return entry('failed: the read-back shows no change', [reported, ...foundIn(step)].join('; '))
    case 'ambiguous':
      return entry(
        'failed: the read-back shows neither the old nor the wanted state',
        readBack ? `${reported}; ${describeReading(readBack, planned.expectation)}` : reported,
      )
    case 'in-doubt':
      return evidence && isUnreadEffect(evidence) && readBack?.state !== 'value' && readBack?.state !== 'absent'
        ? entry('in doubt', describeUnreadEffect(readBack?.state === 'unknown' ? readBack.reason : ''))
        : entry('in doubt', `${reported}; ${readBack ? doubtIn(readBack, step) : 'its outcome was not read'}`)
    case 'intent-open':
      return entry(
        'in doubt',
        planned.status === 'unseen'
          ? 'started by hand; nobody has stated whether it was done'
          : step.person === undefined
            ? 'a command started, and the log ends before its outcome'
            : `${step.person} started it by hand, and the log ends before its outcome was read`,
      )
  }
}

/** Describes the last reading of a change in doubt, and until when the change may still take effect. */
function doubtIn(readBack: Observation, { open, planned }: StepState): string {
  if (readBack.state === 'unknown') return readBack.reason
  const until =
    open && open.forMs > 0
      ? `, until ${utc(new Date(Date.parse(open.at) + open.forMs).toISOString())} at the latest`
      : ''
  const is = describeReading(readBack, planned.expectation)
  return `last reading: ${is}; the change may still take effect${until}`
}

/** Returns the last reading of a step that is not as expected. */
function foundIn({ planned, before, readBack }: StepState): string[] {
  const seen = readBack ?? before ?? planned.observation
  return statusOf(seen, planned.expectation) === 'drift' ? [describeReading(seen, planned.expectation)] : []
}

const reasonOf = (observation: Observation): string => (observation.state === 'unknown' ? observation.reason : '')
