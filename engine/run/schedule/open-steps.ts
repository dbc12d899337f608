import type { PlannedStep } from '../../plan/types.ts'
import { changesAnything } from '../../steps/index.ts'
import type { RunProgress } from '../model/course.ts'
import { STATUSES } from '../model/step-status.ts'

/** Whether a step has a turn: it is not as it must be, nothing can be read of it, or it holds but a change before it may end that. */
export function isOpen({ status, apply }: PlannedStep): boolean {
  switch (status) {
    case 'drift':
    case 'unseen':
      return true
    case 'conformant':
      return apply?.kind === 'wait'
    case 'unknown':
      return false
  }
}

/** Why nothing calls for a question or a wait now, if so; each speaks of its own runbook's steps. */
export function notNeeded(planned: PlannedStep, { plan, statuses, open }: RunProgress): string | undefined {
  const own = plan.steps.filter(({ runbook }) => runbook === planned.runbook)
  const place = own.findIndex(({ key }) => key === planned.key)
  switch (planned.apply?.kind) {
    case 'ask': {
      const later = own.slice(place + 1)
      const changes = open.some(
        ({ planned: { key, apply } }) =>
          apply !== undefined && changesAnything(apply) && later.some((each) => each.key === key),
      )
      return changes ? undefined : 'nothing after it changes anything'
    }
    case 'wait': {
      const before = own.slice(0, place).flatMap(({ key }) => statuses.get(key) ?? [])
      const changed = before.some((status) => STATUSES[status].changed)
      return changed || planned.status === 'drift' ? undefined : 'nothing before it was changed'
    }
    case 'gcloud':
    case 'copy-secret':
    case 'by-hand':
    case undefined:
      return undefined
  }
}
