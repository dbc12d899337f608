import type { PlannedStep } from '../../plan/types.ts'
import { changesAnything } from '../../steps/index.ts'
import type { RunProgress } from '../model/progress.ts'
import { STATUSES } from '../model/step-status.ts'

/**
 * Returns whether a step must run: it has drifted, it has nothing to read, or it is a wait that an earlier change may
 * break.
 */
export function isPending({ status, apply }: PlannedStep): boolean {
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

/**
 * Returns why a question or a wait is not needed; undefined if it is, or for other steps. Only steps of its own runbook
 * count.
 */
export function reasonNotNeeded(planned: PlannedStep, { plan, statuses, pending }: RunProgress): string | undefined {
  const own = plan.steps.filter(({ runbook }) => runbook === planned.runbook)
  const place = own.findIndex(({ key }) => key === planned.key)
  switch (planned.apply?.kind) {
    case 'ask': {
      const later = own.slice(place + 1)
      const changes = pending.some(
        ({ planned: { key, apply } }) =>
          apply !== undefined && changesAnything(apply) && later.some((each) => each.key === key),
      )
      return changes ? undefined : 'no later step changes anything'
    }
    case 'wait': {
      const before = own.slice(0, place).flatMap(({ key }) => statuses.get(key) ?? [])
      const changed = before.some((status) => STATUSES[status].changed)
      return changed || planned.status === 'drift' ? undefined : 'no earlier step changed anything'
    }
    case 'gcloud':
    case 'copy-secret':
    case 'by-hand':
    case undefined:
      return undefined
  }
}
