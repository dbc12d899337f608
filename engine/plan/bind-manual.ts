import { parseDuration } from '../base/duration.ts'
import { fillText } from '../runbook/expressions/expression.ts'
import type { ManualStepTemplate, WaitStepTemplate } from '../runbook/types.ts'
import type { BoundManualStep, BoundWaitStep } from '../steps/types.ts'
import type { Context, Own } from './bind-context.ts'
import { bindObserve } from './bind-observe.ts'

/** Binds a manual step's instructions, and the read that proves it. */
export function bindManual(template: ManualStepTemplate, context: Context): Own<BoundManualStep> {
  const { instructions, evidence } = template.manual
  const filled = (text: string) => fillText(text, context.variables)
  return {
    kind: 'manual',
    manual: {
      instructions: filled(instructions).trim(),
      ...(evidence === undefined ? {} : { evidence: filled(evidence) }),
    },
    ...(template.observe ? { proof: bindObserve(template, context) } : {}),
  }
}

/** Binds a wait. */
export function bindWait(template: WaitStepTemplate, context: Context): Own<BoundWaitStep> {
  const { wait } = template
  const waiting =
    'for' in wait
      ? { forMs: parseDuration(wait.for) }
      : { everyMs: parseDuration(wait.every ?? '15s'), withinMs: parseDuration(wait.within) }
  return { kind: 'wait', waiting, ...(template.observe ? { until: bindObserve(template, context) } : {}) }
}
