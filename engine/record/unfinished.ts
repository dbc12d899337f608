import type { RunState } from '../run/model/run-state.ts'
import { foundIn, type StepState } from '../run/model/step-state.ts'
import { describeEvidence, describeObserved, describeUnreadEffect, isUnreadEffect } from '../steps/describe.ts'
import type { Observation } from '../steps/types.ts'

/** A step that was not simply applied or conformant: skipped, failed, in doubt, left, never reached. */
export type Unfinished = { title: string; status: string; note: string; entries: number[] }

/** What the record says of a step that did not simply end well; nothing of all others. */
export function unfinishedOf(run: RunState, step: StepState): Unfinished[] {
  const { planned, status, evidence, readBack, entries, undone } = step
  if (undone) return []
  const entry = (what: string, note: string): Unfinished[] => [{ title: planned.title, status: what, note, entries }]
  const said = evidence ? describeEvidence(evidence) : ''
  if (status === undefined) return entry('not reached', run.closed?.reason ?? 'the run was cut off')
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
          ? 'waited for, and whether it held when the time was up could not be read'
          : 'waited for, and it did not hold when the time was up',
        readBack ? describeObserved(readBack, planned.expectation) : '',
      )
    case 'skipped': {
      const decision = step.decisions.findLast(({ decision }) => decision.choice === 'skip')?.decision
      const why = decision?.choice === 'skip' ? [decision.reason] : []
      return planned.status === 'unknown'
        ? entry(['could not be read, and was skipped', ...why].join(': '), reasonOf(planned.observation))
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
      return entry('failed: the read-back shows no change', [said, ...foundIn(step)].join('; '))
    case 'ambiguous':
      return entry(
        'failed: the read-back shows neither the old nor the wanted state',
        readBack ? `${said}; ${describeObserved(readBack, planned.expectation)}` : said,
      )
    case 'in-doubt':
      return evidence && isUnreadEffect(evidence) && readBack?.state !== 'value' && readBack?.state !== 'absent'
        ? entry('in doubt', describeUnreadEffect(readBack?.state === 'unknown' ? readBack.reason : ''))
        : entry('in doubt', `${said}; ${readBack ? doubtIn(readBack, step) : 'nobody has read what became of it'}`)
    case 'intent-open':
      return entry(
        'in doubt',
        planned.status === 'unseen'
          ? 'it was begun by hand, and nobody has said whether it was done'
          : step.person === undefined
            ? 'a command was started, and the log ends before its outcome'
            : `${step.person} began it by hand, and the log ends before anybody read what became of it`,
      )
  }
}

/** What was read last of a change in doubt, and until when it may still take effect. */
function doubtIn(readBack: Observation, { open, planned }: StepState): string {
  if (readBack.state === 'unknown') return readBack.reason
  const until = open && open.forMs > 0 ? new Date(Date.parse(open.at) + open.forMs).toISOString() : undefined
  const is = describeObserved(readBack, planned.expectation)
  return `when it was last read, ${is}; the change may take effect after that${until === undefined ? '' : `, until ${until} at the latest`}`
}

const reasonOf = (observation: Observation): string => (observation.state === 'unknown' ? observation.reason : '')
